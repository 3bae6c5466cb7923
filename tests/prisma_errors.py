"""Small schemas that are wrong, and what Prisma says of each, recorded; run as a program, it records anew.

``prisma_errors.json`` has a schema a line: its text, Prisma's errors (offsets in characters, sentence), and ``ours``
where this project says something else on purpose. ``HEAD`` stands before a text that has no datasource.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.prisma_wasm import PrismaWasm, prisma

HEAD: Final = 'datasource db {\n  provider = "postgresql"\n}\n\n'
FILE: Final = Path(__file__).with_suffix(".json")
Told = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A schema, Prisma's errors, and the errors that we want instead, if any."""

    schema: str
    errors: tuple[Told, ...]
    ours: tuple[Told, ...] | None

    @property
    def text(self) -> str:
        """The whole schema."""
        return self.schema if "datasource " in self.schema or self.schema.startswith("//alone") else HEAD + self.schema

    @property
    def wanted(self) -> tuple[Told, ...]:
        """The errors that are right."""
        return self.errors if self.ours is None else self.ours


def cases() -> list[Case]:
    """What is recorded."""
    lines = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    return [
        Case(each["schema"], told(each["errors"]), told(each["ours"]) if "ours" in each else None) for each in lines
    ]


def told(errors: list[list[int | str]]) -> tuple[Told, ...]:
    """Errors as they stand in the file."""
    return tuple((int(start), int(end), str(text)) for start, end, text in errors)


def said(text: str, oracle: PrismaWasm) -> tuple[Told, ...]:
    """Prisma's errors of a schema, by their places."""
    found = oracle.lint({"schema.prisma": text})
    return tuple(sorted((each.start, each.end, each.text) for each in found if not each.is_warning))


def _record() -> None:
    lines = []
    for case in cases():
        line: dict[str, object] = {"schema": case.schema, "errors": said(case.text, prisma())}
        if case.ours is not None:
            line["ours"] = case.ours
        lines.append(json.dumps(line, ensure_ascii=False))
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _record()
