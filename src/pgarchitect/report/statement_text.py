"""A statement as a person reads it: laid out over lines, keywords and parameters marked."""

import re

from markupsafe import Markup, escape

from pgarchitect.report.safe_text import visible
from pgarchitect.workload.syntax import UnreadableStatement, parse

LONGEST = 20_000
"""Characters beyond which a statement is shown as it is: laying it out would take seconds."""
_LINE = 100
"""Characters of a line below which nothing is broken up."""

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
    """The statement over as few lines as keep it readable; unchanged when it is short, very long or not understood.

    The parser reads a parameter as the literal ``'$1'``. A statement that holds such a literal of its own is left
    alone, since the two could not be told apart afterwards.
    """
    if len(text) > LONGEST or _PARAMETER_LITERAL.search(text) or (len(text) <= _LINE and "\n" not in text):
        return visible(text)
    try:
        pretty = parse(text).sql(dialect="postgres", pretty=True)
    except (UnreadableStatement, RecursionError):
        return visible(text)
    shown = pretty if _COMMENT_OR_LONG_TEXT.search(text) else _joined(pretty)
    return visible(_PARAMETER_LITERAL.sub(r"\1", shown))


_COMMENT_OR_LONG_TEXT = re.compile(r"""--|/\*|'[^']*\n[^']*'|"[^"]*\n[^"]*\"""")
"""A line end may belong to a comment or to a text over several lines: nothing is joined then."""


def _joined(pretty: str) -> str:
    """Lists and single conditions back on one line, as far as a line reaches."""
    return "\n".join(_with_single_bodies(_with_lists(pretty.splitlines())))


def _with_lists(lines: list[str]) -> list[str]:
    """Lines of one depth that go on after a comma become one, and a join's condition stands beside it."""
    found: list[str] = []
    for line in lines:
        last = found[-1] if found else ""
        joined = f"{last} {line.strip()}"
        goes_on = last.endswith(",") and _depth(last) == _depth(line) and line.count("(") == line.count(")")
        if (goes_on or ("JOIN " in last and line.lstrip().startswith("ON "))) and len(joined) <= _LINE:
            found[-1] = joined
        else:
            found.append(line)
    return found


def _with_single_bodies(lines: list[str]) -> list[str]:
    """A keyword and the only line below it become one."""
    found: list[str] = []
    for number, line in enumerate(lines):
        last = found[-1] if found else ""
        after = lines[number + 1] if number + 1 < len(lines) else ""
        alone = _KEYWORDS_ALONE.fullmatch(last) and _depth(line) > _depth(last) >= _depth(after)
        joined = f"{last} {line.strip()}"
        if alone and len(joined) <= _LINE:
            found[-1] = joined
        else:
            found.append(line)
    return found


_KEYWORDS_ALONE = re.compile(r" *[A-Z]+(?: [A-Z]+)*")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


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
