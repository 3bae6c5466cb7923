"""Keys and values of JSON documents, out of a sample of them."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pgarchitect.evidence.scenarios import Scenario

Members = Mapping[str, Sequence[Any]]
"""Key → its scalar values; the most frequent key first, and of each the most frequent value."""

_KEYS: Final = (0, 0, 0, 1, 2)
"""Whose value a scenario takes: that of the most frequent key, but for the last two."""


def members(documents: Sequence[Any]) -> Members:
    """The scalar members of objects; ties are broken by their text."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for document in documents:
        for key, value in document.items() if isinstance(document, dict) else ():
            if isinstance(value, (str, int, float, bool)):
                counts[key][json.dumps(value)] += 1
    keys = sorted(counts, key=lambda key: (-counts[key].total(), key))
    return {key: [json.loads(text) for text in _ranked(counts[key])] for key in keys}


def member(found: Members, scenario: int) -> tuple[str, Any]:
    """The key and the value that stand for a scenario; ``found`` must not be empty."""
    key = list(found)[_KEYS[scenario] % len(found)]
    values = found[key]
    place = {Scenario.MIDDLING: len(values) // 2, Scenario.RARE: len(values) - 1}
    return key, values[place.get(tuple(Scenario)[scenario], 0)]


def numbers_only(found: Members) -> Members:
    """Those keys whose most frequent value is a number, with their numbers."""
    numeric = {key: [each for each in values if type(each) in {int, float}] for key, values in found.items()}
    return {key: values for key, values in numeric.items() if values}


def texts(documents: Sequence[Any]) -> list[str]:
    """The texts in documents, and the documents that are texts themselves."""
    each = (document.values() if isinstance(document, dict) else [document] for document in documents)
    return [value for values in each for value in values if isinstance(value, str) and value]


def _ranked(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda text: (-counts[text], text))
