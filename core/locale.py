"""How dates, times, numbers and amounts are written and read: as the bound network does, in English words.

Everything that people see goes through here, in the locale of the bound network or of `using(...)`. Files are
written in `PLAIN`. CLDR, by Babel, says how each locale writes; its patterns are read once, since Babel takes six times
as long to apply them as it takes here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import tokenize_pattern
from django.utils import timezone

from core.ports import socket
from core.tenancy.binding import is_bound, memo

DEFAULT = "en-GB"
PLAIN = "plain"  # of files: ISO dates, and numbers without groups
LOCALES = {
    "en-AU": "Australia",
    "en-AT": "Austria",
    "en-BE": "Belgium",
    "en-CA": "Canada",
    "en-DK": "Denmark",
    "en-FI": "Finland",
    "en-FR": "France",
    "en-DE": "Germany",
    "en-HK": "Hong Kong",
    "en-IN": "India",
    "en-IE": "Ireland",
    "en-IT": "Italy",
    "en-KE": "Kenya",
    "en-MY": "Malaysia",
    "en-NL": "Netherlands",
    "en-NZ": "New Zealand",
    "en-NG": "Nigeria",
    "en-NO": "Norway",
    "en-PH": "Philippines",
    "en-PL": "Poland",
    "en-PT": "Portugal",
    "en-SG": "Singapore",
    "en-ZA": "South Africa",
    "en-ES": "Spain",
    "en-SE": "Sweden",
    "en-CH": "Switzerland",
    "en-AE": "United Arab Emirates",
    "en-GB": "United Kingdom",
    "en-US": "United States",
}
USUAL = {
    "AED": "en-AE",
    "AUD": "en-AU",
    "CAD": "en-CA",
    "CHF": "en-CH",
    "DKK": "en-DK",
    "EUR": "en-IE",
    "HKD": "en-HK",
    "INR": "en-IN",
    "KES": "en-KE",
    "MYR": "en-MY",
    "NGN": "en-NG",
    "NOK": "en-NO",
    "NZD": "en-NZ",
    "PHP": "en-PH",
    "PLN": "en-PL",
    "SEK": "en-SE",
    "SGD": "en-SG",
    "USD": "en-US",
    "ZAR": "en-ZA",
}
MINUS = "\N{MINUS SIGN}"

_MEMO = "locale"
_chosen: ContextVar[str | None] = ContextVar("caretree_locale", default=None)


def current() -> str:
    """The locale in use: the one of `using`, or else of the bound network's parent; without a network the default."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    if not is_bound():
        return DEFAULT
    known: str | None = memo().get(_MEMO)
    if known is None:
        known = memo()[_MEMO] = socket.settings.locale()
    return known


@contextmanager
def using(code: str) -> Iterator[None]:
    """Write and read as this locale does, whatever network is bound."""
    token = _chosen.set(code)
    try:
        yield
    finally:
        _chosen.reset(token)


def usual_for(currency: str) -> str:
    """The locale that a currency suggests."""
    return USUAL.get(currency, DEFAULT)


def example(code: str) -> str:
    """A day, a time and a number as a locale writes them, for people who choose one."""
    with using(code):
        return f"{day_and_time(datetime(2026, 11, 21, 15, 5))} · {number(Decimal('1234567.89'))}"


# Days and times


def day(value: date) -> str:
    """21 Nov 2026"""
    return value.strftime(_patterns(current()).day)


def long_day(value: date) -> str:
    """21 November 2026"""
    return value.strftime(_patterns(current()).long_day)


def month(value: date) -> str:
    """November 2026"""
    return value.strftime("%B %Y")


def month_name(value: date) -> str:
    """November"""
    return value.strftime("%B")


def short_month(value: date) -> str:
    """Nov"""
    return value.strftime("%b")


def day_and_time(value: datetime) -> str:
    """21 Nov 2026, 15:05; an aware instant in the current zone"""
    value, patterns = _local(value), _patterns(current())
    return f"{value.strftime(patterns.day)}, {value.strftime(patterns.time[value.hour >= 12])}"


def long_day_and_time(value: datetime) -> str:
    """21 November 2026, 15:05; an aware instant in the current zone"""
    value, patterns = _local(value), _patterns(current())
    return f"{value.strftime(patterns.long_day)}, {value.strftime(patterns.time[value.hour >= 12])}"


def exact(value: datetime) -> str:
    """Saturday, 21 November 2026, 15:05:07 UTC; an aware instant in the current zone"""
    value, patterns = _local(value), _patterns(current())
    second = value.strftime(patterns.exact_time[value.hour >= 12])
    return f"{value.strftime(patterns.exact_day)}, {second} {value.tzname() or ''}".rstrip()


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


# Numbers


def number(value: int | Decimal | float | str) -> str:
    """1,234 or 1,234.5: with the decimals that it has"""
    text = str(value) if isinstance(value, int) else f"{Decimal(str(value)):f}"
    sign, digits = (MINUS, text[1:]) if text.startswith("-") else ("", text)
    whole, _, fraction = digits.partition(".")
    return sign + decimal(int(whole), fraction)


def counted(count: int, one: str, many: str | None = None) -> str:
    """1 role, 1,234 roles; `many` says the plural that isn't just an s more"""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def decimal(whole: int, fraction: str) -> str:
    """1,234.50, of what stands before and behind the decimal sign"""
    patterns = _patterns(current())
    grouped = patterns.grouped(whole)
    return f"{grouped}{patterns.point}{fraction}" if fraction else grouped


def percent(part: float) -> str:
    """0.85 is 85%"""
    return f"{number(round(part * 100))}{_patterns(current()).percent}"


def editable(plain: str) -> str:
    """A plain number ("-1234.50") as it stands in a field: with the decimal sign that is read there, and no groups."""
    return plain.replace(".", _patterns(current()).point)


def read_number(text: str, decimals: int) -> str:
    """What a person typed, as a plain number: "1.234,5" is "1234.5" where the comma is the decimal sign.

    Raises ValueError with a sentence for them: no number, groups that this locale doesn't write, more decimals than
    `decimals`, or a number that might as well be another, a thousand times as large.
    """
    patterns, typed = _patterns(current()), text.strip()
    shown = typed if len(typed) <= 40 else typed[:40] + "…"
    match = patterns.number.fullmatch(_SPACES.sub(" ", typed).replace(MINUS, "-").replace("’", "'"))
    if match is None:
        like = decimal(1234567, "50"[:decimals])
        raise ValueError(f"“{shown}” is not a number as it is written here; write it like {like}.")
    whole, fraction = re.sub(r"[^0-9]", "", match["whole"]), match["fraction"] or ""
    if len(fraction) > decimals:
        raise ValueError(
            f"“{shown}” has too many decimals; {f'at most {decimals}' if decimals else 'none'} here."
        )
    first, *others = re.split(r"[.,]", match["whole"])
    if len(others) == 1 and not fraction and decimals >= 3:
        other = f"{int(first)}{patterns.point}{others[0]}"
        raise ValueError(f"“{shown}” might be {whole} or {other}. Write the one that is meant.")
    return f"{match['sign']}{whole}{'.' if fraction else ''}{fraction}"


# What CLDR says

_SPACES = re.compile(r"\s")
_FIELDS = {
    ("E", 4): "%A",
    ("d", 1): "%-d",
    ("d", 2): "%d",
    ("M", 3): "%b",
    ("M", 4): "%B",
    ("y", 1): "%Y",
    ("H", 1): "%-H",
    ("H", 2): "%H",
    ("h", 1): "%-I",
    ("h", 2): "%I",
    ("m", 2): "%M",
    ("s", 2): "%S",
}


@dataclass(frozen=True)
class _Patterns:
    """How a locale writes, as formats of `strftime`, whose words are English; times before and after noon."""

    day: str
    long_day: str
    exact_day: str
    time: tuple[str, str]
    exact_time: tuple[str, str]
    point: str
    group: str
    sizes: tuple[int, int]
    percent: str
    number: re.Pattern[str]

    def grouped(self, whole: int) -> str:
        if self.sizes == (3, 3):
            text = f"{whole:,}"
            return text if self.group == "," else text.replace(",", self.group)
        text, size = str(whole), self.sizes[1]
        head, tail = text[:-3], text[-3:]
        parts = [head[max(end - size, 0) : end] for end in range(len(head), 0, -size)]
        return self.group.join([*reversed(parts), tail])


@cache
def _patterns(code: str) -> _Patterns:
    if code == PLAIN:
        return _PLAIN
    locale = Locale.parse(code, sep="-")
    symbols = locale.number_symbols["latn"]
    point, group = symbols["decimal"], symbols["group"]
    first, others = locale.decimal_formats[None].grouping
    separator = {"\u00a0": " ", "\u202f": " ", "’": "'"}.get(group, group)
    groups = rf"[0-9]{{1,{others}}}(?:{re.escape(separator)}[0-9]{{{others}}})*{re.escape(separator)}[0-9]{{{first}}}"
    noon = locale.day_periods["format"]["abbreviated"]
    return _Patterns(
        day=_strftime(locale.date_formats["medium"].pattern),
        long_day=_strftime(locale.date_formats["long"].pattern),
        exact_day=_strftime(locale.date_formats["full"].pattern),
        time=_times(locale.time_formats["short"].pattern, noon),
        exact_time=_times(locale.time_formats["medium"].pattern, noon),
        point=point,
        group=group,
        sizes=(first, others),
        percent=str(locale.percent_formats[None].suffix[0]),
        number=re.compile(
            rf"(?P<sign>-?)(?P<whole>{groups}|[0-9]+)(?:{re.escape(point)}(?P<fraction>[0-9]+))?"
        ),
    )


_PLAIN = _Patterns(
    day="%Y-%m-%d",
    long_day="%Y-%m-%d",
    exact_day="%Y-%m-%d",
    time=("%H:%M", "%H:%M"),
    exact_time=("%H:%M:%S", "%H:%M:%S"),
    point=".",
    group="",
    sizes=(3, 3),
    percent="%",
    number=re.compile(r"(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<fraction>[0-9]+))?"),
)


def _times(pattern: str, noon: dict[str, str]) -> tuple[str, str]:
    return _strftime(pattern, noon["am"]), _strftime(pattern, noon["pm"])


def _strftime(pattern: str, noon: str = "") -> str:
    """A pattern of CLDR as one of `strftime`; KeyError says that it has a field that none of our locales had."""
    return "".join(
        noon if value[0] == "a" else _FIELDS[value] if isinstance(value, tuple) else value.replace("%", "%%")
        for _, value in tokenize_pattern(pattern)
    )
