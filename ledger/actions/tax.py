"""The only place that writes tax codes and their rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from core import locale
from core.actions import Act, action
from core.errors import Refused, Stale
from ledger.actions.text import clean_code, clean_text
from ledger.models import Service, TaxCode, TaxRate
from ledger.permissions import CATALOG_EDIT

if TYPE_CHECKING:
    from orgs.models import Organization

MOST_DECIMALS = 4


@action(CATALOG_EDIT, audit="tax_code.added")
def add_tax_code(
    act: Act,
    root: Organization,
    *,
    code: str,
    name: str,
    method: str,
    percent: Decimal | None = None,
    starts_on: date | None = None,
) -> TaxCode:
    """Add a tax code to the network, with its first rate unless it is exempt.

    Who may: `catalog:edit` at the parent organization. Refusals: a taken or empty code, a rate of what is exempt, none
    of what is not. Audit: `tax_code.added`.
    """
    made = TaxCode(code=clean_code(code), name=clean_text(name, "name"), method=method)
    if TaxCode.objects.filter(code=made.code).exists():
        raise Refused("duplicate", f"There is a tax code {made.code} already. Choose another.", field="code")
    exempt = method == TaxCode.Method.EXEMPT
    if exempt and percent is not None:
        raise Refused(
            "invalid",
            "An exempt code has no rate. Leave it empty, or choose how it is taxed.",
            field="percent",
        )
    if not exempt and percent is None:
        raise Refused("invalid", "Say at what rate it is taxed.", field="percent")
    if not exempt and starts_on is None:
        raise Refused("invalid", "Say from which day on the rate is in force.", field="starts_on")
    made.save(force_insert=True)
    if percent is not None and starts_on is not None:
        _add_rate(made, percent, starts_on)
    act.about(made)
    act.changed({}, {"code": made.code, "name": made.name, "method": made.method, "percent": _said(percent)})
    return made


@action(CATALOG_EDIT, audit="tax_rate.added")
def add_tax_rate(act: Act, code: TaxCode, *, percent: Decimal, starts_on: date, version: int) -> TaxRate:
    """Change the rate of a tax code from a day on. What was sold, redeemed or charged before keeps its rate.

    Who may: `catalog:edit` at the parent organization. Refusals: stale version, an exempt or withdrawn code, a day that
    is not after the one from which the last rate is in force. Audit: `tax_rate.added` with the old and the new rate.
    """
    current = _locked(code, version)
    if current.method == TaxCode.Method.EXEMPT:
        raise Refused("not_permitted", f"{current.name} is exempt and has no rate.")
    if current.status == TaxCode.Status.WITHDRAWN:
        raise Refused("not_permitted", f"{current.name} is withdrawn. Add another tax code.")
    last = current.rates.order_by("-starts_on").first()
    if last is not None and starts_on <= last.starts_on:
        raise Refused(
            "duplicate",
            f"{current.name} has a rate from {locale.day(last.starts_on)} on, and what is posted names it. Choose a "
            "later day.",
            field="starts_on",
        )
    made = _add_rate(current, percent, starts_on)
    current.version += 1
    current.save()
    act.about(current)
    old = {"percent": _said(last.percent), "since": last.starts_on} if last else {}
    act.changed(old, {"percent": _said(percent), "since": starts_on})
    return made


@action(CATALOG_EDIT, audit="tax_code.withdrawn")
def withdraw_tax_code(act: Act, code: TaxCode, *, version: int) -> TaxCode:
    """Withdraw a tax code: no service takes it any more; what was sold keeps it.

    Who may: `catalog:edit` at the parent organization. Refusals: stale version, withdrawn already, services that have
    it. Audit: old and new status.
    """
    current = _locked(code, version)
    if current.status == TaxCode.Status.WITHDRAWN:
        raise Refused("not_permitted", f"{current.name} is withdrawn already.")
    having = Service.objects.filter(tax_code=current).order_by("name")
    if first := having.first():
        raise Refused(
            "not_permitted",
            f"{locale.counted(having.count(), 'service')} such as {first.name} are taxed with {current.name}. Give them "
            "another tax code first.",
        )
    current.status = TaxCode.Status.WITHDRAWN
    current.version += 1
    current.save()
    act.about(current)
    act.changed({"status": TaxCode.Status.ACTIVE}, {"status": current.status})
    return current


def _add_rate(code: TaxCode, percent: Decimal, starts_on: date) -> TaxRate:
    if not 0 <= percent <= 100 or percent != round(percent, MOST_DECIMALS):
        raise Refused(
            "invalid",
            f"{locale.number(percent)} % is no rate from 0 to 100 % with at most {MOST_DECIMALS} decimals.",
            field="percent",
        )
    made = TaxRate(tax_code=code, percent=percent, starts_on=starts_on)
    made.save(force_insert=True)
    return made


def _said(percent: Decimal | None) -> str:
    return "" if percent is None else f"{percent.normalize():f}"


def _locked(code: TaxCode, version: int) -> TaxCode:
    current = TaxCode.objects.select_for_update().get(pk=code.pk)
    if current.version != version:
        raise Stale("tax code")
    return current
