"""Money as whole minor units of an ISO 4217 currency, and the one way to round."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from core import locale
from core.locale import MINUS


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


DEFAULT_DECIMALS = 2
DECIMALS: dict[str, int] = {
    **dict.fromkeys(_codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"), 0),
    **dict.fromkeys(_codes("BHD IQD JOD KWD LYD OMR TND"), 3),
    **dict.fromkeys(_codes("CLF UYW"), 4),
}

CURRENCIES: frozenset[str] = frozenset(DECIMALS) | _codes(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ
    GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD
    MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON
    RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
    UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """
)

MAX_MINOR = 2**63 - 1  # what a bigint column holds

_DECIMAL = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?")


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies met in one sum or comparison."""


def decimals_of(currency: str) -> int:
    """Return how many decimals `currency` has (ISO 4217: JPY 0, KWD 3, INR 2).

    Raises ValueError when `currency` is not an active ISO 4217 code.
    """
    if currency not in CURRENCIES:
        raise ValueError(f"{currency!r} is not an ISO 4217 currency code.")
    return DECIMALS.get(currency, DEFAULT_DECIMALS)


def round_half_away(value: Fraction | int) -> int:
    """Round an exact number to a whole one, half away from zero: 5/2 -> 3, -5/2 -> -3."""
    numerator, denominator = abs(value.numerator), value.denominator
    rounded = (2 * numerator + denominator) // (2 * denominator)
    return rounded if value >= 0 else -rounded


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """A signed amount: `minor` whole minor units of `currency` (ISO 4217).

    Within a sentence, as `f"{amount}"`, it is written as the locale does. `str(amount)` is data and always the same:
    the keys of commands and the audit trail have it.
    Arithmetic and comparison of different currencies raise CurrencyMismatchError; floats are refused.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError(f"Money takes whole minor units, not {self.minor!r}.")
        decimals_of(self.currency)

    @classmethod
    def parse(cls, text: str, currency: str, *, signed: bool = False) -> Self:
        """Read a plain decimal string: "400.00", "400.5", "400"; with `signed` also "-10.00".

        Raises ValueError with a sentence for the person who typed it: grouping, exponent, plus sign,
        currency symbol, blanks, more decimals than the currency has, too large to store.
        """
        decimals = decimals_of(currency)
        match = _DECIMAL.fullmatch(text)
        if match is None:
            raise ValueError(f"{_shown(text)} is not an amount; write it plainly, like {_example(decimals)}.")
        if match["sign"] and not signed:
            raise ValueError(f"{_shown(text)} is negative; an amount here has no sign.")
        fraction = match["fraction"] or ""
        if len(fraction) > decimals:
            raise ValueError(f"{_shown(text)} has too many decimals; {currency} has {decimals}.")
        if len(match["whole"]) > 30:
            raise ValueError(f"{_shown(text)} is too large an amount.")
        minor = int(match["whole"] + fraction.ljust(decimals, "0"))
        if minor > MAX_MINOR:
            raise ValueError(f"{_shown(text)} is too large an amount.")
        return cls(-minor if match["sign"] else minor, currency)

    @classmethod
    def read(cls, text: str, currency: str) -> Self:
        """Read what a person typed, as the locale writes it: "1,234.50" or "1.234,50"; ValueError as `parse`."""
        return cls.parse(locale.read_number(text, decimals_of(currency)), currency)

    def decimal(self) -> str:
        """Return the plain decimal string that `parse(..., signed=True)` reads back: "-1234.50"."""
        whole, fraction = self._parts()
        return f"{'-' if self.minor < 0 else ''}{whole}{fraction and '.'}{fraction}"

    def format(self) -> str:
        """Return the amount for people: "1,234.50", a negative one with U+2212."""
        return f"{MINUS if self.minor < 0 else ''}{locale.decimal(*self._parts())}"

    def _parts(self) -> tuple[int, str]:
        decimals = decimals_of(self.currency)
        whole, fraction = divmod(abs(self.minor), 10**decimals)
        return whole, f"{fraction:0{decimals}d}" if decimals else ""

    def __str__(self) -> str:
        whole, fraction = self._parts()
        return f"{self.currency} {MINUS if self.minor < 0 else ''}{whole:,}{fraction and '.'}{fraction}"

    def __format__(self, spec: str) -> str:
        return f"{self.currency} {self.format()}" if not spec else format(str(self), spec)

    def _minor_of(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} are different currencies.")
        return other.minor

    def __add__(self, other: object) -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: object) -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money(self.minor - self._minor_of(other), self.currency)

    def __mul__(self, factor: object) -> "Money":
        if not isinstance(factor, int) or isinstance(factor, bool):
            return NotImplemented
        return Money(self.minor * factor, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._minor_of(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._minor_of(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._minor_of(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._minor_of(other)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")


def _example(decimals: int) -> str:
    return "1234." + "50".ljust(decimals, "0")[:decimals] if decimals else "1234"
