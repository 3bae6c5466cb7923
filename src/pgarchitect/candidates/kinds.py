"""The kinds of candidate, registered in one place."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.missing_index import missing_indexes
from pgarchitect.schema.catalog import Catalog

Kind = Callable[[str, exp.Expr, Catalog, Collection[str]], list[Candidate]]
"""(fingerprint, parsed statement, catalog, names that are taken) → candidates for that statement."""

KINDS: Final[tuple[Kind, ...]] = (missing_indexes,)


def propose(parsed: Mapping[str, exp.Expr], catalog: Catalog) -> tuple[Candidate, ...]:
    """Every kind's candidates for every statement (fingerprint → tree); one that several ask for is listed once."""
    proposed = _proposed(parsed, catalog, catalog.taken)
    uses = Counter(candidate.object_name for candidate in proposed)
    clashing = {name for name, count in uses.items() if count > 1}  # (a, b) and (a_b) would have the same name
    return _proposed(parsed, catalog, catalog.taken | clashing) if clashing else proposed


def _proposed(parsed: Mapping[str, exp.Expr], catalog: Catalog, taken: Collection[str]) -> tuple[Candidate, ...]:
    merged: dict[str, Candidate] = {}
    for fingerprint, tree in parsed.items():
        for kind in KINDS:
            for candidate in kind(fingerprint, tree, catalog, taken):
                same = merged.get(candidate.key, replace(candidate, fingerprints=()))
                merged[candidate.key] = replace(same, fingerprints=(*same.fingerprints, fingerprint))
    return tuple(merged.values())
