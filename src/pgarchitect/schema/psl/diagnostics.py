"""Errors in a ``schema.prisma``, collected in one pass and told as Prisma tells them: file, line, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.psl.prisma_schema import Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error: its sentence, and the stretch of the source that it is about."""

    message: str
    span: Span


class Diagnostics:
    """Collects errors.

    Args:
        sources: file name → text.
    """

    __slots__ = ("_found", "sources")

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources
        self._found: list[Diagnostic] = []

    def add(self, message: str, file: str, start: int, end: int) -> None:
        """Note an error about a stretch of a file."""
        found = Diagnostic(message, Span(file, start, end))
        if found not in self._found:
            self._found.append(found)

    def at(self, message: str, span: Span) -> None:
        """Note an error about a span."""
        self.add(message, span.file, span.start, span.end)

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """What was found, by file and position."""
        order = {file: number for number, file in enumerate(self.sources)}
        return tuple(sorted(self._found, key=lambda each: (order[each.span.file], each.span.start)))

    def refuse(self) -> None:
        """Raise what was found.

        Raises:
            SchemaInvalid: there are errors; the message has all of them.
        """
        if self._found:
            raise SchemaInvalid(self.told())

    def told(self) -> str:
        """All errors as text, with the lines that they are about."""
        found = self.found
        parts = [told(each, self.sources[each.span.file]) for each in found]
        count = f"{len(found)} error{'' if len(found) == 1 else 's'} in the Prisma schema; correct the lines above."
        return "\n".join([*parts, count])


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, from 1."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def told(found: Diagnostic, text: str) -> str:
    """One error with its line, the one before it, and a mark below what it is about."""
    line, column = position(text, found.span.start)
    lines = text.split("\n")
    width = len(str(line))
    shown = lines[line - 1].rstrip("\r") if line <= len(lines) else ""
    marks = max(1, min(found.span.end - found.span.start, len(shown) - column + 1))
    before = [f"{line - 1:>{width}} | {lines[line - 2].rstrip(chr(13))}"] if line > 1 else []
    # The column counts characters, so a tab before the mark stays a tab.
    pad = "".join("\t" if each == "\t" else " " for each in shown[: column - 1])
    return "\n".join(
        [
            f"error: {found.message}",
            f"{' ' * width}--> {found.span.file}:{line}:{column}",
            f"{' ' * width} |",
            *before,
            f"{line:>{width}} | {shown}",
            f"{' ' * width} | {pad}{'^' * marks}",
        ]
    )
