"""What a reader must know of a sandbox before he believes it, a sentence each."""

from collections.abc import Iterator, Sequence

from pgarchitect.sandbox.choice import Choice
from pgarchitect.sandbox.closure import Closure
from pgarchitect.sandbox.reading import Catalog

_NAMED = 5


def of_version(source_major: int, server_version: str) -> Iterator[str]:
    """Another planner and executor than the source's."""
    major = int(server_version.split(".", maxsplit=1)[0])
    if major != source_major:
        yield (
            f"The sandbox is PostgreSQL {major} and the source {source_major}, so plans may differ; install PostgreSQL"
            f" {source_major} on this machine, or name its directory in PGARCHITECT_TWIN_PROGRAMS, to have the same."
        )


def of_sample(catalog: Catalog, choice: Choice, closure: Closure) -> Iterator[str]:
    """Rows that belong together and were drawn apart, and references into nothing."""
    units = catalog.tables.units
    roots = {table.oid: table.root for table in catalog.tables.by_oid.values()}
    joined = {roots[end] for each in catalog.tables.references for end in (each.child, each.parent)}
    alone = sorted(units[root].table.spelled for root in choice.sampled - joined)
    if alone and len(units) > 1:
        yield (
            f"No foreign key says which rows of other tables belong to those of {_some(alone)}: drawn for themselves,"
            " they lose rows in joins with other sampled tables; name the joins, such as --join 'orders (customer_id)"
            " REFERENCES customers (id)'."
        )
    for name, number in closure.dangling.items():
        yield f"{name} refers to {number:,} row{'s' if number > 1 else ''} that the source does not have either."


def of_sequences(catalog: Catalog) -> Iterator[str]:
    """Sequences that begin anew."""
    if catalog.unread_sequences:
        names = _some(catalog.unread_sequences)
        yield f"The role may not read the sequences {names}; in the sandbox they begin anew."


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
