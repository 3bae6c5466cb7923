"""Indexes made hypothetical on a planner twin for an advice: those that statements ask for, then what merges them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.index_definition import Beginning, IndexDefinition
from pgarchitect.candidates.merged_index import merged_indexes
from pgarchitect.errors import UsageError
from pgarchitect.evidence.plan_costs import Names
from pgarchitect.evidence.write_cost import UpdatedColumns, WriteCost, read_units, updated_columns, write_cost
from pgarchitect.postgres.connection import connect
from pgarchitect.schema.catalog import read_catalog
from pgarchitect.settings import Settings
from pgarchitect.twin.hypothetical import Hypothetical
from pgarchitect.twin.planner_twin import PlannerTwin
from pgarchitect.workbench import Ready, Tried, Workbench
from pgarchitect.workload.table_writes import TableName, Writes

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trying:
    """Where indexes are tried.

    Attributes:
        twin: of the database.
        settings: time-outs.
        written: rows written while the workload runs, by table; None where that cannot be weighed.
    """

    twin: PlannerTwin
    settings: Settings
    written: Mapping[TableName, Writes] | None

    def bench(self, ready: Sequence[Ready], told: Told) -> Workbench:
        """What is known of a workload's costs once everything that could serve it was tried."""
        told("try the indexes that could serve")
        counting = [each for each in ready if each.wanted.weight > 0]
        tried = self._tried(definition for each in counting for definition in each.variants)
        bench = Workbench.of(self.twin, ready, tried, self._write_costs(ready, tried))
        told(f"plan the statements ({len(ready)}) with the indexes ({len(tried.definitions)})")
        bench.explore()
        return self._merged(bench, told)

    def _merged(self, bench: Workbench, told: Told) -> Workbench:
        """With what merges the indexes that the best plans use."""
        known = bench.tried.definitions
        best = bench.costs.best_used(bench.counting)
        sizes = bench.tried.sizes
        more = self._tried(merged_indexes((known[name], sizes[name]) for name in sorted(best)))
        if not more.definitions:
            return bench
        told(f"plan them with indexes that serve several at once ({len(more.definitions)})")
        tried = bench.tried | more
        bench.costs.add(self._served(bench, more), tried.sizes, bench.counting)
        return replace(bench, tried=tried, writing=self._write_costs(bench.ready, tried))

    def _served(self, bench: Workbench, more: Tried) -> list[Names]:
        """Of each row, the merged indexes that may serve it: it could use them, and uses one that begins alike."""
        counting, known = set(bench.counting), bench.tried.definitions
        used = [
            {known[name].beginning for name in bench.costs.best_used([row])} if row in counting else set[Beginning]()
            for row in range(len(bench.owners))
        ]
        return [
            Names(
                name
                for name, definition in more.definitions.items()
                if definition.beginning in used[row] and bench.ready[owner].could_use(definition)
            )
            for row, owner in enumerate(bench.owners)
        ]

    def _tried(self, wanted: Iterable[IndexDefinition]) -> Tried:
        found = {str(definition): definition for definition in wanted}
        with connect(self.twin.url, self.settings) as session:
            taken = set(read_catalog(session, {each.table.name for each in found.values()}).taken)
        named: list[tuple[IndexDefinition, Candidate]] = []
        # Others than B-trees first: only the source's rows tell their sizes, and not many samples are taken.
        for _, definition in sorted(found.items(), key=lambda each: (each[1].method == "btree", each[0])):
            candidate = definition.candidate("missing_index", "", (), taken)
            taken.add(candidate.object_name)
            named.append((definition, candidate))
        made = self.twin.try_indexes([candidate.trial_sql for _, candidate in named])
        definitions: dict[str, IndexDefinition] = {}
        candidates: dict[str, Candidate] = {}
        hypotheticals: dict[str, Hypothetical] = {}
        for (definition, candidate), each in zip(named, made, strict=True):
            if isinstance(each, Hypothetical):
                definitions[each.name] = definition
                candidates[each.name] = candidate
                hypotheticals[each.name] = each
        refused = [str(each) for each in made if isinstance(each, UsageError)]
        return Tried(definitions, candidates, hypotheticals, refused)

    def _write_costs(self, ready: Sequence[Ready], tried: Tried) -> dict[str, WriteCost] | None:
        """What each index that was tried would cost the writes; None where that cannot be weighed."""
        if self.written is None:
            return None
        with connect(self.twin.url, self.settings) as session:
            units = read_units(session)
        tables = {definition.table.oid: definition.table for definition in tried.definitions.values()}
        changed = [(each.tree, each.wanted.weight * each.wanted.rows_changed) for each in ready]
        updated = updated_columns(changed, tables.values())
        return {
            name: write_cost(
                definition,
                tried.hypotheticals[name],
                self.written.get((definition.table.schema, definition.table.name), Writes()),
                updated.get(definition.table.oid, UpdatedColumns({})),
                units,
            )
            for name, definition in tried.definitions.items()
        }
