"""Lines in columns, as Prisma's formatter aligns them."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Row:
    """A line: its columns, and what stands behind them; ``raw``: a line that no column is aligned with."""

    columns: list[str] = field(default_factory=list)
    suffix: str = ""
    raw: str | None = None


@dataclass(slots=True)
class Table:
    """Lines whose columns are aligned with each other."""

    rows: list[Row] = field(default_factory=list)

    def add(self, *columns: str, suffix: str = "") -> None:
        """Add a line; without columns and suffix, a blank one."""
        used = list(columns)
        while used and not used[-1]:
            used.pop()
        self.rows.append(Row(used, suffix))

    def add_raw(self, text: str) -> None:
        """Add a line as it is."""
        self.rows.append(Row(raw=text))

    def render(self, indent: str) -> list[str]:
        """The lines; the table is empty then."""
        widths: list[int] = []
        for row in self.rows:
            for place, column in enumerate(row.columns):
                if place == len(widths):
                    widths.append(0)
                widths[place] = max(widths[place], _width(column))
        lines = [_line(row, widths, indent) for row in self.rows]
        self.rows.clear()
        return lines


def _width(text: str) -> int:
    """Bytes: Prisma counts those, and two formatters must not undo each other's work."""
    return len(text.encode())


def _line(row: Row, widths: list[int], indent: str) -> str:
    if row.raw is not None:
        return indent + row.raw
    padded = [column + " " * (widths[place] - _width(column) + 1) for place, column in enumerate(row.columns[:-1])]
    text = "".join([*padded, *row.columns[-1:]])
    if row.suffix:
        text = f"{text} {row.suffix}" if row.columns else row.suffix
    return indent + text if text else ""
