"""The arithmetic of a rule's answer in plain sentences."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

from core import locale
from core.money import Money, decimals_of
from ledger.rules.lines import Reason, Told, What
from ledger.rules.outcome import decimal_text
from ledger.rules.terms import Basis, Measure, Outcome, Share
from ledger.rules.tiers import Slice

_DECIMALS = 4


class Arithmetic:
    """The parts of one event in the order in which they are worked out.

    `sentences` are all of it in words; `steps` are by party what it gets, signed, each with its sentence: what a party
    gets is their sum. They are put into words when somebody asks, which a back-test never does.
    """

    def __init__(self, outcome: Outcome, currency: str, keeper: str) -> None:
        self.steps: defaultdict[str, list[Reason]] = defaultdict(list)
        self._said: list[Told] = []
        self._volume = outcome.volume
        self._currency = currency
        self._keeper = keeper
        self._tiers: dict[str, Told] = {}

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        return tuple(told() for told in self._said)

    def percent(self, code: str, percent: Fraction, part: int, basis: Basis, base: int) -> None:
        def told() -> str:
            verb = "kept by" if code == self._keeper else "to"
            exact = base * percent / 100
            return (
                f"{percent_words(percent)} of the {basis_words(basis)} {self._money(base)} = "
                f"{rounded_words(exact, part, self._currency, by_remainder=True)} {verb} {code}"
            )

        self._said.append(told)
        self._step(code, part, told)

    def fixed(self, code: str, share: Share, quantity: int, part: int, rest_to: str | None) -> None:
        """A fixed amount; with `rest_to` it is taken from the remainder."""

        def told() -> str:
            if share.fixed_minor is not None:
                return f"{quantity} x {self._money(share.fixed_minor)} = {self._money(part)} to {code}"
            return f"{self._money(part)} for {quantity} units to {code}"

        self._said.append(told)
        self._step(code, part, told)
        if rest_to is not None:
            self._step(rest_to, -part, lambda: f"less the fixed {self._money(part)} to {code}")

    def tiers(self, code: str, found: Sequence[Slice], before: int) -> None:
        """Which slices of the volume the event fell into."""
        volume = self._volume
        if not found or volume is None:
            return

        def told() -> str:
            slices = " and ".join(
                f"{self._size(part)} at "
                + (
                    percent_words(tier.percent)
                    if tier.percent is not None
                    else f"{self._money(tier.fixed_minor or 0)} a unit"
                )
                for tier, part in found
            )
            return f"after {self._size(before)} in the {volume.per} before: {slices} for {code}"

        self._said.append(told)
        self._tiers[code] = told

    def limit(self, code: str, share: Share, part: int, given: int, rest_to: str) -> None:
        """A share of `part` that its limit makes `given`; the difference is that of who has the rest."""

        def limited() -> str:
            raised = share.at_least_minor is not None and abs(given) == share.at_least_minor
            return f"{'raised to at least' if raised else 'lowered to at most'} {self._money(abs(given))}"

        def told() -> str:
            return f"{limited()} = {self._money(given)} to {code}"

        self._said.append(told)
        self._step(code, given - part, told)
        self._step(rest_to, part - given, lambda: f"the share of {code} is {limited()}")

    def _step(self, code: str, minor: int, told: Told) -> None:
        tiers = self._tiers.pop(code, None)
        if minor:
            of = told if tiers is None else lambda: f"{tiers()}; {told()}"
            self.steps[code].append(Reason(What.SHARE, minor, of))

    def _size(self, size: int) -> str:
        if self._volume is not None and self._volume.measure is Measure.AMOUNT:
            return self._money(size)
        return f"{locale.number(size)} unit{'' if size == 1 else 's'}"

    def _money(self, minor: int) -> str:
        return Money(minor, self._currency).format()


def percent_words(percent: Fraction) -> str:
    """A percentage as people read it; one that never ends is rounded, and says so."""
    return f"{_exact_words(percent, _DECIMALS)} %"


def rounded_words(exact_minor: Fraction, minor: int, currency: str, *, by_remainder: bool = False) -> str:
    """What an exact amount was rounded to, with the amount before where it differs: 1.6665, rounded to 1.667."""
    rounded = Money(minor, currency).format()
    if exact_minor == minor:
        return rounded
    decimals = decimals_of(currency)
    exact = _exact_words(exact_minor / 10**decimals, decimals + _DECIMALS)
    return f"{exact}, rounded {'by largest remainder ' if by_remainder else ''}to {rounded}"


def _exact_words(value: Fraction, decimals: int) -> str:
    if (value * 10**12).denominator == 1:
        return locale.number(decimal_text(value))
    rounded = Fraction(round(value * 10**decimals), 10**decimals)
    return f"about {locale.number(decimal_text(rounded))}"


def basis_words(basis: Basis | None) -> str:
    return basis.replace("_", " ") if basis else "basis"
