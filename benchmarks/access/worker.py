"""The process of a Python contender: a command a line on standard input, an answer a line on standard output.

``{"do": "check", "case": "read"}`` → ``{"count": …, "checksum": …}``; ``{"do": "time", "case": "read", "times": 5}``
→ ``{"seconds": […]}``; ``{"do": "time", "case": "clients", "seconds": 3}`` → ``{"operations": …, "seconds": …}``. What
goes wrong is told as ``{"error": …}``. Commands come one at a time; the harness asks the contenders in turn.
"""

import asyncio
import importlib
import inspect
import json
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from benchmarks.access.cases import CLIENTS, INSERT_1K, INSERT_10K
from benchmarks.access.peers.contender import Contender, Server
from benchmarks.access.rows import EVENTS, Sizes, checksum, log_ids, new_rows, user_ids

_INSERTS: Final = {each.name: each.rows for each in (INSERT_1K, INSERT_10K)}
_clock: Final = time.perf_counter


class Work:
    """What one contender is asked.

    Args:
        contender: connected.
        sizes: of the tables.
    """

    def __init__(self, contender: Contender, sizes: Sizes) -> None:
        self._contender = contender
        self._users, self._ids = user_ids(sizes), log_ids(sizes)
        self._rows = {name: new_rows(sizes, rows) for name, rows in _INSERTS.items()}
        self._turn = 0

    async def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do it."""
        case = str(command["case"])
        if command["do"] == "check":
            return await self._checked(case)
        if case == "clients":
            return await self._clients(float(command["seconds"]))
        return {"seconds": [await self._timed(case) for _ in range(int(command["times"]))]}

    async def _timed(self, case: str) -> float:
        call, argument = self._call(case)
        began = _clock()
        made = call(argument)
        if inspect.isawaitable(made):
            await made
        return _clock() - began

    def _call(self, case: str) -> tuple[Callable[[Any], Any], Any]:
        """What is called, with the argument whose turn it is."""
        self._turn += 1
        contender, turn = self._contender, self._turn
        if case == "read":
            return contender.read, self._users[turn % len(self._users)]
        if case == "point":
            return contender.point, self._ids[turn % len(self._ids)]
        if case == "join":
            return contender.join, f"event_{turn % EVENTS}"
        return contender.insert, self._rows[case]

    async def _checked(self, case: str) -> dict[str, Any]:
        """Do the case with its first argument; what came of it."""
        contender = self._contender
        calls: dict[str, tuple[Callable[[Any], Any], Any]] = {
            "read": (contender.read, self._users[0]),
            "point": (contender.point, self._ids[0]),
            "clients": (contender.point, self._ids[0]),
            "join": (contender.join, "event_0"),
            **{name: (contender.insert, rows) for name, rows in self._rows.items()},
        }
        call, argument = calls[case]
        made = call(argument)
        if inspect.isawaitable(made):
            made = await made
        if case in _INSERTS:
            return {}
        several: Sequence[Any] = [made] if case in {"point", "clients"} else made
        line = contender.joined if case == "join" else contender.log
        return {"count": len(several), "checksum": checksum(line(each) for each in several)}

    async def _clients(self, seconds: float) -> dict[str, Any]:
        began = _clock()
        end = began + seconds
        if inspect.iscoroutinefunction(self._contender.point):
            counts = await asyncio.gather(*(self._client(number, end) for number in range(CLIENTS)))
        else:
            counts = self._in_threads(end)
        return {"operations": sum(counts), "seconds": _clock() - began}

    async def _client(self, number: int, end: float) -> int:
        done, ids, point = 0, self._ids, self._contender.point
        at = number * 211
        while _clock() < end:
            key = ids[at % len(ids)]
            row = await point(key)
            if row.id != key:
                raise AssertionError(f"asked for {key}, got {row.id}")
            at += 1
            done += 1
        return done

    def _in_threads(self, end: float) -> list[int]:
        counts: list[int] = []
        errors: list[BaseException] = []

        def client(number: int) -> None:
            done, ids, point = 0, self._ids, self._contender.point
            at = number * 211
            try:
                while _clock() < end:
                    key = ids[at % len(ids)]
                    row = point(key)
                    if row.id != key:
                        raise AssertionError(f"asked for {key}, got {row.id}")  # noqa: TRY301  # told to the harness
                    at += 1
                    done += 1
                self._contender.leave()
            except Exception as error:  # noqa: BLE001  # the edge of the thread
                errors.append(error)
            counts.append(done)

        threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        if errors:
            raise errors[0]
        return counts


async def serve(contender: Contender, sizes: Sizes) -> None:
    """Open the contender and answer until standard input ends."""
    opened = contender.open()
    if opened is not None:
        await opened
    work = Work(contender, sizes)
    _say({"ready": True})
    for line in sys.stdin:
        try:
            _say(await work.answer(json.loads(line)))
        except Exception as error:  # noqa: BLE001  # the edge: the harness says what went wrong, and goes on
            traceback.print_exc()
            _say({"error": f"{type(error).__name__}: {error}"[:400]})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(words: Sequence[str]) -> None:
    """``PROGRAM URL USERS LOGS``; on uvloop where it is installed, for every contender alike."""
    contender = _contender(words[0], words[1])
    work = serve(contender, Sizes(int(words[2]), int(words[3])))
    if not inspect.iscoroutinefunction(contender.point):
        _run_without_loop(work)
        return
    try:
        uvloop = importlib.import_module("uvloop")
    except ModuleNotFoundError:
        asyncio.run(work)
    else:
        uvloop.run(work)


def _contender(program: str, url: str) -> Contender:
    module, _, name = program.partition(":")
    made: Contender = getattr(importlib.import_module(f"benchmarks.access.peers.{module}"), name)(Server.of(url))
    return made


def _run_without_loop(work: Coroutine[Any, Any, None]) -> None:
    """Of a contender that waits by itself nothing is awaited, and some refuse to run inside a loop."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("a contender of threads awaited something")


if __name__ == "__main__":
    main(sys.argv[1:])
