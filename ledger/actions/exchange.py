"""Entering exchange rates, one or a file of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from core import locale
from core.actions import Act, action
from core.errors import Refused
from core.tenancy import bound_network_id
from ledger.models import ExchangeRate
from ledger.permissions import RATE_ENTER
from ledger.queries.exchange import latest_of
from ledger.rules.quoted import Quoted, RateLine, wrong_with

if TYPE_CHECKING:
    from orgs.models import Organization

RATES_LOCK = 10
MOST_TOLD = 20


@dataclass(frozen=True)
class Entered:
    """What entering rates came to: those of a new day, those that correct one, and those that stood so already."""

    new: int
    corrected: int
    same: int


@action(RATE_ENTER, audit="exchange_rate.entered")
def enter_rates(act: Act, organization: Organization, *, quoted: Sequence[Quoted]) -> Entered:
    """Put rates on record, all or none; `organization` is the parent.

    Who may: `exchange_rate:enter` in the whole network. Effect: each holds from its day until the next of its pair; one
    for a day that has another already is a correction, for what is posted and valued from now on: what was posted keeps
    the rate it used. What stands so already is left. Refusals: `invalid` (currencies, number, day, source). Audit:
    `exchange_rate.entered` with the rates, old and new.
    """
    for one in quoted:
        field, problem = wrong_with(one)
        if problem:
            raise Refused("invalid", problem, field=field)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RATES_LOCK, bound_network_id()])
    before = latest_of(one.key for one in quoted)
    made = [one for one in quoted if not (one.key in before and before[one.key].says(one))]
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            base=one.base,
            quote=one.quote,
            on=one.on,
            version=before[one.key].version + 1 if one.key in before else 1,
            value=one.value,
            source=one.source.strip(),
            entered_by_id=act.actor.id,
            entered_by_label=act.actor.label,
        )
        for one in made
    )
    if not made:
        act.nothing_happened()
    corrected = [one for one in made if one.key in before]
    act.changed(
        {_name(one): before[one.key].rate.plain for one in corrected[:MOST_TOLD]},
        {"rates": len(made)} | {_name(one): str(one.value) for one in made[:MOST_TOLD]},
    )
    return Entered(len(made) - len(corrected), len(corrected), len(quoted) - len(made))


def check_lines(lines: Sequence[RateLine]) -> list[Quoted]:
    """What the lines of a file quote; refuses (`invalid`) a file without rates, or with a line that is wrong."""
    wrong = [line for line in lines if line.problem]
    if wrong:
        many = locale.counted(len(wrong), "line is", "lines are")
        first = f"line {wrong[0].number}: {wrong[0].problem}"
        raise Refused("invalid", f"{many} wrong, so none was taken. The first, {first}", field="text")
    found = [line.quoted for line in lines if line.quoted]
    if not found:
        raise Refused("invalid", "The file has no rates.", field="text")
    return found


def _name(one: Quoted) -> str:
    return ", ".join((f"{one.base} to {one.quote}", str(one.on)))
