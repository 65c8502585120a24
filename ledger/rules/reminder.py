"""The mail that tells a patient what expires: what is left and where it is used, and nothing of why it was bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core import locale
from core.money import Money

MOST_PLACES = 10


@dataclass(frozen=True, slots=True)
class Expiring:
    """What is left of one entitlement: services by their number alone, and credit by its amount.

    `places` are the organizations that redeem it; none where all of the network do.
    """

    package: str
    last_day: date
    units: int
    sold: int
    credit: Money | None = None
    places: Sequence[str] = ()

    @property
    def left(self) -> str:
        """What is left, in words: 3 of 5 services and USD 20.00 of credit."""
        services = (
            f"{locale.number(self.units)} of {locale.counted(self.sold, 'service')}" if self.units else ""
        )
        credit = f"{self.credit} of credit" if self.credit else ""
        return " and ".join(part for part in (services, credit) if part)


def reminder_subject(expiring: Sequence[Expiring]) -> str:
    first = min(one.last_day for one in expiring)
    return f"What you have paid for can be used until {locale.long_day(first)}"


def reminder_text(name: str, holder: str, expiring: Sequence[Expiring]) -> str:
    """The text of the mail in the name of who owes the care."""
    lines = "".join(
        f"- {one.package}: {one.left} left, until {locale.long_day(one.last_day)}. {_where(one)}\n"
        for one in expiring
    )
    return (
        f"Hello {name},\n\nyou have paid ahead at {holder} for what can be used only a little longer:\n\n{lines}\n"
        "Please bring your receipt, or something that says who you are.\n\n"
        "You get this because you agreed to be written to. If you no longer want that, tell us at any counter.\n"
    )


def _where(one: Expiring) -> str:
    if not one.places:
        return "It is used at any organization of our network."
    named, more = ", ".join(one.places[:MOST_PLACES]), len(one.places) - MOST_PLACES
    return f"It is used at {named}{f' and {locale.number(more)} more' if more > 0 else ''}."
