"""The arithmetic of a rule's answer in plain sentences."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from core import locale
from core.money import Money
from ledger.rules.outcome import decimal_text
from ledger.rules.terms import Basis, Measure, Outcome, Share
from ledger.rules.tiers import Slice

_DECIMALS = 4


class Arithmetic:
    """Sentences about the parts of one event, in the order in which they are worked out.

    They are put into words when somebody asks, which a back-test never does.
    """

    def __init__(self, outcome: Outcome, currency: str, keeper: str) -> None:
        self._said: list[Callable[[], str]] = []
        self._volume = outcome.volume
        self._currency = currency
        self._keeper = keeper

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(words() for words in self._said)

    def percent(self, code: str, percent: Fraction, part: int, basis: Basis, base: int) -> None:
        verb = "kept by" if code == self._keeper else "to"
        self._said.append(
            lambda: (
                f"{percent_words(percent)} of the {basis_words(basis)} {self._money(base)} = "
                f"{self._money(part)} {verb} {code}"
            )
        )

    def fixed(self, code: str, share: Share, quantity: int, part: int) -> None:
        fixed = share.fixed_minor
        if fixed is not None:
            self._said.append(lambda: f"{quantity} x {self._money(fixed)} = {self._money(part)} to {code}")
        else:
            self._said.append(lambda: f"{self._money(part)} for {quantity} units to {code}")

    def tiers(self, code: str, found: Sequence[Slice], before: int) -> None:
        """Which slices of the volume the event fell into."""
        volume = self._volume
        if found and volume is not None:
            self._said.append(
                lambda: (
                    f"after {self._size(before)} in the {volume.per} before: {self._slices(found)} for {code}"
                )
            )

    def _slices(self, found: Sequence[Slice]) -> str:
        return " and ".join(
            f"{self._size(part)} at "
            + (
                percent_words(tier.percent)
                if tier.percent is not None
                else f"{self._money(tier.fixed_minor or 0)} a unit"
            )
            for tier, part in found
        )

    def limit(self, code: str, share: Share, given: int) -> None:
        raised = share.at_least_minor is not None and abs(given) == share.at_least_minor
        what = "raised to at least" if raised else "lowered to at most"
        self._said.append(lambda: f"{what} {self._money(abs(given))} = {self._money(given)} to {code}")

    def _size(self, size: int) -> str:
        if self._volume is not None and self._volume.measure is Measure.AMOUNT:
            return self._money(size)
        return f"{locale.number(size)} unit{'' if size == 1 else 's'}"

    def _money(self, minor: int) -> str:
        return Money(minor, self._currency).format()


def percent_words(percent: Fraction) -> str:
    """A percentage as people read it; one that never ends is rounded, and says so."""
    if (percent * 10**12).denominator == 1:
        return f"{locale.number(decimal_text(percent))} %"
    rounded = Fraction(round(percent * 10**_DECIMALS), 10**_DECIMALS)
    return f"about {locale.number(decimal_text(rounded))} %"


def basis_words(basis: Basis | None) -> str:
    return basis.replace("_", " ") if basis else "basis"
