"""The answers as a picture: what they take on disk and what the workload costs with them."""

import math
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.advisor.answers import OURS
from benchmarks.advisor.contest import Measured
from benchmarks.advisor.subject import MEGABYTE

_WIDTH: Final = 760
_HEIGHT: Final = 420
_LEFT: Final = 80.0
_RIGHT: Final = 740.0
_TOP: Final = 20.0
_BOTTOM: Final = 360.0
_COLOURS: Final = ("#0b6e4f", "#b5541c", "#4a5fa5", "#8a3d7c", "#6b6b00", "#555555", "#a03030")
"""Ours first; dark enough for white paper."""

_Point = tuple[float, float]


def chart(measured: Sequence[Measured], before: float) -> str:
    """An SVG: a line an advisor, megabytes really built to the right, cost really measured upwards, both from 0."""
    lines: dict[str, list[_Point]] = {OURS: []}
    for each in measured:
        lines.setdefault(each.answer.adviser, []).append((each.size_bytes / MEGABYTE, each.cost))
    widest, highest = _nice(max((x for line in lines.values() for x, _ in line), default=1.0)), _nice(before)
    pieces = [*_axes(widest, highest), *_dashed(before, highest)]
    for number, (name, points) in enumerate(lines.items()):
        pieces += _line(name, sorted(points), number, (widest, highest))
    body = "\n".join(pieces)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" font-size="12"'
        ' font-family="system-ui, sans-serif">\n<title>Cost of the workload and size of the indexes of each answer'
        f'</title>\n<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _line(name: str, points: Sequence[_Point], number: int, most: _Point) -> Iterator[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    places = [_place(point, most) for point in points]
    if len(places) > 1:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{3 if name == OURS else 1.5}"/>'
    for (x, y), (size, cost) in zip(places, points, strict=True):
        says = f"{escape(name)}: {size:,.0f} MB, cost {cost:,.0f}"
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"><title>{says}</title></circle>'
    top = _BOTTOM - 14.0 * (len(_COLOURS) - number)
    yield f'<circle cx="{_LEFT + 14:.0f}" cy="{top:.0f}" r="4" fill="{colour}"/>'
    yield _text((_LEFT + 24, top + 4), name, "start")


def _axes(widest: float, highest: float) -> Iterator[str]:
    for step in range(5):
        x, y = _place((widest * step / 4, highest * step / 4), (widest, highest))
        yield f'<line x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>'
        yield _text((_LEFT - 8, y + 4), _short(highest * step / 4), "end")
        yield _text((x, _BOTTOM + 18), f"{widest * step / 4:,.4g}", "middle")
    yield _text((_RIGHT, _BOTTOM + 38), "MB of indexes, as built", "end")
    yield _text((_LEFT, _TOP - 6), "cost of the workload, as built", "start")


def _dashed(before: float, highest: float) -> Iterator[str]:
    _, y = _place((0.0, before), (1.0, highest))
    yield f'<line x1="{_LEFT}" x2="{_RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#888888" stroke-dasharray="4 4"/>'
    yield _text((_RIGHT, y - 5), "without indexes", "end")


def _text(place: _Point, says: str, anchor: str) -> str:
    return f'<text x="{place[0]:.1f}" y="{place[1]:.1f}" text-anchor="{anchor}" fill="#444444">{escape(says)}</text>'


def _place(point: _Point, most: _Point) -> _Point:
    return (
        _LEFT + (_RIGHT - _LEFT) * point[0] / most[0],
        _BOTTOM - (_BOTTOM - _TOP) * point[1] / most[1],
    )


def _nice(most: float) -> float:
    """The least of 1, 2, 4, 8 and 10 times a power of ten that is not below ``most``: its quarters are round."""
    power = 10.0 ** math.floor(math.log10(most)) if most > 0 else 1.0
    return power * next(each for each in (1, 2, 4, 8, 10) if power * each >= most * (1 - 1e-9))


def _short(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:,.4g} {letter}"
    return f"{value:,.4g}"
