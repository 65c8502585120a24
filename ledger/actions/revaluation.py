"""Revaluing balances in foreign currencies at a day's rates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.db import connection, transaction

from core.actions import Act, action
from core.actors import Actor
from ledger.actions.command import Command, begin, post_command, refused
from ledger.models import LedgerEvent
from ledger.permissions import REVALUE
from ledger.queries.revaluation import Revaluation, revaluations
from ledger.rules.exchange import gain_lines
from ledger.rules.refusals import RefusalCode

if TYPE_CHECKING:
    from orgs.models import Organization

REVALUATION_LOCK = 11


@action(REVALUE, audit="books.revalued")
def revalue(act: Act, organization: Organization, *, on: date, key: str) -> list[Revaluation]:
    """Book what balances in foreign currencies gained or lost until a day, as far as it is not in the books.

    Who may: `books:revalue` there. Effect: one event for each foreign currency, in the organization's own books and
    currency; nothing where all is booked. What is booked is a sum since the beginning, settled balances included, so it
    is never reversed: the next run, or another one of the same day with corrected rates, posts the rest. Refusals:
    `currency_mismatch` (no rate of the day, or of a day on which something came about), `period_closed`. Audit:
    `books.revalued` with the amounts. Returns what was posted; the same key and day post once.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [REVALUATION_LOCK, str(organization.pk)]
        )
    posted = []
    for one in revaluations([organization], on):
        if one.missing:
            raise refused(RefusalCode.CURRENCY_MISMATCH, one.missing, field="on")
        asked = {"organization": organization.pk, "on": on.isoformat(), "currency": one.currency}
        command = Command(LedgerEvent.Kind.REVALUATION, f"{key}:{one.currency}", asked)
        if not one.step or begin(act, command) is not None:
            continue
        post_command(
            act,
            command,
            organization_id=organization.pk,
            on=on,
            lines=gain_lines(organization.pk, organization.currency, one.step.minor),
            inputs={
                "currency": one.currency,
                "balance_minor": one.balance.minor,
                "target_minor": one.target.minor,
                "booked_minor": one.booked.minor,
                "exchange": [one.rate.stored] if one.rate else [],
            },
        )
        posted.append(one)
    if posted:
        act.changed({}, {"on": on} | {one.currency: str(one.step) for one in posted})
    else:
        act.nothing_happened()
    return posted


def revalue_all(
    actor: Actor, organizations: Iterable[Organization], *, on: date, key: str
) -> list[Revaluation]:
    """Revalue some organizations, all or none; those without anything to book are left out."""
    due = {
        one.organization.pk: one.organization
        for one in revaluations(organizations, on)
        if one.step or one.missing
    }
    with transaction.atomic():
        return [
            made for place in due.values() for made in revalue(actor, place, on=on, key=f"{key} {place.code}")
        ]
