"""When a constraint is checked, in SQL."""


def deferral(*, deferrable: bool, deferred: bool) -> str:
    """What stands behind a constraint that may be checked at the end of the transaction; empty for others."""
    if not deferrable:
        return ""
    return " DEFERRABLE INITIALLY DEFERRED" if deferred else " DEFERRABLE"
