"""The pages for those who come from Prisma Client Python and SQLAlchemy: what they say to write is run."""

import ast
import asyncio
import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import psycopg
import pytest
import sqlalchemy
import sqlalchemy.orm
from sqlalchemy.dialects import postgresql

from pgarchitect.access import failures
from pgarchitect.access.fields import Field
from pgarchitect.access.options import PoolOptions
from tests.access_lab import client, create

DOCS = Path(__file__).parent.parent / "docs"
PRISMA = (DOCS / "from-prisma-client-python.md").read_text(encoding="utf-8")
PRISMA_JS = (DOCS / "from-prisma-client-js.md").read_text(encoding="utf-8")
SQLALCHEMY = (DOCS / "from-sqlalchemy.md").read_text(encoding="utf-8")
SEED = """
TRUNCATE "User", "Post" RESTART IDENTITY CASCADE;
INSERT INTO "User" (email, name, points, tags) VALUES
  ('ann@x.org', 'Ann', 5, '{new}'), ('ben@x.org', 'Ben', 10, '{old}'), ('cat@x.org', NULL, 20, '{}');
INSERT INTO "Post" (title, published, views, "authorId") VALUES
  ('One', true, 3, 1), ('Two', false, 0, 1), ('Three', false, 7, 3);
"""


class Pair(msgspec.Struct):
    """What the page has rows made of."""

    id: int
    email: str


def block(page: str, language: str) -> str:
    """The first block of code in that language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def pairs(page: str) -> list[tuple[str, str]]:
    """Left and right of each row of code."""
    return re.findall(r"^\| `(.+?)` \| `(.+?)` \|$", page, re.MULTILINE)


def rows_of_code(page: str, *, but: str = "") -> list[tuple[str, str]]:
    return [(left, right) for left, right in pairs(page) if not (but and right.startswith(but))]


def value_of(code: str, names: dict[str, Any], *, coroutine: bool) -> Any:  # noqa: ANN401  # whatever a page calls gives back
    """Run one line; its value, where it is an expression."""
    tree = ast.parse(code, mode="exec")
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        tree.body[-1] = ast.Return(last.value)
    shell = ast.parse(f"{'async ' if coroutine else ''}def work():\n    pass")
    assert isinstance(shell.body[0], ast.FunctionDef | ast.AsyncFunctionDef)
    shell.body[0].body = tree.body
    exec(compile(ast.fix_missing_locations(shell), "page", "exec"), names)  # noqa: S102  # our own page
    return names["work"]()


def test_the_pages_have_the_tables_that_are_run() -> None:
    assert len(pairs(PRISMA)) > 60
    assert len(pairs(SQLALCHEMY)) > 40
    for page in (PRISMA, SQLALCHEMY):
        assert len(pairs(page)) == len(re.findall(r"^\| `", page, re.MULTILINE))


@pytest.fixture(scope="module")
def prisma_client(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(block(PRISMA, "prisma"), tmp_path_factory.mktemp("client"), "prisma_page_client")


@pytest.fixture(scope="module")
def sqlalchemy_client(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return client(block(SQLALCHEMY, "prisma"), tmp_path_factory.mktemp("client"), "sqlalchemy_page_client")


def test_calls_of_prisma_become_calls_that_run(fresh_database: str, prisma_client: ModuleType) -> None:
    create(fresh_database, block(PRISMA, "prisma"))
    code = rows_of_code(PRISMA, but="failures.")

    async def run() -> None:
        names: dict[str, Any] = {
            "AsyncDatabase": prisma_client.AsyncDatabase,
            "Database": prisma_client.Database,
            "PoolOptions": PoolOptions,
            "DSN": fresh_database,
        }
        for left, right in code:
            ast.parse(left)
            seed(fresh_database)
            async with prisma_client.AsyncDatabase(fresh_database) as db:
                value = await value_of(right, {**names, "db": db}, coroutine=True)
            assert value is not None or "find_" not in right, right

    asyncio.run(run())


def test_calls_of_prisma_in_javascript_become_calls_that_run(fresh_database: str, prisma_client: ModuleType) -> None:
    create(fresh_database, block(PRISMA, "prisma"))
    code = [right.replace("\\|", "|") for _, right in pairs(PRISMA_JS)]
    assert len(code) == len(re.findall(r"^\| `", PRISMA_JS, re.MULTILINE)) > 20

    async def run() -> None:
        for each in code:
            seed(fresh_database)
            async with prisma_client.AsyncDatabase(fresh_database) as db:
                value = await value_of(each, {"db": db, "Field": Field}, coroutine=True)
            assert value is not None, each

    asyncio.run(run())


def test_what_prisma_writes_is_written(fresh_database: str, prisma_client: ModuleType) -> None:
    """The table says what happens, not only what runs: a few rows of it, looked at."""
    create(fresh_database, block(PRISMA, "prisma"))
    said = dict(pairs(PRISMA))
    expected: Mapping[str, tuple[str, Any]] = {
        "await db.user.update(where={'id': 1}, data={'points': {'increment': 5}})": (
            'points FROM "User" WHERE id = 1',
            10,
        ),
        "await db.post.delete_many(where={'published': False})": ('count(*) FROM "Post"', 1),
        "await db.user.create_many(data=[{'email': 'ann@x.org'}], skip_duplicates=True)": ('count(*) FROM "User"', 3),
        "async with db.batch_() as batch: batch.post.delete_many(where={'views': 0})": ('count(*) FROM "Post"', 2),
        "await db.execute_raw('UPDATE \"Post\" SET views = views + $1', 1)": ('sum(views) FROM "Post"', 13),
    }

    async def run() -> None:
        async with prisma_client.AsyncDatabase(fresh_database) as db:
            for left, (query, value) in expected.items():
                seed(fresh_database)
                await value_of(said[left], {"db": db}, coroutine=True)
                assert (await db.query(f"SELECT {query}"))[0].popitem()[1] == value, left

    asyncio.run(run())


def test_errors_that_are_named_exist() -> None:
    named = [right for _, right in pairs(PRISMA) if right.startswith("failures.")]
    assert len(named) == 8
    for each in named:
        assert issubclass(getattr(failures, each.partition(".")[2]), failures.AccessError)


@pytest.fixture
def session(fresh_database: str) -> Iterator[sqlalchemy.orm.Session]:
    create(fresh_database, block(SQLALCHEMY, "prisma"))
    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(fresh_database))
    with contextlib.closing(sqlalchemy.orm.Session(engine)) as made:
        yield made
    engine.dispose()


def test_both_columns_give_and_leave_the_same(
    fresh_database: str, session: sqlalchemy.orm.Session, sqlalchemy_client: ModuleType
) -> None:
    names = {**vars(sqlalchemy), **vars(sqlalchemy.orm), "postgresql": postgresql, "session": session, "Pair": Pair}
    exec(block(SQLALCHEMY, "python"), names)  # noqa: S102  # our own page
    with sqlalchemy_client.Database(fresh_database) as db:
        for left, right in pairs(SQLALCHEMY):
            seed(fresh_database)
            theirs = plain(value_of(left, names, coroutine=False))
            session.rollback()
            session.expunge_all()
            after = state(fresh_database)
            seed(fresh_database)
            ours = plain(value_of(right, {"db": db, "Pair": Pair}, coroutine=False))
            assert state(fresh_database) == after, left
            if "commit()" not in left and not left.startswith("with "):
                assert ours == theirs, left


def seed(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SEED)


def state(url: str) -> list[tuple[Any, ...]]:
    """All rows of both tables, but for numbers that a sequence gave to rows that were not kept."""
    with psycopg.connect(url) as connection:
        users = connection.execute("SELECT email, name, points, coalesce(tags, '{}') FROM \"User\" ORDER BY email")
        posts = connection.execute('SELECT id, title, published, views, "authorId" FROM "Post" ORDER BY id')
        return [*users.fetchall(), *posts.fetchall()]


def plain(value: Any) -> Any:  # noqa: ANN401  # likewise
    """Rows of either side as dictionaries, with the relations that were loaded."""
    if isinstance(value, list | tuple) and not hasattr(value, "_mapping"):
        return [plain(each) for each in value]
    if isinstance(value, msgspec.Struct):
        return {
            name: plain(getattr(value, name)) for name in value.__struct_fields__ if is_loaded(getattr(value, name))
        }
    state_of = sqlalchemy.inspect(value, raiseerr=False)
    if isinstance(state_of, sqlalchemy.orm.InstanceState):
        return {name: plain(made) for name, made in state_of.dict.items() if name != "_sa_instance_state"}
    return dict(value) if isinstance(value, Mapping) else value


def is_loaded(value: object) -> bool:
    return type(value).__name__ != "NotLoaded"
