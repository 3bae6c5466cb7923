"""What the tests say of a statement: which index it gets, or why it gets none; through real candidates and proof."""

from collections.abc import Sequence

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.index_definition import IndexDefinition
from pgarchitect.candidates.index_variants import index_variants
from pgarchitect.candidates.kinds import propose
from pgarchitect.candidates.missing_index import why_none
from pgarchitect.candidates.shape import table_uses
from pgarchitect.evidence.evidence import Evidence, Measurement, Method
from pgarchitect.evidence.plan import PlanNode
from pgarchitect.evidence.proof import Effort
from pgarchitect.postgres.connection import connect
from pgarchitect.proving import Proposals, Proven, by_execution, parsed
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.schema.catalog import Catalog, read_catalog
from pgarchitect.workload.fingerprint import fingerprint
from pgarchitect.workload.syntax import parse, plain_names
from pgarchitect.workload.workload import Statement

QUICK = Effort(runs=3, budget_s=0.5, limit_ms=5_000, build_limit_ms=10_000)


class Silent:
    """Hears of progress and does nothing."""

    def step(self, number: int, name: str, total: int | None = None) -> None:
        """A step begins."""

    def advance(self, amount: int = 1, note: str = "") -> None:
        """Something was done."""

    def done(self, count: str) -> None:
        """A step is finished."""


def statement(text: str, *, calls: int = 100, mean_ms: float = 10.0, rows_per_call: float = 10.0) -> Statement:
    """A statement of a workload, as if the server had counted it."""
    return Statement(fingerprint(text), (1,), text, calls, calls * mean_ms, round(calls * rows_per_call), 1.0)


def catalog_of(database: str, *texts: str) -> Catalog:
    """The catalog of the tables that statements name; those that cannot be read name none."""
    names = plain_names(parsed([statement(text) for text in texts]).values())
    with connect(database) as connection:
        return read_catalog(connection, names)


def proposed(database: str, *texts: str) -> tuple[Candidate, ...]:
    """The candidates for some statements, before anything is proven."""
    return propose(parsed([statement(text) for text in texts]), catalog_of(database, *texts))


def definition(candidate: Candidate) -> str:
    """The index that a candidate creates, without its name: ``public.posts (user_id)``."""
    return candidate.key.partition(": ")[2]


def proven(
    database: str,
    statements: Sequence[Statement],
    *,
    sandbox: str | None = None,
    pending: Sequence[Candidate] = (),
    effort: Effort = QUICK,
) -> Proven:
    """Steps 4 and 5 of an audit for some statements."""
    catalog = catalog_of(database, *(each.text for each in statements))
    candidates = propose(parsed(statements), catalog)
    concerned = {each for candidate in candidates for each in candidate.fingerprints}
    asked = [each for each in statements if each.fingerprint in concerned]
    with connect(sandbox or database, read_only=False) as connection:
        return by_execution(connection, Proposals("test", asked, candidates, pending, catalog), effort, Silent())


def variants_of(database: str, text: str) -> list[IndexDefinition]:
    """The indexes that the advisor tries for a statement."""
    catalog = catalog_of(database, text)
    return index_variants(table_uses(parse(text), catalog), catalog)


def accepted(found: Proven) -> list[Recommendation]:
    """Those that are recommended."""
    return [each for each in found.recommendations if each.verdict is not Verdict.REJECTED]


def assert_recommends(database: str, sql: str, *indexes: str, rows_per_call: float = 10.0) -> list[Recommendation]:
    """For ``sql`` exactly these indexes are recommended, after real runs on ``database``."""
    recommended = accepted(proven(database, [statement(sql, rows_per_call=rows_per_call)]))
    assert sorted(definition(each.candidate) for each in recommended) == sorted(indexes)
    return recommended


def assert_refuses(database: str, sql: str, reason: str, *, rows_per_call: float = 10.0) -> None:
    """For ``sql`` nothing is recommended, and some sentence that says why holds ``reason``."""
    asked = statement(sql, rows_per_call=rows_per_call)
    found = proven(database, [asked])
    assert [definition(each.candidate) for each in accepted(found)] == []
    reasons = [each.next_step for each in found.recommendations] + list(found.refused.values())
    if not reasons:
        reasons = [why_none(parse(sql), catalog_of(database, sql))]
    assert any(reason in each for each in reasons), reasons


def plan(*indexes: str) -> PlanNode:
    """A plan that uses these indexes."""
    scans = tuple(_node("Index Scan", index, ()) for index in indexes)
    return _node("Append", None, scans)


def _node(kind: str, index: str | None, children: tuple[PlanNode, ...]) -> PlanNode:
    return PlanNode(kind, None, index, (), 10.0, 1.0, 1.0, 1.0, 1.0, None, children)


def measurement(*times_ms: float, cost: float = 100.0, indexes: Sequence[str] = (), out: bool = False) -> Measurement:
    """Runs that took so long; ``out``: ended by the time-out."""
    return Measurement(times_ms, cost, 10, plan(*indexes), timed_out=out)


def evidence(
    before: Measurement,
    after: Measurement | None,
    *,
    fingerprint: str = "f",
    used: bool = True,
    held: tuple[int, int] = (2, 2),
    size: int = 8192,
    method: Method = Method.EXECUTION,
) -> Evidence:
    """Evidence from two measurements; the gain held for ``held[0]`` of ``held[1]`` parameter sets."""
    was, now = before.median_ms or 0.0, after.median_ms if after else None
    sets = ((was, was if now is None else now),) if after else ()
    return Evidence(fingerprint, method, (), before, after, used, held[0], held[1], size, 1.0, "", sets)


def candidate(key: str, *fingerprints: str, table: str = "public.t") -> Candidate:
    """An index that is called as its key."""
    return Candidate(
        "missing_index", table, f"create {key}", "drop", "try", key, f"public.{key}", "", fingerprints, key
    )
