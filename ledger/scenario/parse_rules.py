"""Parsing the rules of a scenario; whether one may be activated is for the product to say."""

from typing import Any

from ledger.rules.lines import Kind
from ledger.rules.outcome import read_outcome
from ledger.rules.terms import (
    ROLES,
    SERVICING,
    Basis,
    Conditions,
    Dates,
    Event,
    Measure,
    PayerType,
    Per,
    Presentation,
)
from ledger.scenario.declared import Declared
from ledger.scenario.reading import MAX_NUMBER, Fields, Value
from ledger.scenario.schema import RuleDeclared

_WHEN = (
    "seller seller_under seller_kind servicing servicing_under servicing_kind "
    "service category package payer_type dates"
)


def parse_rule(value: Value, declared: Declared, *, declares: bool = True) -> RuleDeclared:
    """Read one rule; with `declares` its code may not have been used before."""
    row = value.fields("code event", "when payer transfer shares volume presentation legal_basis priority")
    code = row["code"].text()
    if declares:
        if code in declared.rules:
            raise row["code"].wrong(f"the rule {code} is declared twice.")
        declared.rules.add(code)
    data = _outcome(row, declared)
    try:
        outcome = read_outcome(data, declared.currency)
    except ValueError as error:
        raise row.wrong(str(error)) from None
    return RuleDeclared(
        line=value.line,
        code=code,
        event=row["event"].word(Event),
        when=_conditions(row["when"], declared) if "when" in row else Conditions(),
        outcome=outcome,
        priority=row["priority"].integer(-MAX_NUMBER) if "priority" in row else 0,
    )


def _conditions(value: Value, declared: Declared) -> Conditions:
    row = value.fields("", _WHEN)

    def organization(name: str) -> str | None:
        return declared.organization(row[name]) if name in row else None

    return Conditions(
        seller=organization("seller"),
        seller_under=organization("seller_under"),
        seller_kind=row["seller_kind"].word(Kind) if "seller_kind" in row else None,
        servicing=organization("servicing"),
        servicing_under=organization("servicing_under"),
        servicing_kind=row["servicing_kind"].word(Kind) if "servicing_kind" in row else None,
        service=declared.service(row["service"]) if "service" in row else None,
        category=declared.category(row["category"]) if "category" in row else None,
        package=declared.package(row["package"]) if "package" in row else None,
        payer_type=row["payer_type"].word(PayerType) if "payer_type" in row else None,
        dates=_dates(row["dates"]) if "dates" in row else None,
    )


def _dates(value: Value) -> Dates:
    row = value.fields("", "from to")
    dates = Dates(
        row["from"].day() if "from" in row else None,
        row["to"].day() if "to" in row else None,
    )
    if dates.first_on is None and dates.last_on is None:
        raise row.wrong("there should be from, to, or both.")
    if dates.first_on and dates.last_on and dates.first_on > dates.last_on:
        raise row.wrong("from is after to.")
    return dates


def _outcome(row: Fields, declared: Declared) -> dict[str, Any]:
    """Return the outcome as the plain data that rules are stored as, every value checked."""
    if "transfer" in row and "shares" in row:
        raise row["shares"].wrong("a rule has either a transfer or shares, not both.")
    data: dict[str, Any] = {}
    if "payer" in row:
        data["payer"] = _party(row["payer"], declared)
        if data["payer"] == SERVICING:
            raise row["payer"].wrong("the payer is parent, holder or the code of an organization.")
    if "presentation" in row:
        data["presentation"] = row["presentation"].word(Presentation)
    if "legal_basis" in row:
        data["legal_basis"] = row["legal_basis"].remark()
    measure = None
    if "volume" in row:
        volume = row["volume"].fields("of per")
        measure = volume["of"].word(Measure)
        data["volume"] = {"of": measure, "per": volume["per"].word(Per)}
    if "transfer" in row:
        part = row["transfer"].fields("", "percent fixed tiers basis at_least at_most")
        data["transfer"] = _part(part, declared, measure)
    if "shares" in row:
        shares = [
            share.fields("party", "percent fixed remainder tiers basis at_least at_most legal_basis")
            for share in row["shares"].items()
        ]
        data["shares"] = [_part(share, declared, measure) for share in shares]
    return data


def _part(row: Fields, declared: Declared, measure: Measure | None) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if "party" in row:
        data["party"] = _party(row["party"], declared)
    data |= _rate(row, declared)
    if "remainder" in row:
        data["remainder"] = row["remainder"].boolean()
    if "tiers" in row:
        data["tiers"] = [_tier(tier, declared, measure) for tier in row["tiers"].items()]
    for limit in ("at_least", "at_most"):
        if limit in row:
            row[limit].amount(declared.currency)
            data[limit] = row[limit].decimal()
    if "basis" in row:
        data["basis"] = row["basis"].word(Basis)
    if "legal_basis" in row:
        data["legal_basis"] = row["legal_basis"].remark()
    ways = ("percent" in data) + ("fixed" in data) + data.get("remainder", False) + bool(data.get("tiers"))
    if ways != 1:
        what = "percent, fixed, remainder and tiers" if "party" in row else "percent, fixed and tiers"
        raise row.wrong(f"there should be exactly one of {what}.")
    is_fixed = "fixed" in data or any("fixed" in tier for tier in data.get("tiers", ()))
    if "basis" not in data and not is_fixed:
        raise row.wrong("basis is missing.")
    return data


def _rate(row: Fields, declared: Declared) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if "percent" in row:
        row["percent"].fraction()
        data["percent"] = row["percent"].decimal()
    if "fixed" in row:
        row["fixed"].amount(declared.currency)
        data["fixed"] = row["fixed"].decimal()
    return data


def _tier(value: Value, declared: Declared, measure: Measure | None) -> dict[str, Any]:
    row = value.fields("", "percent fixed up_to")
    data = _rate(row, declared)
    if len(data) != 1:
        raise row.wrong("there should be exactly one of percent and fixed.")
    if "up_to" in row and measure is Measure.AMOUNT:
        row["up_to"].amount(declared.currency)
        data["up_to"] = row["up_to"].decimal()
    elif "up_to" in row:
        data["up_to"] = row["up_to"].integer(1)
    return data


def _party(value: Value, declared: Declared) -> str:
    name = value.text()
    return name if name in ROLES else declared.organization(value)
