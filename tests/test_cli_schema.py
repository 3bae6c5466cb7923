"""pgarchitect schema format and validate, as a user calls them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pgarchitect.cli.schema_format import format_schema
from pgarchitect.cli.schema_validate import validate
from pgarchitect.errors import SchemaInvalid, UsageError

Cli = Callable[..., subprocess.CompletedProcess[str]]
UGLY = "model A {\nid Int @id // why\n}\n"
FINE = "model A {\n  id Int @id // why\n}\n"


def test_a_file_is_laid_out_and_keeps_its_rights(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "schema.prisma"
    file.write_text(UGLY, encoding="utf-8")
    file.chmod(0o640)
    with pytest.raises(SchemaInvalid, match=r"Not laid out: .*schema\.prisma"):
        format_schema(file, check=True)
    assert file.read_text(encoding="utf-8") == UGLY
    done = cli("schema", "format", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert (file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777) == (FINE, 0o640)
    assert [each.name for each in tmp_path.iterdir()] == ["schema.prisma"]


@pytest.mark.parametrize("where", ["prisma/schema.prisma", "schema.prisma", "prisma/models.prisma"])
def test_the_schema_is_found_where_prisma_looks_for_it(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / where
    file.parent.mkdir(exist_ok=True)
    file.write_text(UGLY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    format_schema(check=False)
    assert file.read_text(encoding="utf-8") == FINE
    format_schema(check=True)


def test_errors_are_told_at_once_with_exit_code_15(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.prisma").write_text("model A {\n  id Int @id\n  b Nothing\n}\n", encoding="utf-8")
    (tmp_path / "b.prisma").write_text("modle B {\n}\n", encoding="utf-8")
    found = cli("schema", "validate", str(tmp_path))
    assert found.returncode == 15
    assert "a.prisma:3:5" in found.stderr
    assert "b.prisma:1:1" in found.stderr
    assert "Validation Error Count: 3" in found.stderr
    assert "Traceback" not in found.stderr


def test_what_is_no_schema_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "schema.prisma"
    file.write_bytes(b"model A {\n\xff\n}\n")
    with pytest.raises(SchemaInvalid, match="not UTF-8"):
        format_schema(file, check=False)
    assert file.read_bytes() == b"model A {\n\xff\n}\n"
    with pytest.raises(UsageError, match="does not exist"):
        validate(tmp_path / "none.prisma")
