"""Types of setting values: how each is checked, stored as JSON, read back and shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from core import locale
from core.validators import UNSEEN, UNSEEN_TEXT

T = TypeVar("T")


class ValueType(Generic[T]):
    """How values of a setting are written. `clean` takes what a person or a file says, and raises ValueError."""

    def clean(self, raw: Any) -> T:
        """The value, from JSON or from text; ValueError says what is wrong with it and what would be right."""
        raise NotImplementedError

    def check(self, value: T) -> None:
        """ValueError unless the value is one that this type writes."""
        if self.clean(self.store(value)) != value:
            raise ValueError(f"{value!r} is no value of {self!r}.")

    def store(self, value: T) -> Any:
        """The value as JSON."""
        return value

    def read(self, stored: Any) -> T:
        """The value from JSON that was stored."""
        return stored  # type: ignore[no-any-return]

    def show(self, value: T) -> str:
        return str(value)


@dataclass(frozen=True)
class Flag(ValueType[bool]):
    """Yes or no."""

    def clean(self, raw: Any) -> bool:
        if isinstance(raw, bool):
            return raw
        word = str(raw).strip().lower()
        if word in ("yes", "true", "on", "1"):
            return True
        if word in ("no", "false", "off", "0"):
            return False
        raise ValueError(f"“{raw}” is neither yes nor no.")

    def show(self, value: bool) -> str:
        return "yes" if value else "no"


@dataclass(frozen=True)
class Whole(ValueType[int]):
    """A whole number from `least` to `most`; `unit` is said after it, `zero` instead of 0."""

    least: int
    most: int
    unit: str = ""
    zero: str = ""

    def clean(self, raw: Any) -> int:
        text = str(raw).strip()
        if isinstance(raw, bool) or not re.fullmatch(r"[+-]?[0-9]{1,12}", text):
            raise ValueError(f"“{raw}” is no whole number.")
        value = int(text)
        if not self.least <= value <= self.most:
            raise ValueError(f"{value} is outside {self.least} to {self.most}{self._unit(self.most)}.")
        return value

    def show(self, value: int) -> str:
        return self.zero if self.zero and value == 0 else f"{locale.number(value)}{self._unit(value)}"

    def _unit(self, value: int) -> str:
        unit = self.unit.removesuffix("s") if value == 1 else self.unit
        return f" {unit}" if unit else ""


@dataclass(frozen=True)
class Amount(ValueType[Decimal]):
    """An amount of money in the currency of the organization that it is read for; `zero` is said instead of 0."""

    zero: str = ""
    most: Decimal = Decimal(10**12)

    def clean(self, raw: Any) -> Decimal:
        try:
            value = Decimal(str(raw).strip())
        except InvalidOperation:
            raise ValueError(f"“{raw}” is no amount; write it plainly, like 1234.5.") from None
        if not value.is_finite() or not 0 <= value <= self.most or value != round(value, 3):
            raise ValueError(
                f"{raw} is no amount from 0 to {locale.number(self.most)} with at most three decimals."
            )
        return value

    def store(self, value: Decimal) -> str:
        return str(value)

    def read(self, stored: Any) -> Decimal:
        return Decimal(stored)

    def show(self, value: Decimal) -> str:
        return self.zero if self.zero and not value else locale.number(value)


@dataclass(frozen=True)
class Text(ValueType[str]):
    """A line of text; `parse` tidies it or raises ValueError, `empty` is said instead of nothing."""

    longest: int
    empty: str = ""
    parse: Callable[[str], str] | None = None

    def clean(self, raw: Any) -> str:
        text = " ".join(str(raw).split())
        if UNSEEN.search(text):
            raise ValueError(UNSEEN_TEXT)
        if len(text) > self.longest:
            raise ValueError(f"{len(text)} characters are too many; at most {self.longest}.")
        return self.parse(text) if self.parse and text else text

    def show(self, value: str) -> str:
        return value or self.empty


@dataclass(frozen=True)
class Choice(ValueType[str]):
    """One of several words, each with its label."""

    choices: dict[str, str] = field(hash=False)

    def clean(self, raw: Any) -> str:
        if str(raw) not in self.choices:
            raise ValueError(f"“{raw}” is none of {', '.join(self.choices)}.")
        return str(raw)

    def show(self, value: str) -> str:
        return self.choices[value].lower()

    def options(self) -> list[tuple[str, str]]:
        """The words and what stands for each in a form."""
        return list(self.choices.items())


@dataclass(frozen=True)
class LocaleChoice(Choice):
    """A locale, shown with what it writes."""

    def show(self, value: str) -> str:
        return f"{self.choices[value]}: {locale.example(value)}"

    def options(self) -> list[tuple[str, str]]:
        return [(code, self.show(code)) for code in self.choices]


@dataclass(frozen=True)
class Choices(ValueType[tuple[str, ...]]):
    """Some of several words, at least `least` of them, in the order of the choices."""

    choices: dict[str, str] = field(hash=False)
    least: int = 0
    none: str = "none"

    def clean(self, raw: Any) -> tuple[str, ...]:
        given = re.split(r"[\s,;]+", raw.strip()) if isinstance(raw, str) else [str(one) for one in raw]
        given = [one for one in given if one]
        unknown = [one for one in given if one not in self.choices]
        if unknown:
            raise ValueError(f"“{unknown[0]}” is none of {', '.join(self.choices)}.")
        if len(set(given)) < self.least:
            raise ValueError(f"Choose at least {self.least} of {', '.join(self.choices)}.")
        return tuple(one for one in self.choices if one in given)

    def store(self, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def read(self, stored: Any) -> tuple[str, ...]:
        return tuple(stored)

    def show(self, value: tuple[str, ...]) -> str:
        return ", ".join(self.choices[one].lower() for one in value) or self.none


@dataclass(frozen=True)
class Words(ValueType[tuple[str, ...]]):
    """A short list of words that `parse` accepts, as e-mail domains; `none` is said of an empty one."""

    parse: Callable[[str], str]
    most: int = 50
    none: str = "any"

    def clean(self, raw: Any) -> tuple[str, ...]:
        given = re.split(r"[\s,;]+", raw.strip()) if isinstance(raw, str) else [str(one) for one in raw]
        words = tuple(dict.fromkeys(self.parse(one) for one in given if one))
        if len(words) > self.most:
            raise ValueError(f"{len(words)} are too many; at most {self.most}.")
        return words

    def store(self, value: tuple[str, ...]) -> list[str]:
        return list(value)

    def read(self, stored: Any) -> tuple[str, ...]:
        return tuple(stored)

    def show(self, value: tuple[str, ...]) -> str:
        return ", ".join(value) or self.none


@dataclass(frozen=True)
class Picture(ValueType[str]):
    """A picture that was uploaded, by the digest of its content; `empty` is said of none."""

    empty: str = "none"

    def clean(self, raw: Any) -> str:
        digest = str(raw).strip().lower()
        if digest and not re.fullmatch("[0-9a-f]{64}", digest):
            raise ValueError(
                f"“{raw}” is no picture: give the 64 hexadecimal digits of one that was uploaded."
            )
        return digest

    def show(self, value: str) -> str:
        return f"picture {value[:8]}" if value else self.empty


def email_domain(text: str) -> str:
    """A domain of e-mail addresses, in lower case; ValueError otherwise."""
    domain = text.strip().lower().removeprefix("@")
    if len(domain) > 253 or not re.fullmatch(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", domain):
        raise ValueError(f"“{text}” is no domain, such as clinic.example.")
    return domain
