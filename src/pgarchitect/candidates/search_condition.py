"""Conditions that search inside a value: patterns, words, documents and arrays."""

import re
from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from pgarchitect.workload.syntax import parameter_number

_WITH_KEYS: Final = (exp.JSONBContainsTopKey, exp.JSONBContainsAnyTopKeys, exp.JSONBContainsAllTopKeys)
_EITHER_WAY: Final = (exp.ArrayContainsAll, exp.ArrayContainedBy, exp.ArrayOverlaps)
_PATTERNS: Final = (exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpILike)
_PREFIX: Final = re.compile(r"[^%_]")
_TRIGRAM: Final = re.compile(r"[^\W_]{3}")


def search_condition(node: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """What is searched, and the list of ``TableUse`` that it belongs to."""
    if node.args.get("negate"):
        return
    if isinstance(node, _PATTERNS):
        yield from _pattern(node)
    elif isinstance(node, exp.StartsWith):
        yield node.this, "pattern"
    elif isinstance(node, _EITHER_WAY):
        yield node.this, "contained"
        yield node.expression, "contained"
    elif isinstance(node, _WITH_KEYS):
        yield node.this, "with_keys"
    elif isinstance(node, exp.JSONBPathExists):
        yield node.this, "contained"
    elif isinstance(node, exp.MatchAgainst):
        for side in (node.this, *node.expressions):
            yield side, "words"


def _pattern(node: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """A parameter may be any pattern; a constant shows whether it begins with something and has three letters."""
    pattern = node.expression
    text = str(pattern.this) if isinstance(pattern, exp.Literal) and parameter_number(pattern) is None else None
    if isinstance(node, exp.Like) and (text is None or _PREFIX.match(text)):
        yield node.this, "pattern"
    if isinstance(node, (exp.RegexpLike, exp.RegexpILike)) and (text is None or text.startswith("^")):
        yield node.this, "pattern"
    if text is None or _TRIGRAM.search(text):
        yield node.this, "searched"
