"""Features of a statement that the parser does not know: its words, in the same space as the others."""

import re
from itertools import pairwise
from typing import Final

from pgarchitect.memory.shape.features import Features

_WORD: Final = re.compile(
    r"""(?P<skip> --[^\n]* | /\*.*?\*/ | '(?:[^']|'')*' | \$\w*\$.*?\$\w*\$ | \$\d+ | \b\d[\w.]* )
      | " (?P<quoted>(?:[^"]|"")*) " | (?P<plain>[^\W\d]\w*) """,
    re.VERBOSE | re.DOTALL,
)
_BEFORE_A_TABLE: Final = frozenset({"from", "join", "update", "into", "table", "on", "using"})
_KINDS: Final = frozenset({"select", "insert", "update", "delete", "merge", "refresh", "call", "copy", "vacuum"})


def features_of_words(text: str) -> Features:
    """The features of the words of ``text``; at least one, so that no statement is without a direction."""
    words = [match["quoted"] or match["plain"].lower() for match in _WORD.finditer(text) if not match["skip"]]
    words = [word for word in words if word != "public"]
    features = Features()
    features.add("kind", next((word for word in words if word in _KINDS), "unknown"))
    for before, word in pairwise(words):
        if before in _BEFORE_A_TABLE:
            features.add("table", word)
    for word in words:
        features.add("word", word)
    features.complete()
    return features
