"""The kinds of candidate, registered in one place."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from sqlglot import exp

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.candidates.missing_index import missing_indexes
from pgarchitect.schema.catalog import Catalog

Kind = Callable[[str, exp.Expr, Catalog], list[Candidate]]
"""(fingerprint, parsed statement, catalog) → candidates for that statement."""

KINDS: Final[tuple[Kind, ...]] = (missing_indexes,)


def propose(parsed: Mapping[str, exp.Expr], catalog: Catalog) -> tuple[Candidate, ...]:
    """Every kind's candidates for every statement (fingerprint → tree); one that several ask for is listed once."""
    merged: dict[str, Candidate] = {}
    for fingerprint, tree in parsed.items():
        for kind in KINDS:
            for candidate in kind(fingerprint, tree, catalog):
                same = merged.get(candidate.key, replace(candidate, fingerprints=()))
                merged[candidate.key] = replace(same, fingerprints=(*same.fingerprints, fingerprint))
    return tuple(merged.values())
