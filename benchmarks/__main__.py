"""``make bench``: run every benchmark and print what it measured.

A benchmark is a module of this package with a function ``run(console)``; add it to ``BENCHMARKS``. A name on the
command line runs that one alone: ``python -m benchmarks embedding_recall``.
"""

import sys
from collections.abc import Callable
from typing import Final

from rich.console import Console

from benchmarks import audit_steps, embedding_recall, schema_checking, schema_reading, twin_speed

BENCHMARKS: Final[dict[str, Callable[[Console], None]]] = {
    "embedding_recall": embedding_recall.run,
    "audit_steps": audit_steps.run,
    "twin_speed": twin_speed.run,
    "schema_reading": schema_reading.run,
    "schema_checking": schema_checking.run,
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, all without a name; the exit code."""
    console = Console()
    unknown = sorted(set(names) - BENCHMARKS.keys())
    if unknown:
        console.print(f"There is no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}.")
        return 2
    for name in names or BENCHMARKS:
        console.rule(name.replace("_", " "))
        BENCHMARKS[name](console)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
