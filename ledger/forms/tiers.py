"""Tiers as a person types them in one line: "70 up to 100; 75 up to 200; 80"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core import locale
from core.money import Money
from ledger.rules.terms import Measure

PERCENT_DECIMALS = 12
_TIER = re.compile(r"(?P<rate>.+?)(?:\s+up\s+to\s+(?P<up_to>.+))?", re.IGNORECASE)


def is_tiers(text: str) -> bool:
    """Whether more is typed than one number."""
    return ";" in text or " up to " in f" {text.lower()} "


def read_tiers(text: str, *, unit: str, measure: str, currency: str) -> list[dict[str, Any]]:
    """Tiers as plain data; `unit` is percent or fixed. Raises ValueError in words for the person who typed them."""
    tiers = []
    for typed in filter(None, (part.strip() for part in text.split(";"))):
        match = _TIER.fullmatch(typed)
        assert match is not None
        tier: dict[str, Any] = {unit: read_rate(match["rate"], unit=unit, currency=currency)}
        if match["up_to"]:
            tier["up_to"] = _read_size(match["up_to"], measure, currency)
        tiers.append(tier)
    return tiers


def read_rate(text: str, *, unit: str, currency: str) -> str:
    """A percentage or an amount as a plain decimal."""
    if unit == "percent":
        return locale.read_number(text, PERCENT_DECIMALS)
    return Money.read(text, currency).decimal()


def show_tiers(tiers: Sequence[Mapping[str, Any]]) -> str:
    """What `read_tiers` reads back."""
    return "; ".join(
        locale.editable(tier.get("percent") or tier["fixed"])
        + (f" up to {locale.editable(str(tier['up_to']))}" if "up_to" in tier else "")
        for tier in tiers
    )


def _read_size(text: str, measure: str, currency: str) -> int | str:
    if measure == Measure.AMOUNT:
        return Money.read(text, currency).decimal()
    return int(locale.read_number(text, 0))
