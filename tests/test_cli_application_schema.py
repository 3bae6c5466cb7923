"""The application's schema beside an audit or an advice: found or given, and never in the way of what was found."""

from pathlib import Path

import pytest

from pgarchitect.cli.application_schema import application_schema, in_schema
from pgarchitect.errors import SchemaInvalid, UsageError
from pgarchitect.recommendations.in_schema import InSchema
from pgarchitect.settings import Settings

SCHEMA = (
    'datasource db {\n  provider = "postgresql"\n}\n\nmodel Order {\n  id Int @id\n  userId Int @map("user_id")\n}\n'
)
FITTING = 'CREATE INDEX CONCURRENTLY i ON public."Order" (user_id);'
EXPRESSION = 'CREATE INDEX CONCURRENTLY e ON public."Order" (abs(user_id));'
ELSEWHERE = "CREATE INDEX i ON other (a)"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, which has a schema in the usual place."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "schema.prisma"
    file.write_text(SCHEMA, encoding="utf-8")
    return file


def test_indexes_are_told_in_the_words_of_the_schema_that_is_there(
    here: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    del here
    told = in_schema(application_schema(None), (FITTING, EXPRESSION, ELSEWHERE, "DROP INDEX x", FITTING), settings)
    assert told == {
        FITTING: InSchema("schema.prisma", "Order", '@@index([userId], map: "i")'),
        EXPRESSION: InSchema("schema.prisma", "Order"),
        "DROP INDEX x": InSchema("schema.prisma", dropped=True),
    }
    # The schema was only found: that it is another application's is no news.
    assert capsys.readouterr().err == ""


def test_indexes_to_drop_are_told_of_a_schema_that_is_their_own(here: Path, settings: Settings) -> None:
    declared, other = 'DROP INDEX CONCURRENTLY public."Order_user_id_idx";', "DROP INDEX CONCURRENTLY public.other;"
    unknown = InSchema("schema.prisma", dropped=True)
    found = application_schema(None)
    assert in_schema(found, (other,), settings) == {}
    assert in_schema(application_schema(Path("schema.prisma")), (other,), settings) == {other: unknown}
    here.write_text(SCHEMA.removesuffix("}\n") + "  @@index([userId])\n}\n", encoding="utf-8")
    told = in_schema(application_schema(None), (declared, other), settings)
    assert told == {declared: InSchema("schema.prisma", "Order", "@@index([userId])", dropped=True), other: unknown}


def test_what_does_not_fit_a_schema_that_was_given_is_said(
    here: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_schema(application_schema(here), (FITTING, ELSEWHERE), settings).keys() == {FITTING}
    assert f'{here} has no place for 1 of 2 indexes (relation "other" does not exist).' in " ".join(
        capsys.readouterr().err.split()
    )


def test_a_schema_with_errors_stops_only_who_named_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here.write_text("model A {\n", encoding="utf-8")
    assert application_schema(None) is None
    assert "schema.prisma has errors" in capsys.readouterr().err
    with pytest.raises(SchemaInvalid):
        application_schema(here)


def test_no_schema_is_no_error_unless_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert application_schema(None) is None
    assert in_schema(None, (FITTING,), Settings()) == {}
    with pytest.raises(UsageError, match="does not exist"):
        application_schema(tmp_path / "nowhere.prisma")


def test_a_name_that_the_server_would_cut_costs_nothing_else(
    here: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    here.write_text(SCHEMA.replace("user_id", "u" * 64), encoding="utf-8")
    assert in_schema(application_schema(None), ("DROP INDEX CONCURRENTLY i;",), settings) == {}
    assert "Indexes are told as SQL alone: The field userId" in " ".join(capsys.readouterr().err.split())


def test_what_goes_wrong_costs_nothing_else(here: Path, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    here.write_text(SCHEMA.replace("userId Int", 'userId Unsupported("nowhere")'), encoding="utf-8")
    assert in_schema(application_schema(None), (FITTING,), settings) == {}
    assert "Indexes are told as SQL alone: The embedded server cannot make the tables" in " ".join(
        capsys.readouterr().err.split()
    )
