"""CPU times as a table of the page."""

from collections.abc import Iterator

from benchmarks.advisor.runs import NONE, Runs


def cpu_table(runs: Runs) -> Iterator[str]:
    """Sums first, with who got slower, then every statement."""
    names = list(runs.seconds)
    yield "Executed: CPU seconds of the server's process, sums of the medians; per statement its median, in ms."
    yield ""
    yield "| | " + " | ".join(names) + " |"
    yield "|---|" + "--:|" * len(names)
    yield "| total, s | " + " | ".join(f"{runs.total(name):.2f}" for name in names) + " |"
    yield (
        "| least and greatest round | "
        + " | ".join("{:.2f} to {:.2f}".format(*runs.spread(name)) for name in names)
        + " |"
    )
    yield "| more than 10 % slower (ratio) | " + " | ".join(_slower(runs, name) for name in names) + " |"
    for number in runs.seconds[NONE]:
        yield f"| Q{number} | " + " | ".join(_ms(runs.median(name, number)) for name in names) + " |"


def _ms(seconds: float) -> str:
    return f"{1_000 * seconds:,.0f}" if seconds >= 0.01 else f"{1_000 * seconds:.2f}"


def _slower(runs: Runs, name: str) -> str:
    found = runs.slower(name)
    return ", ".join(f"Q{number} ({ratio:.2f})" for number, ratio in found.items()) or "none"
