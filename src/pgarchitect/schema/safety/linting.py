"""Migrations against the rules: the entry point of migration safety."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pgarchitect.schema.safety.facts import TableFact, TableFacts
from pgarchitect.schema.safety.finding import Finding, Found, Severity
from pgarchitect.schema.safety.ignoring import Ignored, ignored_in
from pgarchitect.schema.safety.known import Known
from pgarchitect.schema.safety.lock_modes import LockMode, locks_of
from pgarchitect.schema.safety.reading.names import Name
from pgarchitect.schema.safety.reading.script import Step, read_script
from pgarchitect.schema.safety.registry import RULES
from pgarchitect.schema.safety.rule import Rule, Subject

UNUSED_IGNORE = "unused-ignore"
"""Id of the finding that a comment ignores what is not there: about comments, so it is no rule of statements."""


@dataclass(frozen=True, slots=True)
class MigrationScript:
    """A migration: its file as it is shown, its SQL, and whether its findings are wanted.

    One that has run already is only learned from.
    """

    file: str
    sql: str
    wanted: bool = True


def lint_script(
    sql: str,
    file: str,
    facts: TableFacts | None,
    *,
    ignore: Collection[str] = (),
    style: bool = False,
) -> tuple[Finding, ...]:
    """What hurts a live database in one script.

    Args:
        sql: the script.
        file: its name, as findings show it.
        facts: of the database that it is meant for; None when nobody has asked it, and then every table counts as
            large.
        ignore: ids of rules to leave out.
        style: also find what is a matter of taste.
    """
    return lint_scripts([MigrationScript(file, sql)], facts, ignore=ignore, style=style)


def lint_scripts(
    scripts: Sequence[MigrationScript],
    facts: TableFacts | None,
    *,
    ignore: Collection[str] = (),
    style: bool = False,
) -> tuple[Finding, ...]:
    """What hurts a live database in scripts that run one after the other; each knows what those before it have made.

    Arguments as for ``lint_script``.
    """
    known = Known(facts)
    rules = [rule for rule in RULES if rule.id not in ignore and (style or not rule.style)]
    found: list[Finding] = []
    for script in scripts:
        known.begin_script()
        if script.wanted:
            found += _findings(script, known, rules)
        else:
            for step in read_script(script.sql):
                known.learn(step.statement, step.form)
    return tuple(found)


def _findings(script: MigrationScript, known: Known, rules: Sequence[Rule]) -> Iterator[Finding]:
    steps = read_script(script.sql)
    ignored = set(ignored_in(steps))
    used: set[Ignored] = set()
    locks: list[tuple[tuple[Name, LockMode], ...]] = []
    for number, step in enumerate(steps):
        locks.append(tuple(locks_of(step, known)))
        subject = Subject(steps, number, known, locks)
        for rule in rules:
            for found in rule.check(subject):
                passes = {each for each in ignored if each.rule == rule.id and each.statement in {None, number}}
                used |= passes
                if not passes and (rule.on_new or not known.is_new(found.table)):
                    yield _finding(script.file, step, rule, found, known)
        known.learn(step.statement, step.form)
    asked = {rule.id for rule in rules}
    for unused in sorted(ignored - used, key=lambda each: (each.statement or 0, each.rule)):
        if unused.rule in asked or unused.rule not in {rule.id for rule in RULES}:
            yield _unused(script.file, steps[unused.statement or 0], unused.rule)


def _finding(file: str, step: Step, rule: Rule, found: Found, known: Known) -> Finding:
    fact = known.fact(found.table)
    severity = found.severity or rule.severity
    happens = found.happens
    if fact is not None and rule.by_size:
        happens = f"{happens} {size_of(fact)}"
        severity = Severity.HINT if fact.small else severity
    elif rule.by_size and known.is_to_come(found.table):
        happens = f"{happens} The database does not have that table yet, so it may well be empty when this runs."
        severity = Severity.HINT
    statement = step.statement
    return Finding(rule.id, severity, file, statement.line, statement.end_line, statement.text, happens, found.rewrite)


def _unused(file: str, step: Step, rule: str) -> Finding:
    known = any(each.id == rule for each in RULES)
    says = "finds nothing here" if known else "does not exist"
    statement = step.statement
    return Finding(
        UNUSED_IGNORE,
        Severity.HINT,
        file,
        statement.line,
        statement.end_line,
        statement.text,
        f"A comment ignores the rule {rule}, which {says}: take the comment out.",
        (),
    )


def size_of(fact: TableFact) -> str:
    """How large a table is, in a sentence."""
    rows = f"about {fact.rows:,.0f} rows, " if fact.rows >= 0 else ""
    size = f"{fact.bytes / 1_048_576:,.1f} MB" if fact.bytes >= 1_048_576 else f"{fact.bytes / 1024:,.0f} kB"
    small = ", so this takes no time" if fact.small else ""
    return f"{fact.name.shown} has {rows}{size}{small}."
