"""TPC-DS: data and the 99 questions from DuckDB's extension, primary keys only.

The texts of the questions are read from the extension at run time and never kept: they are the TPC's. Column types are
the extension's, but that its 64-bit keys and counts are ``integer``, as in the specification.
"""

import importlib
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from benchmarks.advisor.subject import MEGABYTE, Subject, needed, settle
from pgarchitect.advising import Wanted
from pgarchitect.postgres.connection import connect
from pgarchitect.settings import Settings

_EXTENSION: Final = "duckdb_extension_tpcds"
_BLOCK: Final = 1 << 20
_TYPES: Final = {"BIGINT": "integer"}
_DOMINANT: Final = frozenset({4, 6, 9, 10, 11, 32, 35, 41, 95})
"""Left out by J. Kossmann, S. Halfpap, M. Jankrift, R. Schlosser, "Magic mirror in my hand, which is the best in the
land?", PVLDB 13 (2020): their cost hides all others'."""
_KEYS: Final = {
    "call_center": "cc_call_center_sk",
    "catalog_page": "cp_catalog_page_sk",
    "catalog_returns": "cr_item_sk, cr_order_number",
    "catalog_sales": "cs_item_sk, cs_order_number",
    "customer": "c_customer_sk",
    "customer_address": "ca_address_sk",
    "customer_demographics": "cd_demo_sk",
    "date_dim": "d_date_sk",
    "household_demographics": "hd_demo_sk",
    "income_band": "ib_income_band_sk",
    "inventory": "inv_date_sk, inv_item_sk, inv_warehouse_sk",
    "item": "i_item_sk",
    "promotion": "p_promo_sk",
    "reason": "r_reason_sk",
    "ship_mode": "sm_ship_mode_sk",
    "store": "s_store_sk",
    "store_returns": "sr_item_sk, sr_ticket_number",
    "store_sales": "ss_item_sk, ss_ticket_number",
    "time_dim": "t_time_sk",
    "warehouse": "w_warehouse_sk",
    "web_page": "wp_web_page_sk",
    "web_returns": "wr_item_sk, wr_order_number",
    "web_sales": "ws_item_sk, ws_order_number",
    "web_site": "web_site_sk",
}
"""Primary keys of the specification, 2.3 and 2.4."""


def tpcds(scale: float) -> Subject:
    """TPC-DS at a scale factor."""
    return Subject(
        name="tpcds",
        title=f"TPC-DS, scale factor {scale:g}",
        load=partial(load, scale=scale),
        wanted=lambda _url, _settings: workload(),
        budgets=[round(scale * 500 * MEGABYTE), None],
        most=None,
        left_out=f"Questions {', '.join(map(str, sorted(_DOMINANT)))} weigh nothing, as in the literature: their cost"
        " hides that of all others. Extend is given one column an index: with two it takes many minutes.",
        width=1,
        everything=lambda: workload(everything=True),
    )


def workload(*, everything: bool = False) -> list[Wanted]:
    """The 99 questions, each of weight 1; the dominant ones weigh nothing unless ``everything`` is asked for."""
    with _duckdb().connect() as memory:
        _load_extension(memory)
        found = memory.execute("SELECT query_nr, query FROM tpcds_queries() ORDER BY query_nr").fetchall()
    return [
        Wanted(text.strip().rstrip(";"), 0.0 if number in _DOMINANT and not everything else 1.0)
        for number, text in found
    ]


def load(url: str, settings: Settings, *, scale: float) -> None:
    """Create the tables and fill them.

    Raises:
        UsageError: DuckDB or its extension is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="pgarchitect-bench-") as folder:
        file = Path(folder) / "rows"
        with _duckdb().connect(str(Path(folder) / "tpcds.duckdb")) as made:
            _load_extension(made)
            made.execute(f"CALL dsdgen(sf={scale:g})")
            for table, key in _KEYS.items():
                made.execute(f"COPY {table} TO '{file}' (FORMAT csv, HEADER false, NULLSTR '\\N')")
                _copy(url, settings, f"CREATE TABLE {table} ({_columns(made, table)}, PRIMARY KEY ({key}))", file)
    settle(url, settings)


def _columns(made: Any, table: str) -> str:  # noqa: ANN401  # DuckDB's
    found: Sequence[tuple[str, str]] = made.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position",
        [table],
    ).fetchall()
    return ", ".join(f"{name} {_TYPES.get(kind, kind)}" for name, kind in found)


def _copy(url: str, settings: Settings, create: str, file: Path) -> None:
    table = create.split()[2]
    with connect(url, settings, read_only=False) as connection, file.open("rb") as rows:
        connection.execute(create.encode())
        with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv, NULL '\\N')".encode()) as target:
            while block := rows.read(_BLOCK):
                target.write(block)


def _duckdb() -> ModuleType:
    with needed("duckdb"):
        return importlib.import_module("duckdb")


def _load_extension(connection: Any) -> None:  # noqa: ANN401  # DuckDB's
    """From the wheel's file: nothing is downloaded."""
    with needed(_EXTENSION):
        place = Path(str(importlib.import_module(_EXTENSION).__file__)).parent
    file = next(place.rglob("tpcds.duckdb_extension"))
    connection.execute(f"LOAD '{file}'")
