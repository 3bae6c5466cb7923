"""Rows of wallets and their transactions."""

from collections.abc import Iterator
from typing import Final

from examples.edfinance.world import ANCHOR, Draw, Timeline, World, stamp

_KINDS: Final = ("DEPOSIT", "DEPOSIT", "PURCHASE", "PURCHASE", "PURCHASE", "REWARD", "REWARD", "WITHDRAWAL")


def reference(number: int) -> str:
    """The payment provider's number of transaction ``number``.

    Multiplying by an odd number is one-to-one modulo a power of two (Knuth's multiplicative hashing), so it is unique.
    """
    return f"PAY-{number * 2_654_435_761 % 2**32:08X}"


def wallets(world: World) -> Iterator[str]:
    """Lines of ``wallets``: one for each user, with the same number."""
    draw = Draw("wallets")
    for user in range(1, world.sizes.users + 1):
        balance = 1_000 * int(20_000 * draw.chance() ** 3)
        yield f"{user}\t{user}\tVND\t{balance}.00\t{stamp(ANCHOR)}\n"


def transactions(world: World) -> Iterator[str]:
    """Lines of ``wallet_transactions``: three in a hundred failed, five in a thousand are waiting."""
    draw, rows = Draw("transactions"), world.sizes.transactions
    booked = Timeline(rows, 365)
    for number in range(1, rows + 1):
        luck = draw.chance()
        status = "PENDING" if luck < 0.005 else "FAILED" if luck < 0.035 else "COMPLETED"
        wallet, kind = world.users.draw(draw.chance()), draw.one_of(_KINDS)
        amount = 1_000 * (1 + int(2_000 * draw.chance() ** 2))
        moment = stamp(booked.at(number - 0.5))
        yield f"{number}\t{wallet}\t{kind}\t{status}\t{amount}.00\t{reference(number)}\t{moment}\n"
