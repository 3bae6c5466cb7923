"""The figures as a picture: a panel a case, a bar a contender, the best on top."""

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.access.cases import CASES, Case
from benchmarks.access.contenders import ENTRIES, Family
from benchmarks.access.page import short
from benchmarks.access.results import Results

_WIDTH: Final = 400
_ROW: Final = 15
_HEAD: Final = 34
_LABELS: Final = 195
_BARS: Final = 145
_OURS: Final = "#0b6e4f"
_COLOURS: Final = {Family.DRIVER: "#4a5fa5", Family.LIMIT: "#4a5fa5"}
_OTHERS: Final = "#b5b5b5"


def chart(results: Results) -> str:
    """An SVG."""
    height = _HEAD + _ROW * (len(ENTRIES) + 1)
    rows = -(-len(CASES) // 2)
    pieces = [
        piece
        for number, case in enumerate(CASES)
        for piece in _panel(results, case, (number % 2 * _WIDTH, number // 2 * height))
    ]
    body = "\n".join(pieces)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * _WIDTH} {rows * height}" role="img" font-size="11"'
        ' font-family="system-ui, sans-serif">\n<title>How long each library takes in each case</title>\n'
        f'<rect width="{2 * _WIDTH}" height="{rows * height}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _panel(results: Results, case: Case, at: tuple[int, int]) -> Iterator[str]:
    left, top = at
    unit = "operations a second" if case.per_second else "milliseconds"
    yield f'<text x="{left + 8}" y="{top + 20}" font-weight="bold" fill="#222222">{escape(case.title)}, {unit}</text>'
    known = [(each, made.middle) for each in ENTRIES if (made := results.figure(case.name, each.name)) is not None]
    known.sort(key=lambda pair: pair[1], reverse=case.per_second)
    most = max((value for _, value in known), default=1.0)
    for number, (entry, value) in enumerate(known):
        y = top + _HEAD + number * _ROW
        colour = _OURS if entry.family is Family.OURS else _COLOURS.get(entry.family, _OTHERS)
        width = max(1.0, _BARS * value / most)
        yield _text(left + _LABELS - 5, y + 9, entry.name, "end")
        yield (
            f'<rect x="{left + _LABELS}" y="{y}" width="{width:.1f}" height="{_ROW - 4}" fill="{colour}">'
            f"<title>{escape(entry.name)}: {short(value)}</title></rect>"
        )
        yield _text(left + _LABELS + width + 4, y + 9, short(value), "start")


def _text(x: float, y: float, says: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#444444">{escape(says)}</text>'
