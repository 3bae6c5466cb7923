"""What is known of a finished sandbox, in a file beside its data; it is written last."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

FILE: Final = "sandbox.json"
_FORM: Final = 1


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a sandbox.

    Attributes:
        source: what it is a copy of, without a password: ``database "shop" on db1:5432``.
        made: when the source was read.
        share: part of the source's rows that were drawn; 1 for a whole copy.
        rows: that it holds.
        version: of its server.
        carried: whether its programs are those that we carry.
        shared_buffers: bytes.
    """

    source: str
    made: datetime
    share: float
    rows: int
    version: str
    carried: bool
    shared_buffers: int

    @property
    def major(self) -> int:
        """Major version of its server."""
        return int(self.version.split(".")[0])

    def write(self, folder: Path) -> None:
        """Write it, whole or not at all."""
        document = {"form": _FORM, **asdict(self), "made": self.made.isoformat()}
        unfinished = folder / f"{FILE}.new"
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o600)
        unfinished.replace(folder / FILE)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read it; None when there is none that can be read."""
        try:
            document = json.loads((folder / FILE).read_text(encoding="utf-8"))
            if document.pop("form") != _FORM:
                return None
            return cls(**{**document, "made": datetime.fromisoformat(document["made"])})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
