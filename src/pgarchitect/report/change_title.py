"""A change named in a few words: ``index on orders (user_id, created_at)``."""

import re

from pgarchitect.candidates.candidate import Candidate
from pgarchitect.report.safe_text import one_line

_CREATE_INDEX = re.compile(
    r"""\s*CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\b .*? \bON\s+ (?:ONLY\s+)?
        (?P<table>(?:"(?:[^"]|"")+"|[^\s("])+) \s* (?:USING\s+(?P<method>\w+)\s*)? (?=\()""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_DROP_INDEX = re.compile(r"\s*DROP\s+INDEX\b", re.IGNORECASE)
_PLAIN = re.compile(r'"([a-z_][a-z0-9_$]*)"')
_QUOTED = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'')


def change_title(candidate: Candidate) -> str:
    """What the change is, on one line."""
    if match := _CREATE_INDEX.match(candidate.sql):
        return one_line(_index_title(candidate.sql, match))
    table = unqualified(candidate.table)
    if _DROP_INDEX.match(candidate.sql):
        return one_line(f"drop index {unqualified(candidate.object_name)} on {table}")
    return one_line(f"{candidate.kind.replace('_', ' ')} on {table}")


def unqualified(name: str) -> str:
    """A name without the schema ``public`` and without quotes that it does not need."""
    plain = _PLAIN.sub(r"\1", name)
    return plain.removeprefix("public.") or plain


def _index_title(sql: str, match: re.Match[str]) -> str:
    end = _closing(sql, match.end())
    keys, rest = (_PLAIN.sub(r"\1", part) for part in (sql[match.end() + 1 : end], sql[end + 1 :].rstrip(" \n;")))
    method = (match["method"] or "btree").lower()
    kind = " ".join(filter(None, ("unique" if match["unique"] else "", "" if method == "btree" else method, "index")))
    return f"{kind} on {unqualified(match['table'])} ({keys}) {rest}"


def _closing(sql: str, opening: int) -> int:
    """The position of the parenthesis that closes the one at ``opening``; the end when it is never closed."""
    blanked = _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), sql)
    depth = 0
    for position in range(opening, len(blanked)):
        depth += {"(": 1, ")": -1}.get(blanked[position], 0)
        if depth == 0:
            return position
    return len(sql)
