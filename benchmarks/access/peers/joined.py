"""The three-table join as SQL, and its rows as structs: for those who send SQL of their own."""

from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

JOIN: Final = (Path(__file__).parent.parent / "join.sql").read_text(encoding="utf-8").partition("\n")[2]


class Joined(msgspec.Struct):
    """A row of it."""

    id: UUID
    duration: int
    created_at: datetime
    email: str
    role: str
    code: str
    category: str
    weight: int
