"""The default embedding: what a statement asks for, hashed into a vector. Offline, without a model or a download.

Each feature is hashed onto a few dimensions with signs (feature hashing: Weinberger et al., "Feature Hashing for
Large Scale Multitask Learning", ICML 2009), so that the cosine of two vectors estimates the share of weight that
two statements have in common. blake2b gives the same places in every process and on every machine.
"""

import math
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from sqlglot import exp

from pgarchitect.memory.embedding import SQL_SHAPE, Vector
from pgarchitect.memory.shape.features import Features
from pgarchitect.memory.shape.statements import features_of
from pgarchitect.memory.shape.words import features_of_words
from pgarchitect.workload.syntax import UnreadableStatement, parse

_DIMENSIONS: Final = 384
_PLACES: Final = 8
"""Dimensions per feature: with several, a collision costs a fraction of a feature and never a whole one."""


class SqlShape:
    """Embeds SQL statements by their syntax; near means: the same tables, joins, filters, groups and aggregates."""

    name: str = SQL_SHAPE
    dimensions: int = _DIMENSIONS

    def embed(self, text: str) -> Vector:
        """The vector of a statement; one that cannot be parsed, or nests too deep, is embedded by its words."""
        try:
            return self.embed_tree(parse(text))
        except (UnreadableStatement, RecursionError):
            return _vector(features_of_words(text))

    def embed_tree(self, tree: exp.Expression) -> Vector:
        """The vector of a statement that is already parsed by ``pgarchitect.workload.syntax.parse``.

        Raises:
            RecursionError: the statement nests too deep; ``embed`` takes it all the same.
        """
        return _vector(features_of(tree))


def _vector(features: Features) -> Vector:
    values = [0.0] * _DIMENSIONS
    for feature, weight in features.weighted():
        for place, sign in _places(feature):
            values[place] += sign * weight
    length = math.sqrt(sum(value * value for value in values))
    return tuple(value / length for value in values)


@lru_cache(maxsize=65_536)
def _places(feature: str) -> tuple[tuple[int, int], ...]:
    """Where a feature goes: dimension and sign, several times; 16 bits for the dimension, the lowest for the sign."""
    digest = blake2b(feature.encode(), digest_size=2 * _PLACES).digest()
    numbers = (int.from_bytes(digest[at : at + 2], "big") for at in range(0, len(digest), 2))
    return tuple(((number >> 1) % _DIMENSIONS, 1 if number & 1 else -1) for number in numbers)
