"""Rules as they are stored: plain data in which organizations are ids, so that a new code breaks no rule."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ledger.rules.lines import Kind
from ledger.rules.outcome import read_outcome, write_outcome
from ledger.rules.terms import ROLES, Conditions, Dates, Outcome, PayerType

_ORGANIZATIONS = ("seller", "seller_under", "servicing", "servicing_under")
_TEXTS = ("service", "category", "package")


def codes_in(when: Conditions, outcome: Outcome) -> frozenset[str]:
    """Return the codes of the organizations that a rule names."""
    named = [getattr(when, name) for name in _ORGANIZATIONS]
    parties = [outcome.payer, *(part.party for part in outcome.parts)]
    return frozenset(code for code in (*named, *parties) if code) - ROLES


def ids_in(when: Mapping[str, Any], outcome: Mapping[str, Any]) -> frozenset[int]:
    """Return the ids of the organizations that a stored rule names."""
    found = [when.get(name) for name in _ORGANIZATIONS] + [outcome.get("payer")]
    found += [share["party"] for share in outcome.get("shares", ())]
    return frozenset(each for each in found if isinstance(each, int))


def store_conditions(when: Conditions, ids: Mapping[str, int]) -> dict[str, Any]:
    """Return the plain data of the conditions; `ids` holds the organizations by code."""
    data: dict[str, Any] = {}
    for name in _ORGANIZATIONS:
        if code := getattr(when, name):
            data[name] = ids[code]
    for name in (*_TEXTS, "seller_kind", "servicing_kind", "payer_type"):
        if value := getattr(when, name):
            data[name] = str(value)
    if when.dates:
        data["first_on"] = when.dates.first_on.isoformat() if when.dates.first_on else None
        data["last_on"] = when.dates.last_on.isoformat() if when.dates.last_on else None
    return data


def load_conditions(data: Mapping[str, Any], codes: Mapping[int, str]) -> Conditions:
    """Return what `store_conditions` stored; `codes` holds the organizations by id."""
    return Conditions(
        **{name: codes[data[name]] for name in _ORGANIZATIONS if name in data},
        **{name: data[name] for name in _TEXTS if name in data},
        seller_kind=Kind(data["seller_kind"]) if "seller_kind" in data else None,
        servicing_kind=Kind(data["servicing_kind"]) if "servicing_kind" in data else None,
        payer_type=PayerType(data["payer_type"]) if "payer_type" in data else None,
        dates=Dates(_day(data["first_on"]), _day(data["last_on"])) if "first_on" in data else None,
    )


def store_outcome(outcome: Outcome, ids: Mapping[str, int]) -> dict[str, Any]:
    """Return the plain data of the outcome; `ids` holds the organizations by code."""
    data = write_outcome(outcome)
    if outcome.payer and outcome.payer not in ROLES:
        data["payer"] = ids[outcome.payer]
    for share in data.get("shares", ()):
        if share["party"] not in ROLES:
            share["party"] = ids[share["party"]]
    return data


def load_outcome(data: Mapping[str, Any], codes: Mapping[int, str]) -> Outcome:
    """Return what `store_outcome` stored; `codes` holds the organizations by id."""
    named = dict(data)
    if isinstance(named.get("payer"), int):
        named["payer"] = codes[named["payer"]]
    if "shares" in named:
        named["shares"] = [
            {**share, "party": codes[share["party"]]} if isinstance(share["party"], int) else share
            for share in named["shares"]
        ]
    return read_outcome(named, str(named.get("currency", "")))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
