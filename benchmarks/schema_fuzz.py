"""Texts that are nearly schemas: whatever they are, reading refuses or takes them, and formatting keeps every word.

``python -m benchmarks.schema_fuzz [MINUTES [SEED]]`` tries them for ten minutes; a few seconds of it are a test. A text
that breaks a rule is shown with its number, and the program ends with code 1.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.console import Console

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.psl.formatting import formatted, laid_out
from pgarchitect.schema.psl.reading import parse_schema

SCHEMAS: Final = Path(__file__).parent.parent / "tests" / "schemas"
_PIECES: Final[tuple[str, ...]] = (
    *"{}[]()@,:?!=\"'\\/*.-_ \t\n\r\0é²😀\u00a0\u2028",
    *("@@", "[]", "?", "[]?", "//", "///", "/*", "*/", "\r\n", "\n\n", '"', "\\u12", "\\ud83d", "env(", "raw("),
    *("model ", "enum ", "view ", "type ", "datasource ", "generator ", " {\n", "\n}\n", "Unsupported(", "@relation("),
    *("@id", "@unique", "@default(", "@map(", "@db.", "@@index([", "@@id([", "@@map(", "fields: [", "references: ["),
    *(
        "Int",
        "String",
        "Json",
        "autoincrement()",
        "now()",
        "dbgenerated(",
        "where: {",
        "sort: Desc",
        "ops: ",
        "99" * 30,
    ),
)
_LAYOUT: Final = str.maketrans(dict.fromkeys("*,:!", ""))
"""What the layout adds or leaves out: stars of comments, commas behind the last argument, marks of Prisma 1."""


def corpus() -> list[str]:
    """The texts that are mutated: our own schemas, whole."""
    return [each.read_text(encoding="utf-8") for each in sorted(SCHEMAS.rglob("*.prisma"))]


def mutants(texts: Sequence[str], seed: int) -> Iterator[str]:
    """Without an end: pieces of schemas with some things put in, left out, repeated or exchanged."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    lines = [text.splitlines(keepends=True) for text in texts]
    while True:
        source = chance.choice(lines)
        start = chance.randrange(len(source))
        text = "".join(source[start : start + chance.randint(1, 60)])
        for _ in range(chance.randint(0, 8)):
            text = _mutated(text, chance, lines)
        yield text


def _mutated(text: str, chance: random.Random, lines: Sequence[Sequence[str]]) -> str:
    at = chance.randint(0, len(text))
    end = min(len(text), at + chance.choice((1, 1, 2, 5, 20, 80)))
    match chance.randrange(7):
        case 0:
            return text[:at] + text[end:]
        case 1:
            return text[:at] + text[at:end] * 2 + text[end:]
        case 2:
            return text[:at] + chance.choice(chance.choice(lines)) + text[at:]
        case 3:
            return text[:at] + text[at:end][::-1] + text[end:]
        case 4:
            return text[:at] + chance.choice(_PIECES) * chance.choice((1, 1, 1, 2, 50)) + text[end:]
    return text[:at] + chance.choice(_PIECES) + text[at:]


def broken(text: str) -> str | None:
    """The rule that a text breaks, or None."""
    with suppress(SchemaInvalid):
        parse_schema({"schema.prisma": text})
    once = laid_out(text)
    if laid_out(once) != once:
        return "what is laid out does not stay as it is"
    if _words(once) != _words(text):
        return "laying it out loses or adds something"
    if not formatted(text):
        return "formatting it leaves nothing"
    return None


def _words(text: str) -> Counter[str]:
    return Counter("".join(text.translate(_LAYOUT).split()))


def main(arguments: Sequence[str]) -> int:
    """Try texts for so many minutes."""
    console = Console()
    minutes = float(arguments[0]) if arguments else 10.0
    seed = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(10**6)
    console.print(f"seed {seed}, {minutes:g} minutes")
    end = time.monotonic() + 60 * minutes
    tried = 0
    for text in mutants(corpus(), seed):
        try:
            rule = broken(text)
        except RecursionError:
            rule = "it is too deep for Python"
        tried += 1
        if rule is not None:
            console.print(f"text {tried}: {rule}\n{text!r}", markup=False, highlight=False)
            return 1
        if time.monotonic() > end:
            break
    console.print(f"{tried} texts, no rule broken")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
