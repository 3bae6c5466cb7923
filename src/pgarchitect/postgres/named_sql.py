"""Named SQL: statements live in ``.sql`` files next to the code that sends them, each with a one-line purpose.

A file holds blocks; a block begins with ``-- name: what_it_is`` and a ``-- purpose`` line, and ends where the
next begins. A version gate stands beside the query: ``-- name: what_it_is @17`` is taken from PostgreSQL 17 on.
"""

import re
from functools import cache
from importlib.resources import files

_HEADER = re.compile(r"^-- name: (?P<name>\w+)(?: @(?P<version>\d+))?\s*$", re.MULTILINE)


@cache
def named_sql(package: str, file: str) -> dict[tuple[str, int], str]:
    """Read ``file`` of ``package``: (name, oldest major version) → statement."""
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    heads = list(_HEADER.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {
        (head["name"], int(head["version"] or 0)): text[head.end() : end].strip().rstrip(";")
        for head, end in zip(heads, ends, strict=True)
    }


def statement(package: str, file: str, name: str, server_version: int = 0) -> str:
    """The newest block called ``name`` that a server of ``server_version`` (as libpq gives it: 180000) takes.

    Raises:
        KeyError: no such block.
    """
    major = server_version // 10_000 if server_version else 10_000
    blocks = named_sql(package, file)
    fitting = [version for block, version in blocks if block == name and version <= major]
    if not fitting:
        raise KeyError(f"{package}/{file} has no block {name} for version {major}")
    return blocks[name, max(fitting)]
