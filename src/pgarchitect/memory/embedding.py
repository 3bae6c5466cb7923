"""What an embedding is: text in, a unit vector out; close vectors stand for texts that ask for the same thing."""

from typing import Final, Protocol

Vector = tuple[float, ...]
"""An L2-normalised vector, so that a dot product is the cosine similarity."""

SQL_SHAPE: Final = "sql-shape-1"
"""The space of ``SqlShape``, the embedding of statements that is used unless another is named."""


class Embedding(Protocol):
    """Turns a text into a vector.

    Attributes:
        name: names the vector space; it changes whenever the same text would get another vector.
        dimensions: length of every vector.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, text: str) -> Vector:
        """The vector of ``text``; never the zero vector, and the same in every process and on every machine."""
        ...


def similarity(one: Vector, other: Vector) -> float:
    """Cosine similarity of two vectors of one space, -1 … 1."""
    return sum(a * b for a, b in zip(one, other, strict=True))
