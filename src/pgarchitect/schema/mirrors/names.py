"""Names of the schema and the database as identifiers of Python and TypeScript, each once."""

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|\W+|_+")


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    """A name in lower case with underscores, never a keyword: ``userId`` → ``user_id``, ``class`` → ``class_``."""
    made = "_".join(filter(None, _WORDS.split(unicodedata.normalize("NFKC", name)))).lower()
    made = "".join(each for each in made if f"_{each}".isidentifier())
    if not made.isidentifier():
        made = f"x_{made}"
    return f"{made}_" if keyword.iskeyword(made) else made


def lower_first(name: str) -> str:
    """``BehaviorLog`` → ``behaviorLog``, as Prisma's client and Drizzle's users write it."""
    return name[:1].lower() + name[1:]


def upper_first(name: str) -> str:
    """``user`` → ``User``."""
    return name[:1].upper() + name[1:]


def each_once(wanted: Iterable[tuple[str, str]], taken: Iterable[str] = (), suffix: str = "_") -> Mapping[str, str]:
    """Names so that none is there twice: to one that is taken the suffix is added as often as needed.

    Args:
        wanted: what is named, and the name that it would have.
        taken: names that nothing may have.
        suffix: what is added.
    """
    used = set(taken)
    made: dict[str, str] = {}
    for key, name in wanted:
        free = name
        while free in used:
            free += suffix
        used.add(free)
        made[key] = free
    return made


def take(wanted: str, taken: set[str]) -> str:
    """The name, with underscores behind it while it is taken; it is taken then."""
    while wanted in taken:
        wanted += "_"
    taken.add(wanted)
    return wanted
