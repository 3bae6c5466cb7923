"""TypeScript as prettier lays it out at 80 columns: what fits on its line stays there, what does not is opened."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import east_asian_width

WIDTH: Final = 80
_ENCODED: Final = json.JSONEncoder(ensure_ascii=False).encode
_CHAIN: Final = 2
"""A chain of more calls is broken once one argument is more than a literal."""
RESERVED: Final = frozenset(
    [
        "arguments",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "eval",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "undefined",
        "var",
        "void",
        "while",
        "with",
        "yield",
    ]
)
"""What no constant of a module may be called: https://tc39.es/ecma262/#prod-ReservedWord and strict mode's."""


def fits(line: str) -> bool:
    """Whether a line is no longer than 80 columns; wide letters of East Asia take two."""
    wide = 0 if line.isascii() else sum(east_asian_width(each) in {"F", "W"} for each in line)
    return len(line) + wide <= WIDTH


def text(value: str) -> str:
    """A string literal."""
    double = _ENCODED(value)
    if value.count('"') <= value.count("'"):
        return double
    return "'" + double[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"  # with fewer quotes to escape


def template(value: str) -> str:
    """A template literal's text, between the backticks."""
    return value.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")


def is_identifier(name: str) -> bool:
    """Whether a name can stand without quotes; Python's rule for letters is that of JavaScript (Unicode, ID_Start)."""
    return name.replace("$", "_").isidentifier()


def key(name: str) -> str:
    """The name of a property, with quotes where it needs them."""
    return name if is_identifier(name) else text(name)


def member(owner: str, name: str) -> str:
    """A property of something: ``user.id``, ``user["e-mail"]``."""
    return f"{owner}.{name}" if is_identifier(name) else f"{owner}[{text(name)}]"


def comment(documentation: str, indent: str = "") -> str:
    """``/** … */`` and a line's end; empty without documentation."""
    if not documentation:
        return ""
    lines = documentation.replace("*/", "*\\/").split("\n")
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {each}".rstrip() + "\n" for each in lines)
    return f"{indent}/**\n{body}{indent} */\n"


Properties = tuple[tuple[str, str | tuple[str, ...]], ...]
"""Keys and values of an object; a tuple is an array."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a chain.

    Attributes:
        name: what is called, with its dot if it has one: ``text``, ``.notNull``.
        arguments: each on one line.
        properties: of an object that is the last argument; empty: there is none.
        simple: prettier takes the arguments for simple, so that a long chain may stay on one line.
        opened: each property stands on a line of its own.
    """

    name: str
    arguments: tuple[str, ...] = ()
    properties: Properties = ()
    simple: bool = True
    opened: bool = False

    @property
    def flat(self) -> str:
        """On one line."""
        return f"{self.name}({', '.join((*self.arguments, *self._object))})"

    @property
    def bare(self) -> bool:
        """Nothing is between the parentheses."""
        return not self.arguments and not self.properties

    @property
    def _object(self) -> tuple[str, ...]:
        entries = ", ".join(f"{name}: {_flat(value)}" for name, value in self.properties)
        return (f"{{ {entries} }}",) if entries else ()


def _flat(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else f"[{', '.join(value)}]"


def chain(calls: Sequence[Call], indent: str, before: str = "", after: str = ",") -> str:
    """Calls of one another's results, without a line's end.

    Args:
        calls: the first of a function, the others of methods.
        indent: of the line.
        before: what stands there before it.
        after: what stands behind it.
    """
    forced = any(each.opened for each in calls)
    complex_ = len(calls) > _CHAIN and not all(each.simple for each in calls)
    flat = indent + before + "".join(each.flat for each in calls) + after
    if not forced and not complex_ and fits(flat):
        return flat
    if len(calls) > _CHAIN:
        first = _call(calls[0], indent, before, "")
        rest = [_call(each, indent + "  ", "", "") for each in calls[1:]]
        return "\n".join((first, *rest)) + after
    if len(calls) == 1:
        return _call(calls[0], indent, before, after)
    return _pair(calls, indent, before, after)


def _pair(calls: Sequence[Call], indent: str, before: str, after: str) -> str:
    """Two calls on lines that are too short for them: the last is opened, or the first where even that is too long."""
    first, last = calls
    opens = f"{indent}{before}{first.flat}{last.name}("
    if first.opened or not fits(opens) or last.bare:
        return _opened(first, indent, before, "") + _call(last, indent, "", after)[len(indent) :]
    return _call(last, indent, before + first.flat, after)


def _call(call: Call, indent: str, before: str, after: str) -> str:
    flat = indent + before + call.flat + after
    whole = not call.opened and (fits(flat) or call.bare)
    return flat if whole else _opened(call, indent, before, after)


def _opened(call: Call, indent: str, before: str, after: str) -> str:
    """A call over several lines: its object is opened, or every argument gets a line of its own."""
    head = f"{before}{call.name}({''.join(f'{each}, ' for each in call.arguments)}{{"
    if call.properties and fits(indent + head):
        return f"{indent}{head}\n{properties(call.properties, indent + '  ')}{indent}}}){after}"
    lines = "".join(f"{indent}  {each},\n" for each in call.arguments)
    if call.properties:
        lines += f"{indent}  {{\n{properties(call.properties, indent + '    ')}{indent}  }},\n"
    return f"{indent}{before}{call.name}(\n{lines}{indent}){after}"


def properties(entries: Properties, indent: str) -> str:
    """The lines of an object that is open."""
    return "".join(
        (f"{indent}{name}: {value}," if isinstance(value, str) else listed(f"{name}: ", value, indent, ",")) + "\n"
        for name, value in entries
    )


def listed(before: str, items: Sequence[str], indent: str, after: str) -> str:
    """An array: on one line if it fits there, else each item on its own."""
    flat = f"{indent}{before}[{', '.join(items)}]{after}"
    if fits(flat):
        return flat
    lines = "".join(f"{indent}  {each},\n" for each in items)
    return f"{indent}{before}[\n{lines}{indent}]{after}"
