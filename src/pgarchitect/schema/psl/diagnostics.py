"""Errors of a schema with their places, and the form in which Prisma prints them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.psl.prisma_schema import Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error: where, and Prisma's sentence about it."""

    span: Span
    text: str


@dataclass(slots=True)
class Diagnostics:
    """The errors found so far, in the order in which they were."""

    found: list[Diagnostic] = field(default_factory=list)

    def error(self, file: str, start: int, end: int, text: str) -> None:
        """Note an error at a place of a file."""
        self.found.append(Diagnostic(Span(file, start, end), text))

    def at(self, span: Span, text: str) -> None:
        """Note an error at a place."""
        self.found.append(Diagnostic(span, text))

    def take(self, other: "Diagnostics") -> None:
        """Move the errors of another collection to this one."""
        self.found += other.found
        other.found.clear()

    def refuse(self, sources: Mapping[str, str]) -> None:
        """Raise all errors as one, where there are any.

        Raises:
            SchemaInvalid: there are errors; its message is what ``prisma validate`` prints, with a mark for its colour.
        """
        if self.found:
            raise SchemaInvalid(message(self.found, sources))


def message(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """All errors, one after the other, and how many they are."""
    shown = [shown_error(each, sources.get(each.span.file, "")) for each in diagnostics]
    return "\n".join(shown) + f"\n\nValidation Error Count: {len(shown)}"


def shown_error(diagnostic: Diagnostic, text: str) -> str:
    """An error with its file, line and column, the line before it, all lines that it stands on, and a mark.

    It is the form of ``prisma validate``, which has colour for a mark, and no column.
    """
    span = diagnostic.span
    first, last = (text.count("\n", 0, each) for each in (span.start, span.end))
    lines = text.split("\n")
    column = span.start - (text.rfind("\n", 0, span.start) + 1)
    length = min(span.end - span.start, len(lines[first].rstrip()) - column)
    mark = "^" * length if length > 0 else "^ Unexpected token."
    shown = [_numbered(first, lines), _numbered(first + 1, lines), f"   | {' ' * column}{mark}"]
    shown += [_numbered(number, lines) for number in range(first + 2, last + 2)]
    head = f"error: {diagnostic.text}\n  -->  {span.file}:{first + 1}:{column + 1}\n   | "
    return "\n".join([head, *shown, "   | "])


def _numbered(number: int, lines: list[str]) -> str:
    return f"{number:2} | {lines[number - 1].rstrip(chr(13))}" if 0 < number <= len(lines) else "   | "
