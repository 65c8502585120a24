"""Breakage: what is expected never to be used, taken as revenue in proportion to what is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db import transaction

from core.actions import Act, action
from core.actors import Actor
from core.clock import today_in
from core.errors import Refused
from core.idempotency import check_key
from core.money import Money
from ledger.actions.command import LONGEST_KEY, Command, begin, day_asked, post_command, refused
from ledger.actions.place import check_day
from ledger.models import LedgerEvent, Package
from ledger.permissions import BREAKAGE_RUN
from ledger.posting import Booked, lock_breakage_pool
from ledger.queries.answer import party_facts
from ledger.queries.breakage import (
    Pattern,
    booked_of,
    expecting_breakage,
    holders_expecting_breakage,
    pattern_of,
    plans_of,
    pool_of,
    target_of,
)
from ledger.queries.party import parties_of
from ledger.rules import events
from ledger.rules.breakage import excess
from ledger.rules.lines import Line
from ledger.rules.lines import Organization as Party
from ledger.rules.outcome import decimal_text
from ledger.rules.refusals import RefusalCode
from ledger.rules.settings import BREAKAGE_MONTHLY
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from ledger.models import BreakagePool, Entitlement
    from orgs.models import Organization


@action(BREAKAGE_RUN, audit="breakage.run")
def run_breakage(
    act: Act,
    holder: Organization,
    *,
    package: Package,
    expected_percent: Fraction,
    on: date | None = None,
    key: str,
) -> LedgerEvent:
    """Bring the booked breakage of a holder's sales of a package to what it should be as of a day.

    Who may: `breakage:run` at the holder. Effect: revenue for what is expected never to be used, in proportion to what
    was; back again where it was too much. Refusals: `not_permitted` (a percentage below 0 or from 100 on, a package
    whose unused care is unclaimed property, nothing sold, a day too far back), `period_closed`. Audit: `breakage.run`
    with the figures. The same key and request return the first event.
    """
    asked = {
        "holder": holder.pk,
        "package": package.pk,
        "percent": str(expected_percent),
        "on": day_asked(on),
    }
    command = Command(LedgerEvent.Kind.BREAKAGE, key, asked)
    first = begin(act, command)
    if first is not None:
        return first
    day = on or today_in(holder.time_zone)
    hold_standing(holder)
    _check(holder, package, expected_percent, day)
    pool = lock_breakage_pool(holder.pk, package.pk)
    if pool is None:
        raise refused(
            RefusalCode.NOT_PERMITTED, f"{package.name} was never sold for {holder.name}.", field="package"
        )
    pattern = pattern_of(holder.pk, package.pk, day)
    target = target_of(pattern, expected_percent, pool.open_minor)
    change = target - pool.booked_minor
    party = parties_of([holder.pk], day)[holder.pk]
    event = post_command(
        act,
        command,
        organization_id=holder.pk,
        on=day,
        lines=events.breakage(party, change),
        booked=Booked(pool.id, change) if change else None,
        inputs={
            "parties": party_facts([party]),
            "package": package.code,
            "expected_percent": decimal_text(expected_percent),
            "sold_minor": pattern.sold_minor,
            "recognized_minor": pattern.recognized_minor,
            "open_minor": pool.open_minor,
            "booked_minor": pool.booked_minor,
            "target_minor": target,
        },
    )
    act.about(package)
    act.changed(
        {"booked": str(Money(pool.booked_minor, package.currency))},
        {"booked": str(Money(target, package.currency)), **_told(pattern, package.currency)},
    )
    return event


@dataclass(frozen=True)
class BreakageRun:
    """What a run did to one holder's sales of one package: booked before and after, or why it was refused."""

    holder: str
    package: str
    before: Money
    after: Money
    refused: str = ""


def run_all_breakage(actor: Actor, on: date, *, dry_run: bool = False) -> list[BreakageRun]:
    """Bring breakage up to a day for every package that expects some, at everybody who owes its care.

    With `dry_run` nothing stays. What is refused keeps nothing else from running.
    """
    return [_run_one(actor, package, holder, on, dry_run=dry_run) for package, holder in expecting_breakage()]


def run_holder(actor: Actor, holder: Organization, *, on: date, key: str) -> list[LedgerEvent]:
    """Bring a holder's breakage up to a day by hand: every package that has something to book, or none of them.

    The same key again gives the first results.
    """
    check_key(key, LONGEST_KEY)
    plans = {f"{key}:{plan.package.pk}": plan for plan in plans_of(holder, on)}
    there = _keys_there(plans)
    with transaction.atomic():
        return [
            run_breakage(
                actor,
                holder,
                package=plan.package,
                expected_percent=plan.percent,
                on=on,
                key=its_key,
            )
            for its_key, plan in plans.items()
            if plan.step or its_key in there
        ]


def run_month_ends(actor: Actor) -> list[BreakageRun]:
    """Bring breakage up to the end of last month at every holder whose setting says so, once for each package.

    A month ends by the holder's clock. What is refused, as in a closed period, keeps nothing else from running.
    """
    done = []
    for holder in holders_expecting_breakage():
        if not BREAKAGE_MONTHLY.at(holder):
            continue
        on = today_in(holder.time_zone).replace(day=1) - timedelta(days=1)
        keys = {_key_of(plan.package, holder, on): plan.package for plan in plans_of(holder, on)}
        there = _keys_there(keys)
        done += [_run_one(actor, package, holder, on) for key, package in keys.items() if key not in there]
    return done


def _keys_there(keys: Iterable[str]) -> set[str]:
    """Those that something was posted under."""
    return set(LedgerEvent.objects.filter(key__in=list(keys)).values_list("key", flat=True))


def _key_of(package: Package, holder: Organization, on: date) -> str:
    """One run of a package at a holder for a day, whoever starts it."""
    return ":".join(("breakage", str(package.pk), str(holder.pk), on.isoformat()))


def _run_one(
    actor: Actor, package: Package, holder: Organization, on: date, *, dry_run: bool = False
) -> BreakageRun:
    before = booked_of(holder, package)
    after, refusal = before, ""
    try:
        with transaction.atomic():
            event = run_breakage(
                actor,
                holder,
                package=package,
                expected_percent=Fraction(package.breakage_percent or 0),
                on=on,
                key=_key_of(package, holder, on),
            )
            after = Money(event.inputs["target_minor"], package.currency)
            transaction.set_rollback(dry_run)
    except Refused as refused_for:
        refusal = refused_for.message
    return BreakageRun(holder.code, package.code, before, after, refusal)


def reversed_excess(
    entitlement: Entitlement, holder: Party, taken_minor: int
) -> tuple[tuple[Line, ...], Booked | None]:
    """What an event that takes so much of what is open posts besides, so that booked breakage never exceeds it.

    Call it with the entitlement locked, which locks its pool.
    """
    return reversed_of(pool_of(entitlement), holder, taken_minor)


def reversed_of(
    pool: BreakagePool | None, holder: Party, taken_minor: int
) -> tuple[tuple[Line, ...], Booked | None]:
    """The same where the pool is known."""
    too_much = excess(pool.booked_minor, pool.open_minor, taken_minor) if pool else 0
    if pool is None or not too_much:
        return (), None
    return events.reversed_breakage(holder, too_much), Booked(pool.pk, -too_much)


def reversed_inputs(booked: Booked | None) -> dict[str, int]:
    """What an event keeps of the booked breakage that it reversed."""
    return {"reversed_minor": -booked.amount_minor} if booked else {}


def _check(holder: Organization, package: Package, expected_percent: Fraction, on: date) -> None:
    check_day(holder, on)
    if not 0 <= expected_percent < 100:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{decimal_text(expected_percent)} % can't be expected; say 0 or more, and less than 100.",
            field="expected_percent",
        )
    if package.expiry == Package.Expiry.UNCLAIMED_PROPERTY:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"What nobody uses of {package.name} is unclaimed property; no breakage is taken of it.",
            field="package",
        )


def _told(pattern: Pattern, currency: str) -> dict[str, str]:
    return {
        "sold": str(Money(pattern.sold_minor, currency)),
        "recognized": str(Money(pattern.recognized_minor, currency)),
    }
