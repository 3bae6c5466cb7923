"""The checksum of a script, as Prisma records it: SHA-256 in lower-case hexadecimal."""

import hashlib


def checksum(script: bytes) -> str:
    """The checksum of a script's bytes as they are."""
    return hashlib.sha256(script).hexdigest()


def has_checksum(script: bytes, recorded: str) -> bool:
    """Whether a script is the one that was recorded, be its lines ended by LF or by CRLF (git may change that)."""
    unix = script.replace(b"\r\n", b"\n")
    return recorded in {checksum(each) for each in (script, unix, unix.replace(b"\n", b"\r\n"))}
