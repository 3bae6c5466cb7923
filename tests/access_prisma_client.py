"""Prisma's own client, where Node is, asked over a pipe, and writes of ours in its words.

Some writes are not asked, because Prisma means something else by them, or has no word for them (``PrismaUnable``):

* a number for a row, which its types do not have beside relations;
* an update of nothing: Prisma does not look whether the row is there;
* one row named twice: Prisma counts what it connects, and what it looks for a second time it may find by then;
* ``connect_or_create`` of the row that a one-to-one relation leads to already, which Prisma refuses;
* ``set`` to a row that is not there, which Prisma passes over (``sets_absent``).
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.access_nested_model import ORDER, has
from tests.access_nested_rows import camel
from tests.access_nested_schema import Row, Side, is_relation, side
from tests.npm_packages import npm_packages
from tests.prisma_engine import ENGINE, PRISMA, connection_parts

PACKAGES = {
    "@prisma/adapter-pg": PRISMA,
    "@prisma/client": PRISMA,
    "@prisma/prisma-schema-wasm": ENGINE,
}
ABSENT = "P2025"
"""The code of an error that a row is not there."""
_WORDS = {"connect_or_create": "connectOrCreate", "update_many": "updateMany", "delete_many": "deleteMany"}
_KEYED = {"connect", "disconnect", "delete", "set"}


class PrismaUnable(Exception):
    """Prisma means something else by it, or has no word for it; see above."""


class PrismaRefused(Exception):
    """Prisma refuses; its message, and its code where it has one."""

    def __init__(self, message: str, code: str | None) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PrismaClient:
    """The running client."""

    process: subprocess.Popen[str]

    def run(self, table: str, method: str, asked: Mapping[str, Any]) -> Any:  # whatever Prisma answers
        """Do an operation of ours.

        Raises:
            PrismaRefused: it refuses.
            PrismaUnable: it has no such operation.
        """
        request = {
            "model": table,
            "action": {"insert": "create"}.get(method, method),
            "args": _arguments(table, method, asked),
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"Prisma's client ended with {self.process.poll()}"
        answer = json.loads(line)
        if "error" in answer:
            if answer["kind"] == "PrismaClientValidationError":
                raise PrismaUnable(answer["error"])
            raise PrismaRefused(answer["error"], answer["code"])
        return answer["result"]


@contextmanager
def prisma_client(schema: Path, url: str) -> Iterator[PrismaClient]:
    """The client of a schema, started; skips the test where there is no Node, or npm cannot bring the packages."""
    folder = npm_packages("prisma-client", PACKAGES)
    script = Path(__file__).with_suffix(".mjs")
    command = ["node", "--no-warnings", str(script), str(folder), str(schema), json.dumps(connection_parts(url))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield PrismaClient(process)
        assert process.stdin is not None
        process.stdin.close()


def sets_absent(table: str, data: Mapping[str, Any], rows: Mapping[str, list[Row]]) -> bool:
    """Whether a write sets a relation to a row that was not there at the beginning."""
    for name, asked in data.items():
        if not is_relation(table, name):
            continue
        target = side(table, name).target
        for word, given in asked.items():
            items = [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, Mapping)]
            if word == "set" and any(not any(has(row, key) for row in rows[target]) for key in items):
                return True
            parts = [each.get(part, {}) for each in items for part in ("create", "update", "data")]
            if any(sets_absent(target, each, rows) for each in [*items, *parts] if isinstance(each, Mapping)):
                return True
    return False


def _arguments(table: str, method: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    if method == "insert":
        return {"data": _row(table, asked["data"])}
    where = _key(table, asked["where"])
    if method == "update":
        return {"where": where, "data": _row(table, asked["data"])}
    return {
        "where": where,
        "create": _row(table, asked["create"]),
        "update": _row(table, asked["update"]),
    }


def _key(table: str, key: Mapping[str, Any]) -> dict[str, Any]:
    named = {camel(name): value for name, value in key.items()}
    return named if len(named) == 1 else {"_".join(named): named}


def _row(table: str, data: Mapping[str, Any]) -> dict[str, Any]:
    if "id" in data:
        raise PrismaUnable("a number for a row")
    return {
        camel(name): _related(side(table, name), value) if is_relation(table, name) else value
        for name, value in data.items()
    }


def _related(relation: Side, asked: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in sorted(asked, key=ORDER.index):
        if name == "create_many":
            rows = [_row(relation.target, each) for each in asked[name]["data"]]
            made["createMany"] = {"data": rows, "skipDuplicates": asked[name]["skip_duplicates"]}
            continue
        given = asked[name]
        if isinstance(given, list):
            _refuse_twice(name, given)
        items = (
            [_item(relation, name, each) for each in given] if isinstance(given, list) else _item(relation, name, given)
        )
        made[_WORDS.get(name, name)] = items
    return made


def _refuse_twice(name: str, given: list[Any]) -> None:
    """Refuse what may name one row twice: by two keys, or by one of a row that is written before it."""
    if name in _KEYED and len({tuple(each) for each in given}) > 1:
        raise PrismaUnable("keys of several kinds")
    if name in {"upsert", "connect_or_create"} and len(given) > 1:
        raise PrismaUnable("rows that may be one")
    if name == "update" and len(given) > 1 and any("name" in each["data"] for each in given):
        raise PrismaUnable("a key that is handed on")


def _item(relation: Side, name: str, given: Any) -> Any:
    table = relation.target
    if given is True or name == "delete_many":
        return given
    if name in _KEYED:
        return _key(table, given)
    if name == "create":
        return _row(table, given)
    if name == "update_many":
        return {"where": given["where"], "data": _row(table, given["data"])}
    return _updated(relation, given) if name == "update" else _kept_or_created(relation, name, given)


def _updated(relation: Side, given: Any) -> Any:
    data = given["data"] if relation.many else given
    if not data:
        raise PrismaUnable("nothing")
    made = _row(relation.target, data)
    return {"where": _key(relation.target, given["where"]), "data": made} if relation.many else made


def _kept_or_created(relation: Side, name: str, given: Any) -> Any:
    table = relation.target
    key = given.get("where", {})
    made = {"create": _row(table, given["create"])}
    if name == "upsert":
        made["update"] = _row(table, given["update"])
    if name == "connect_or_create" and relation.holds and relation.link is not None and not relation.link.many:
        raise PrismaUnable("a one-to-one relation to the same row")
    return {"where": _key(table, key), **made} if key else made
