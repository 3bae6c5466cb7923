"""Writes the synchronous data layer from the asynchronous one: two worlds, one source.

``python -m scripts.sync_from_async`` rewrites ``src/pgarchitect/access/sync``; with ``--check`` it only says whether
that would change anything. Connections and pools are not among it: they are the two worlds.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ACCESS: Final = Path(__file__).parent.parent / "src" / "pgarchitect" / "access"
WRITTEN: Final = (
    "__init__.py",
    "alchemy_database.py",
    "alchemy_runs.py",
    "alchemy_table.py",
    "analytics.py",
    "database.py",
    "executor.py",
    "held.py",
    "nested.py",
    "one_row.py",
    "reads.py",
    "related.py",
    "routed.py",
    "routing.py",
    "row_writer.py",
    "rows.py",
    "service.py",
    "table.py",
    "transaction.py",
)
HEADER: Final = "# Written by scripts/sync_from_async.py from ../aio/{}: change that one.\n"
_WORDS: Final = (
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsync(Iterator|Generator|Iterable)\b", r"\1"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\bAwaitable\[(\w+)\]", r"\1"),
    (r"\bAwaitable, ", ""),
    (r"pgarchitect\.access\.aio\b", "pgarchitect.access.sync"),
    (r"for asyncio, over asyncpg", "for threads, over psycopg"),
)


def converted(name: str) -> str:
    """The synchronous text of a module."""
    text = (ACCESS / "aio" / name).read_text(encoding="utf-8")
    for pattern, replacement in _WORDS:
        text = re.sub(pattern, replacement, text)
    return _formatted(HEADER.format(name) + text)


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).with_name("ruff")
    for words in (["check", "--fix", "--select", "I", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [ruff, *words, "--stdin-filename", str(ACCESS / "sync" / "x.py"), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        text = done.stdout
    return text


def main(words: list[str]) -> int:
    """Write the modules, or check them; 1: something differs."""
    differing = []
    for name in WRITTEN:
        path, text = ACCESS / "sync" / name, converted(name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            differing.append(name)
            if "--check" not in words:
                path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{', '.join(differing) or 'nothing'} differed\n")
    return int(bool(differing) and "--check" in words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
