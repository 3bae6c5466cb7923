"""The rules of migration safety without a server: what they find, what they leave alone, what their rewrites are."""

import re
from pathlib import Path

import pytest

from pgarchitect.schema.safety.facts import SMALL_BYTES, SMALL_ROWS
from pgarchitect.schema.safety.finding import Finding, Severity
from pgarchitect.schema.safety.linting import UNUSED_IGNORE, MigrationScript, lint_script, lint_scripts
from pgarchitect.schema.safety.registry import RULES
from pgarchitect.schema.safety.rule import Example, Rule
from tests.safety_measure import SCENE
from tests.safety_pages import FOLDER, findings_of, page, verified

EXAMPLES = [(rule, example) for rule in RULES for example in rule.examples]
HARMLESS = [(rule, sql) for rule in RULES for sql in rule.harmless]
EXAMPLE_SCHEMA = next(
    (Path(__file__).parent.parent / "examples" / "edfinance" / "migrations").glob("*_init/migration.sql")
)


def label(value: object) -> str | None:
    if isinstance(value, Rule):
        return value.id
    return value.sql[-40:] if isinstance(value, Example) else None


def found(sql: str, *, style: bool = False) -> list[tuple[str, int]]:
    return [(each.rule, each.line) for each in lint_script(sql, "m.sql", None, style=style)]


def rules(sql: str, *before: str) -> set[str]:
    scripts = [*(MigrationScript("before.sql", each, wanted=False) for each in before), MigrationScript("m.sql", sql)]
    return {each.rule for each in lint_scripts(scripts, None)}


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=label)
def test_a_rule_finds_its_example_once(rule: Rule, example: Example) -> None:
    (finding,) = findings_of(rule, example.sql)
    assert finding.severity in {rule.severity, Severity.WARNING, Severity.ERROR}
    assert finding.happens.endswith((".", '").'))
    assert all(step.strip() for step in finding.rewrite)


@pytest.mark.parametrize(("rule", "sql"), HARMLESS)
def test_a_rule_leaves_alone_what_is_harmless(rule: Rule, sql: str) -> None:
    assert findings_of(rule, sql) == []


@pytest.mark.parametrize(
    ("rule", "example"),
    [each for each in EXAMPLES if each[1].takes and each[1].takes.hurts and each[1].steps],
    ids=label,
)
def test_a_rewrite_is_found_safe_itself(rule: Rule, example: Example) -> None:
    (finding,) = findings_of(rule, example.sql)
    steps = [MigrationScript(f"{number}.sql", sql) for number, sql in enumerate(finding.rewrite)]
    again = lint_scripts([MigrationScript("scene.sql", SCENE, wanted=False), *steps], None)
    assert [each for each in again if each.severity is not Severity.HINT] == []


def test_the_ids_of_rules_are_those_of_their_files() -> None:
    folder = Path(__file__).parent.parent / "src" / "pgarchitect" / "schema" / "safety" / "rules"
    assert sorted(rule.id for rule in RULES) == sorted(
        path.stem.replace("_", "-") for path in folder.glob("*.py") if path.stem != "__init__"
    )


@pytest.mark.parametrize("rule", RULES, ids=label)
def test_the_page_of_a_rule_says_what_the_rule_says(rule: Rule) -> None:
    text = (FOLDER / f"{rule.id}.md").read_text(encoding="utf-8")
    assert text == page(rule), "write it anew with: python -m tests.safety_pages"


def test_the_table_of_measures_says_what_the_rules_say() -> None:
    assert (FOLDER / "verified.md").read_text(encoding="utf-8") == verified(), "python -m tests.safety_pages"


def test_there_is_no_page_of_a_rule_that_does_not_exist() -> None:
    others = {"overview", "verified", "compared"}
    assert {path.stem for path in FOLDER.glob("*.md")} - others == {rule.id for rule in RULES}


def test_the_overview_links_every_rule() -> None:
    text = (FOLDER / "overview.md").read_text(encoding="utf-8")
    assert f"It knows {len(RULES)} rules" in text
    assert f"fewer than {SMALL_ROWS:,} rows and less than {SMALL_BYTES // 1_048_576} MB" in text
    for rule in RULES:
        told = f"{rule.severity.value}, `--style`" if rule.style else rule.severity.value
        assert f"| [{rule.id}]({rule.id}.md) | {told} | {rule.title} |" in text


def test_the_comparison_names_every_rule() -> None:
    text = (FOLDER / "compared.md").read_text(encoding="utf-8")
    assert {rule.id for rule in RULES} - set(re.findall(r"`([a-z-]+)`", text)) == set()


def test_a_whole_schema_in_one_migration_is_nothing_to_worry_about() -> None:
    assert lint_script(EXAMPLE_SCHEMA.read_text(encoding="utf-8"), "m.sql", None) == ()


def test_findings_carry_the_line_of_their_statement() -> None:
    sql = "-- one\n/* two\n three */\nSELECT ';';\n\nDROP TABLE\n  orders;\n"
    (finding,) = [each for each in lint_script(sql, "m.sql", None) if each.rule == "drop-table"]
    assert (finding.line, finding.end_line, finding.statement) == (6, 7, "DROP TABLE\n  orders")


def test_strings_comments_and_bodies_are_no_statements() -> None:
    sql = """
        INSERT INTO log (text) VALUES ('DROP TABLE a; TRUNCATE b');
        SELECT E'\\'; DROP TABLE a', $q$ DROP TABLE a; $q$, "DROP TABLE a;" FROM c /* ; DROP TABLE a; /* ; */ ; */;
        CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
        CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql AS $$ BEGIN TRUNCATE a; END $$;
    """
    assert found(sql) == []


def test_a_block_is_looked_into() -> None:
    sql = "DO $$\nBEGIN\n  IF true THEN\n    ALTER TABLE a ADD CONSTRAINT c CHECK (b > 0);\n  END IF;\nEND $$;"
    assert ("check-not-valid", 4) in found(sql)


@pytest.mark.parametrize(
    "comment",
    [
        "-- pgarchitect: ignore drop-table (moved)\nDROP TABLE a;",
        "DROP TABLE a; -- pgarchitect: ignore drop-table",
        "/* pgarchitect: ignore truncate, drop-table (both) */ DROP TABLE a; TRUNCATE b;",
        "DROP TABLE /* pgarchitect: ignore drop-table */ a;",
        "-- pgarchitect: ignore-file drop-table (it is all gone)\nSELECT 1;\nDROP TABLE a;",
    ],
)
def test_a_comment_lets_a_statement_pass(comment: str) -> None:
    assert "drop-table" not in rules(comment)


def test_a_comment_lets_one_statement_pass_only() -> None:
    sql = "-- pgarchitect: ignore drop-table (moved)\nDROP TABLE a;\nDROP TABLE b;"
    assert [each for each in found(sql) if each[0] == "drop-table"] == [("drop-table", 3)]


def test_a_comment_without_use_is_found() -> None:
    assert (UNUSED_IGNORE, 2) in found("-- pgarchitect: ignore drop-table (moved)\nSELECT 1;")
    assert (UNUSED_IGNORE, 2) in found("-- pgarchitect: ignore no-such-rule\nDROP TABLE a;")


def test_earlier_migrations_tell_types_and_checks() -> None:
    before = "CREATE TABLE a (id bigint, b varchar(10), c int);"
    assert "alter-column-type" not in rules("ALTER TABLE a ALTER COLUMN b TYPE varchar(20);", before)
    assert "alter-column-type" in rules("ALTER TABLE a ALTER COLUMN c TYPE bigint;", before)
    checked = "ALTER TABLE a ADD CONSTRAINT n CHECK ((c IS NOT NULL)) NOT VALID;"
    change = "ALTER TABLE public.a ALTER c SET NOT NULL;"
    assert "set-not-null" in rules(change, before, checked)
    assert "set-not-null" not in rules(change, before, checked, "ALTER TABLE a VALIDATE CONSTRAINT n;")


def test_a_partition_with_a_matching_check_is_attached_without_a_word() -> None:
    attach = "ALTER TABLE p ATTACH PARTITION q FOR VALUES FROM (1) TO (9);"
    before = "CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE TABLE q (a int);"
    assert "attach-partition" in rules(attach, before)
    check = "ALTER TABLE q ADD CONSTRAINT c CHECK (a IS NOT NULL AND a >= 1 AND a < 9);"
    assert "attach-partition" not in rules(attach, before, check)


def test_what_the_migration_has_created_is_never_blamed() -> None:
    assert "index-not-concurrent" in rules(
        "CREATE TABLE IF NOT EXISTS a (id int); CREATE INDEX ON a (id);", "CREATE TABLE a (id int);"
    )
    sql = """
        CREATE TABLE fresh (id int, b text);
        CREATE INDEX ON fresh (b); ALTER TABLE fresh ALTER COLUMN b SET NOT NULL;
        ALTER TABLE fresh ADD CONSTRAINT k UNIQUE (b); ALTER TABLE fresh RENAME TO fresher;
        ALTER TABLE fresher ALTER COLUMN id TYPE bigint; UPDATE fresher SET b = 'x'; DROP TABLE fresher;
    """
    assert found(sql) == []


def test_rules_of_taste_are_asked_for() -> None:
    sql = "CREATE TABLE fresh (id SERIAL PRIMARY KEY, doc json, at timestamp);"
    assert found(sql) == []
    assert {rule for rule, _ in found(sql, style=True)} == {
        "style-int-key",
        "style-json",
        "style-serial",
        "style-timestamp",
    }


def test_rules_can_be_left_out() -> None:
    found: tuple[Finding, ...] = lint_script("DROP TABLE a;", "m.sql", None, ignore=("drop-table",))
    assert {each.rule for each in found} == {"missing-lock-timeout"}


@pytest.mark.parametrize(
    "sql",
    [
        *("", ";", "'", '"', "/*", "DO", "DO $$", "DROP", "UPDATE", "VACUUM (", "CREATE INDEX ON", "ALTER TABLE"),
        *("ALTER TABLE a (", "ALTER TABLE a ADD COLUMN b int DEFAULT", "ALTER TABLE p ATTACH PARTITION q"),
        "CREATE TABLE q PARTITION OF p",
        "CREATE TABLE a (b . NOT NULL)",
    ],
)
def test_half_a_statement_is_no_accident(sql: str) -> None:
    lint_script(sql, "m.sql", None, style=True)
