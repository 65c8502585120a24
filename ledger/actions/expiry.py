"""Expiry: what nobody used in time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from core import locale
from core.actions import Act, action
from core.actors import Actor
from core.clock import today_in
from core.errors import Refused
from ledger.actions.breakage import reversed_excess, reversed_inputs
from ledger.actions.command import Command, begin, day_asked, post_command, refused
from ledger.actions.place import check_day
from ledger.models import Entitlement, EntitlementLine, LedgerEvent
from ledger.permissions import ENTITLEMENT_EXPIRE
from ledger.posting import Booked, Movement
from ledger.queries.answer import party_facts
from ledger.queries.breakage import pool_of
from ledger.queries.expiry import expired_by
from ledger.queries.party import parties_of
from ledger.queries.sale import terms_of
from ledger.rules import events
from ledger.rules.accounts import Account
from ledger.rules.refusals import RefusalCode
from orgs.queries.organization import hold_standing

if TYPE_CHECKING:
    from ledger.rules.lines import Line, Organization


@action(ENTITLEMENT_EXPIRE, audit="entitlement.expired")
def expire(act: Act, entitlement: Entitlement, *, on: date | None = None, key: str) -> LedgerEvent:
    """Let what is left of an entitlement expire.

    Who may: `entitlement:expire` at the holder. Effect: nothing of it is left; what is open becomes breakage revenue,
    or unclaimed property where its package says so. Refusals: `not_permitted` (before its last day has passed, without
    an end, a voided sale), `entitlement_exhausted`, `period_closed`. Audit: `entitlement.expired`. The same key and
    request return the first event.
    """
    command = Command(LedgerEvent.Kind.EXPIRY, key, {"entitlement": entitlement.pk, "on": day_asked(on)})
    first = begin(act, command, entitlement_id=entitlement.pk)
    if first is not None:
        return first
    current = Entitlement.objects.select_related("holder", "package").get(pk=entitlement.pk)
    day = on or today_in(current.holder.time_zone)
    hold_standing(current.holder)
    check_day(current.holder, day)
    _check_expired(current, day)
    lines = [line for line in current.lines.select_related("service").order_by("pk") if line.left_units]
    if not lines:
        raise refused(
            RefusalCode.ENTITLEMENT_EXHAUSTED, "Nothing is left of this entitlement that could expire."
        )
    holder = parties_of([current.holder_id], day)[current.holder_id]
    account = Account(terms_of(current).expiry)
    entry, booked = expiry_entry(current, lines, holder, account)
    event = post_command(
        act,
        command,
        organization_id=current.holder_id,
        on=day,
        lines=entry,
        movements=[Movement(line.pk, -line.left_units, -line.open_minor) for line in lines],
        booked=booked,
        inputs=_inputs(current, lines, holder, account, booked),
    )
    act.about(current)
    act.changed(
        {}, {"units": {line.what: line.left_units for line in lines}, "expires_on": current.expires_on}
    )
    return event


@dataclass
class ExpiryRun:
    """What a run over everything that has expired did: how many, worth how much by currency, and what was refused."""

    expired: int = 0
    open_minor: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)


def expire_due(actor: Actor, until: date | None = None, *, dry_run: bool = False) -> ExpiryRun:
    """Let everything expire whose last day has passed by a day, or by today at its holder, each by itself.

    What is refused, as in a closed period, keeps nothing else from expiring; entitlement and reason are told.
    """
    run = ExpiryRun()
    for one in list(expired_by(until)):
        entitlement = one.entitlement
        if not dry_run:
            try:
                expire(actor, entitlement, on=one.on, key=f"expiry of {entitlement.pk}")
            except Refused as refusal:
                run.refused.append((entitlement.code, refusal.message))
                continue
        run.expired += 1
        run.open_minor[one.open.currency] += one.open.minor
    return run


def expiry_entry(
    entitlement: Entitlement, lines: list[EntitlementLine], holder: Organization, account: Account
) -> tuple[tuple[Line, ...], Booked | None]:
    """The lines of an expiry, with the booked breakage that it uses up first; the entitlement is locked.

    What the law leaves to others was never the holder's revenue: all of it is theirs, and booked breakage that would
    exceed what is open then is reversed.
    """
    amounts = [line.open_minor for line in lines]
    if account is Account.UNCLAIMED_PROPERTY:
        reversal, booked = reversed_excess(entitlement, holder, sum(amounts))
        return (*events.expiry(holder, amounts, 0, account), *reversal), booked
    pool = pool_of(entitlement)
    used = min(pool.booked_minor, sum(amounts)) if pool else 0
    booked = Booked(pool.pk, -used) if pool and used else None
    return events.expiry(holder, amounts, used, account), booked


def _check_expired(entitlement: Entitlement, on: date) -> None:
    """Refuse what is void, has no end, or can still be used that day."""
    if entitlement.status == Entitlement.Status.VOID:
        raise refused(RefusalCode.NOT_PERMITTED, "The sale was voided; nothing of it expires.")
    if entitlement.expires_on is None:
        raise refused(RefusalCode.NOT_PERMITTED, "This entitlement can be used without end.")
    if on <= entitlement.expires_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"This entitlement can be used until {locale.day(entitlement.expires_on)}; "
            f"it expires from {locale.day(entitlement.expires_on + timedelta(days=1))} on.",
            field="on",
        )


def _inputs(
    entitlement: Entitlement,
    lines: list[EntitlementLine],
    holder: Organization,
    account: Account,
    booked: Booked | None,
) -> dict[str, Any]:
    return {
        "parties": party_facts([holder]),
        "holder": entitlement.holder_id,
        "entitlement": entitlement.pk,
        "account": str(account),
        **(
            reversed_inputs(booked)
            if account is Account.UNCLAIMED_PROPERTY
            else {"booked_minor": -booked.amount_minor if booked else 0}
        ),
        "units": [
            {"service": line.code, "quantity": line.left_units, "amount_minor": line.open_minor}
            for line in lines
        ],
    }
