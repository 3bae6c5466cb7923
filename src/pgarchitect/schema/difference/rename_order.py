"""The order in which names are given away: none is taken before it is free, and circles go by a passing name."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

_Key = TypeVar("_Key")
_LONGEST = 63


def in_order(
    renames: Mapping[_Key, _Key], taken: Collection[_Key], passing: Callable[[_Key, Collection[_Key]], _Key]
) -> Iterator[tuple[_Key, _Key]]:
    """Renames one by one, so that each new name is free when its turn comes.

    Args:
        renames: old name → new name, as they are to be in the end.
        taken: names that exist. What has one that is to be given away and is not renamed itself, is put aside first.
        passing: a free name like that one.

    Yields:
        Old and new name of each single rename; with a circle one thing is renamed twice.
    """
    waiting, names = dict(renames), set(taken)
    for new in set(renames.values()) & names - set(renames):
        waiting[new] = passing(new, names | set(waiting.values()))
    while waiting:
        ready = next((old for old, new in waiting.items() if new not in names), None)
        if ready is None:
            ready = next(iter(waiting))
            new = passing(ready, names | set(waiting.values()))
            waiting[new] = waiting.pop(ready)
        else:
            new = waiting.pop(ready)
        yield ready, new
        names = (names - {ready}) | {new}


def free_name(name: str, taken: Collection[str], suffix: str = "old") -> str:
    """A name like that one which nothing has: ``User_old``, ``User_old2``; it fits into PostgreSQL's 63 bytes."""
    for number in range(1, len(taken) + 2):
        behind = f"_{suffix}{number if number > 1 else ''}"
        found = name.encode()[: _LONGEST - len(behind.encode())].decode(errors="ignore") + behind
        if found not in taken:
            return found
    raise AssertionError("there are more free names than taken ones")


def free_path(path: tuple[str, ...], taken: Collection[tuple[str, ...]]) -> tuple[str, ...]:
    """Likewise for a whole name, of which only the last part changes."""
    return (*path[:-1], free_name(path[-1], {each[-1] for each in taken}))
