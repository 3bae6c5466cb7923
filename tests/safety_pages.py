"""The pages of the migration safety rules, written from the rules themselves: ``python -m tests.safety_pages``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pgarchitect.schema.safety.finding import Finding, Severity
from pgarchitect.schema.safety.linting import MigrationScript, lint_scripts
from pgarchitect.schema.safety.registry import RULES
from pgarchitect.schema.safety.rule import Example, Rule, Taken
from tests.safety_measure import SCENE

FOLDER: Final = Path(__file__).parent.parent / "docs" / "migration-safety"
_SEVERITIES: Final = {
    Severity.ERROR: "An **error**: the exit code is 20.",
    Severity.WARNING: "A **warning**: it is printed, and does not change the exit code.",
    Severity.HINT: "A **hint**: it is printed, and does not change the exit code.",
}


def findings_of(rule: Rule, sql: str) -> list[Finding]:
    """What a rule finds in a script that runs on the tables of the scene, about which no database was asked."""
    scripts = [MigrationScript("scene.sql", SCENE, wanted=False), MigrationScript("migration.sql", sql)]
    return [each for each in lint_scripts(scripts, None, style=True) if each.rule == rule.id]


def page(rule: Rule) -> str:
    """The page of a rule."""
    parts = [f"# {rule.id}", f"{rule.title[:1].upper()}{rule.title[1:]}. {_severity(rule)}", rule.page]
    for example in rule.examples:
        parts += _example(rule, example)
    parts.append(f"To let one statement pass:\n\n```sql\n-- pgarchitect: ignore {rule.id} (why it is safe here)\n```")
    return "\n\n".join(parts) + "\n"


def table() -> str:
    """What was measured, rule by rule."""
    lines = [
        "| rule | statement | table | what it takes | the rewrite takes, migration by migration |",
        "|---|---|---|---|---|",
    ]
    for rule in RULES:
        for example in rule.examples:
            if example.takes is not None or example.fails:
                lines.append(_row(rule, example))  # noqa: PERF401  # two loops and a condition read better so
    return "\n".join(lines)


def verified() -> str:
    """The page with that table."""
    return f"# What was measured\n\n{_INTRODUCTION}\n\n{table()}\n\n{_REAL}\n"


def _severity(rule: Rule) -> str:
    told = [_SEVERITIES[rule.severity]]
    if rule.by_size and rule.severity is not Severity.HINT:
        told.append("With `--dsn`, on a [small table](overview.md#sizes), a hint.")
    if rule.style:
        told.append("Only with `--style`.")
    return " ".join(told)


def _example(rule: Rule, example: Example) -> Iterator[str]:
    yield f"```sql\n{example.sql}\n```"
    if example.fails:
        yield f"The server ends it with SQLSTATE {example.fails}."
    elif example.takes is not None:
        since = f" (PostgreSQL {example.since} and newer)" if example.since > 14 else ""
        yield f"Measured on `{example.table}`{since}: {taken(example.takes)}."
    found = findings_of(rule, example.sql)[0]
    if found.rewrite:
        yield _rewrite(found, example)


def _rewrite(found: Finding, example: Example) -> str:
    lines = ["Instead:" if len(found.rewrite) == 1 else "Instead, each part a migration of its own:"]
    measures = example.steps or (None,) * len(found.rewrite)
    for step, measure in zip(found.rewrite, measures, strict=True):
        lines.append(f"```sql\n{step}\n```")
        if measure is not None:
            lines.append(f"Measured: {taken(measure)}.")
    return "\n\n".join(lines)


def taken(what: Taken) -> str:
    """A measure in words."""
    did = [word for word, done in (("reads all rows", what.scans), ("writes the table anew", what.rewrites)) if done]
    lock = f"`{what.lock.value}`" if what.lock else "no lock"
    return ", ".join([lock, *did])


def _row(rule: Rule, example: Example) -> str:
    sql = " ".join(example.sql.split()).replace("|", "\\|")
    takes = taken(example.takes) if example.takes else f"SQLSTATE {example.fails}"
    steps = "; ".join("-" if step is None else taken(step) for step in example.steps) or "-"
    since = f" ({example.since}+)" if example.since > 14 else ""
    return f"| [{rule.id}]({rule.id}.md) | `{sql}`{since} | `{example.table}` | {takes} | {steps} |"


_INTRODUCTION: Final = """Each claim of a rule about locks is a value in the rule's file, and the tests measure it:
they run the statement in an open transaction of PostgreSQL 18 and read from `pg_locks` the strongest lock that it
holds on the table, from `pg_relation_filenode` whether the table was written anew, and from `pg_stat_xact_all_tables`
whether it was read. A statement that no transaction can hold is looked at while another transaction stands in its
way. Each rewrite is run as well, migration by migration, and none of them may read or write a whole table while it
holds a lock that stops writes. `make test-thorough` does the same on PostgreSQL 15, with the same results.

One row for each statement; `-` is a part that is run without a measure, or that is not SQL."""

_REAL: Final = """## On migrations of others

`python -m tests.safety_truth FOLDER` runs migrations statement by statement on PostgreSQL 18 and compares what was
measured with what the rules say: a statement hurts when it reads or writes anew a table that was there before its
migration, under a lock that stops writes. The migrations of three public applications, as of August 2026, with no
database asked:

| application | migrations | statements that ran | hurt | found | missed | false alarms |
|---|---|---|---|---|---|---|
| umami | 19 | 176 | 32 | 32 | 0 | 0 |
| documenso | 163 | 762 | 165 | 165 | 0 | 0 |
| langfuse | 434 | 986 | 150 | 150 | 0 | 0 |

Ten statements did not run there, for want of an extension or of rows; 98 run outside a transaction and were not
measured. Rules about the running application, such as drop-column, cannot be measured so."""


def main() -> None:
    """Write all pages."""
    for rule in RULES:
        (FOLDER / f"{rule.id}.md").write_text(page(rule), encoding="utf-8")
    (FOLDER / "verified.md").write_text(verified(), encoding="utf-8")


if __name__ == "__main__":
    main()
