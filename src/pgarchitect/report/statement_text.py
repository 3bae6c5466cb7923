"""A statement as a person reads it: laid out over lines, keywords and parameters marked."""

import re

from markupsafe import Markup, escape

from pgarchitect.report.safe_text import visible
from pgarchitect.workload.syntax import UnreadableStatement, parse

LONGEST = 20_000
"""Characters beyond which a statement is shown as it is: laying it out would take seconds."""

_PARAMETER_LITERAL = re.compile(r"'(\$\d+)'")
_KEYWORDS = (
    "ALL|ANALYZE|AND|ANY|AS|ASC|BETWEEN|BY|CASE|CAST|CONCURRENTLY|CREATE|CROSS|DELETE|DESC|DISTINCT|DROP|ELSE|END|"
    "EXCEPT|EXISTS|FALSE|FILTER|FOR|FROM|FULL|GROUP|HAVING|IF|ILIKE|IN|INCLUDE|INDEX|INNER|INSERT|INTERSECT|INTO|IS|"
    "JOIN|LATERAL|LEFT|LIKE|LIMIT|NOT|NULL|NULLS|OFFSET|ON|ONLY|OR|ORDER|OUTER|OVER|PARTITION|RECURSIVE|RETURNING|"
    "RIGHT|SELECT|SET|TABLE|THEN|TRUE|UNION|UNIQUE|UPDATE|USING|VALUES|WHEN|WHERE|WITH|WITHIN"
)
_PIECES = re.compile(
    rf"""(?P<c>--[^\n]*|/\*.*?\*/)|(?P<s>'(?:[^']|'')*')|(?P<q>"(?:[^"]|"")*")|(?P<p>\$\d+\b)|(?P<k>\b(?:{_KEYWORDS})\b)""",
    re.DOTALL | re.IGNORECASE,
)
_CLASSES = {"c": "sql-comment", "s": "sql-text", "p": "sql-parameter", "k": "sql-keyword"}


def laid_out(text: str) -> str:
    """The statement over several lines; unchanged when the parser does not know it or it is very long.

    The parser reads a parameter as the literal ``'$1'``. A statement that holds such a literal of its own is left
    alone, since the two could not be told apart afterwards.
    """
    if len(text) > LONGEST or _PARAMETER_LITERAL.search(text):
        return visible(text)
    try:
        pretty = parse(text).sql(dialect="postgres", pretty=True)
    except (UnreadableStatement, RecursionError):
        return visible(text)
    return visible(_PARAMETER_LITERAL.sub(r"\1", pretty))


def highlighted(sql: str) -> Markup:
    """SQL as HTML, every character of it escaped, with keywords, texts, comments and parameters marked."""
    text = visible(sql)
    parts: list[Markup] = []
    position = 0
    for match in _PIECES.finditer(text):
        parts.extend((escape(text[position : match.start()]), _marked(match)))
        position = match.end()
    parts.append(escape(text[position:]))
    return Markup("").join(parts)


def _marked(match: re.Match[str]) -> Markup:
    name = _CLASSES.get(match.lastgroup or "")
    return Markup('<span class="{}">{}</span>').format(name, match[0]) if name else escape(match[0])
