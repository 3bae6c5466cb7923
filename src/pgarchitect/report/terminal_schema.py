"""The proposed indexes in the words of the application's schema, to be copied into its models."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from pgarchitect.recommendations.audit import Audit
from pgarchitect.recommendations.in_schema import InSchema
from pgarchitect.report.figures import in_force, known, proposed
from pgarchitect.report.safe_text import one_line

_Ranked = tuple[str, InSchema]
"""Rank of a change, ``earlier`` for one that an earlier audit proposed; and how the schema says it."""


def schema_title(audit: Audit) -> str:
    """``In prisma/schema.prisma``; empty where no change is told in the words of a schema."""
    told = _told(audit)
    return f"In {one_line(told[0][1].path)}" if told else ""


def schema_to_copy(audit: Audit, console: Console) -> None:
    """Print the attributes below the name of their model, then which changes go as SQL into a migration."""
    told = _told(audit)
    console.print()
    for line in (*_attributes(told), *_without_words(told)):
        console.print(Text(one_line(line), style="dim" if line.startswith("//") else ""), soft_wrap=True)


def _told(audit: Audit) -> list[_Ranked]:
    ranked = [(str(rank), item.in_schema) for rank, item in enumerate(proposed(audit), 1)]
    ranked += [("earlier", item.in_schema) for item in known(audit) if not in_force(item)]
    return [(rank, told) for rank, told in ranked if told is not None]


def _attributes(told: Sequence[_Ranked]) -> Iterator[str]:
    models: dict[str, list[_Ranked]] = defaultdict(list)
    for rank, each in told:
        if each.line:
            models[each.model].append((rank, each))
    for model, members in models.items():
        yield f"// model {model} ({', '.join(rank for rank, _ in members)})"
        for each in dict.fromkeys(each for _, each in members):
            yield f"{each.line}{' // stands there already' if each.there else ''}"


def _without_words(told: Sequence[_Ranked]) -> Iterator[str]:
    if ranks := [rank for rank, each in told if not each.line]:
        it = "it" if len(ranks) == 1 else "them"
        yield (
            f"// As SQL in a migration, since the schema has no word for {it} ({', '.join(ranks)}):"
            " pgarchitect schema index 'CREATE INDEX …'"
        )
