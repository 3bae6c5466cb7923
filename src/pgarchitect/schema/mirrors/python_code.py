"""Python as ``ruff format`` writes it: expressions broken where a line would be too long, strings, docstrings."""

import inspect
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 88
"""The formatter's default; with a comma behind each last item the text stays the same where lines may be longer."""
_CONTROL: Final = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), 8232, 8233), " ")


@dataclass(frozen=True, slots=True)
class Node:
    """A call, list, …: what opens it, what it holds, what closes it, and how it stands in one line if not so joined."""

    opening: str
    items: tuple["Node | str", ...]
    closing: str
    joined: str = ""


def call(function: str, *items: Node | str) -> Node:
    """A call; ``function`` may have a keyword before it: ``default=sa.text``."""
    return Node(f"{function}(", items, ")")


def listed(items: Sequence[Node | str], keyword: str = "") -> Node:
    """A list; ``keyword``: ``name=`` before it."""
    return Node(f"{keyword}[", tuple(items), "]")


def tupled(items: Sequence[str]) -> Node:
    """A tuple."""
    return Node("(", tuple(items), ")", f"({items[0]},)" if len(items) == 1 else "")


def imported(module: str, names: Sequence[str]) -> str:
    """``from module import names``, in the order that sorters want."""
    ordered = sorted(names, key=lambda each: (not each.isupper(), not each[:1].isupper(), each))
    return "\n".join(
        _lines(
            Node(f"from {module} import (", tuple(ordered), ")", f"from {module} import {', '.join(ordered)}"), 0, ""
        )
    )


def mapping(items: Sequence[tuple[str, Node | str]], keyword: str = "") -> Node:
    """A dictionary whose keys are code."""
    return Node(f"{keyword}{{", tuple(_prefixed(f"{key}: ", value) for key, value in items), "}")


def keyword(name: str, value: Node | str) -> Node | str:
    """``name=value``."""
    return _prefixed(f"{name}=", value)


def statement(opening: str, node: Node, indent: int = 0) -> str:
    """``opening`` and a node behind it, in as many lines as it takes."""
    return "\n".join(_lines(_prefixed(opening, node), indent, ""))


def annotated(name: str, kind: str, indent: int = 4) -> str:
    """``name: kind`` on one line, which no formatter breaks where it is too long."""
    return skipped(f"{' ' * indent}{name}: {kind}")


def skipped(line: str) -> str:
    """A line that no formatter shall break or join, however long it is."""
    return line if width(line) <= WIDTH else f"{line}  # fmt: skip"


def has(word: str, text: str) -> bool:
    """Whether a text has a word, or a name and the point behind it (``dt.``), that is no part of a longer one.

    Looking for the letters first is much faster in a text of thousands of lines than looking for words.
    """
    whole = re.compile(rf"\b{re.escape(word)}" + ("" if word.endswith(".") else r"\b"))
    at = text.find(word)
    while at >= 0:
        if whole.match(text, at):
            return True
        at = text.find(word, at + 1)
    return False


def cut(name: str, columns: int) -> str:
    """The beginning of a name that takes at most so many columns."""
    while width(name) > columns:
        name = name[:-1]
    return name


def _prefixed(prefix: str, value: Node | str) -> "Node | str":
    if isinstance(value, str):
        return f"{prefix}{value}"
    return Node(prefix + value.opening, value.items, value.closing, value.joined and prefix + value.joined)


def _lines(node: "Node | str", indent: int, behind: str) -> Iterator[str]:
    flat = _flat(node)
    if isinstance(node, str) or not node.items or indent + width(flat + behind) <= WIDTH:
        yield f"{' ' * indent}{flat}{behind}"
        return
    yield f"{' ' * indent}{node.opening}"
    for each in node.items:
        yield from _lines(each, indent + 4, ",")
    yield f"{' ' * indent}{node.closing}{behind}"


def _flat(node: "Node | str") -> str:
    if isinstance(node, str):
        return node
    return node.joined or f"{node.opening}{', '.join(map(_flat, node.items))}{node.closing}"


def width(text: str) -> int:
    """Columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    return sum(_width(each) for each in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"F", "W"} else 1


def string(text: str) -> str:
    """A string literal in the quotes that need fewer backslashes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    made = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    if not made.isprintable():
        made = "".join(_escaped(each) for each in made)
    return f"{quote}{made}{quote}"


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character) or repr(character)[1:-1]


def docstring(text: str, indent: int = 0) -> str:
    """A docstring, whatever its text has in it."""
    clean = inspect.cleandoc(text.translate(_CONTROL)).strip()
    lines = [each.rstrip() for each in clean.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n")]
    if lines[0].startswith('"'):
        lines[0] = f" {lines[0]}"
    if len(lines) == 1 and lines[0].endswith('"'):
        lines[0] += " "
    margin = " " * indent
    body = "\n".join([f'{margin}"""{lines[0]}', *(f"{margin}{each}".rstrip() for each in lines[1:])])
    return f'{body}"""' if len(lines) == 1 else f'{body}\n{margin}"""'
