"""Examples of property tests: the same in every run, so that a suite that passed passes again; others where asked for.

``PGARCHITECT_TEST_SEED`` is what ``make fuzz`` sets, time after time, to look where no run has looked.
"""

import os
from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, seed, settings

SEED: Final = int(os.environ.get("PGARCHITECT_TEST_SEED", "0"))


def examples(number: int, part: int = 0) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a test under ``given``: so many examples, others in each part."""

    def decorated(test: Callable[..., Any]) -> Callable[..., Any]:
        asked = settings(max_examples=number, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        return seed(f"{SEED} {part}")(asked(test))

    return decorated
