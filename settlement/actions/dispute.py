"""Disputing an item, saying something about it, and ending the dispute by a correction or in agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import F
from django.db.models.functions import Now

from core import locale
from core.access import require
from core.actions import Act, action
from core.actors import SystemActor
from core.clock import now, today_in
from core.errors import Refused, Stale
from ledger.queries.mutual import corrects
from orgs.actions.mail import queue_signed_mail
from orgs.queries.access import organizations_for
from orgs.queries.membership import people_who_may
from settlement.actions.acknowledgement import Meant, acknowledge
from settlement.models import Dispute, DisputeMessage
from settlement.permissions import RECONCILIATION_DISPUTE
from settlement.queries.items import ACKNOWLEDGED, DISPUTED, OPEN, item
from settlement.rules.disputes import OUTCOMES, REASONS
from settlement.rules.settings import DISPUTE_ANSWER_DAYS
from work.actions.file import store_file

if TYPE_CHECKING:
    from orgs.models import Organization

LONGEST = 2000


@dataclass(frozen=True)
class Said:
    """What somebody says: a text, and a file or none."""

    text: str
    file_name: str = ""
    file: bytes | None = None


@action(RECONCILIATION_DISPUTE, audit="dispute.raised")
def raise_dispute(
    act: Act, side: Organization, *, event_id: int, account_id: int, reason: str, said: Said
) -> Dispute:
    """Dispute an item for one of its sides.

    Who may: `reconciliation:dispute` at that side. Effect: the item is disputed, so that no settlement takes it, and
    the other side has to answer. Refusals: it isn't this side's, it is disputed or settled already, no words, a file
    that isn't taken. Audit: the entry and the reason.
    """
    found = item(event_id, account_id)
    if found is None or side.pk not in found.sides:
        raise Refused("not_permitted", f"{side.name} has no such item.")
    if found.state == DISPUTED:
        raise Refused("not_permitted", "This is disputed already. Answer in that dispute.")
    if found.state not in (OPEN, ACKNOWLEDGED):
        raise Refused(
            "not_permitted", f"This is {found.state} already. Correct it by a void or a journal entry."
        )
    if reason not in REASONS:
        raise Refused("invalid", "Choose what is wrong with it.", field="reason")
    _check_text(said)
    other = _organization(next(one for one in found.sides if one != side.pk))
    dispute = Dispute.objects.create(
        event_id=event_id,
        account_id=account_id,
        side=side,
        other=other,
        awaits=other,
        answer_by=_answer_by(other),
        reason=reason,
        amount_minor=found.amount.minor,
        currency=found.amount.currency,
        effective_on=found.on,
        opened_at=now(),
        opened_by_id=act.actor.id,
        opened_by=act.actor.label,
    )
    _write(act, dispute, side, said)
    act.about(dispute)
    act.changed({}, {"event": event_id, "reason": reason, "amount": str(found.amount)})
    return dispute


@action(RECONCILIATION_DISPUTE, audit="dispute.answered")
def write_message(act: Act, dispute: Dispute, *, side: Organization, said: Said) -> DisputeMessage:
    """Say something for one side, with a file or without; the other side has to answer then.

    Who may: `reconciliation:dispute` at that side. Refusals: not a side of it, it has ended, no words.
    """
    require(act.actor, RECONCILIATION_DISPUTE, side)
    if side.pk not in dispute.access_organization_ids:
        raise Refused("not_permitted", f"{side.name} is no side of this dispute.", field="side")
    _check_open(dispute)
    _check_text(said)
    message = _write(act, dispute, side, said)
    awaits = _organization(dispute.other_id if side.pk == dispute.side_id else dispute.side_id)
    Dispute.objects.filter(pk=dispute.pk).update(
        awaits=awaits, answer_by=_answer_by(awaits), version=F("version") + 1
    )
    act.changed({}, {"side": side.code, "file": message.file_name})
    return message


@action(RECONCILIATION_DISPUTE, audit="dispute.ended")
def end_dispute(
    act: Act,
    dispute: Dispute,
    *,
    outcome: str,
    text: str,
    correction_id: int | None = None,
    version: int,
) -> None:
    """End a dispute: corrected by an entry, accepted as it stands, or withdrawn.

    Who may: `reconciliation:dispute`, at either side where it was corrected, otherwise at the side that disputes.
    Effect: the item is as it was before, and the side that disputed it has agreed to it. Refusals: it has ended, an
    entry that doesn't correct it, no words, somebody else changed it. Audit: the outcome and the entry.
    """
    _check_open(dispute)
    if outcome not in OUTCOMES:
        raise Refused("invalid", "Choose how it ends.", field="outcome")
    if not text.strip():
        raise Refused("invalid", "Say how you came to agree: both sides read it.", field="text")
    if outcome == "corrected":
        _check_correction(dispute, correction_id)
    else:
        require(act.actor, RECONCILIATION_DISPUTE, dispute.side)
        correction_id = None
    ended = Dispute.objects.filter(pk=dispute.pk, version=version, closed_at=None).update(
        outcome=outcome,
        outcome_text=text.strip()[:500],
        correction_id=correction_id,
        closed_at=Now(),
        closed_by_id=act.actor.id,
        closed_by=act.actor.label,
        version=F("version") + 1,
    )
    if not ended:
        raise Stale("dispute")
    keys = [(one, dispute.account_id) for one in (dispute.event_id, correction_id) if one]
    meant = Meant([dispute.account_id], keys=keys)
    acknowledge(SystemActor.of(f"end of a dispute by {act.actor.label}"), dispute.side, meant=meant)
    act.changed({}, {"event": dispute.event_id, "outcome": outcome, "correction": correction_id})


def remind_of_disputes() -> int:
    """Write, once, to whoever let the day pass by which they had to answer in a dispute of the bound network, however
    long ago; returns to how many people."""
    rows = Dispute.objects.filter(closed_at=None, answer_by__lte=now().date())
    unsaid = rows.exclude(reminded_for=F("answer_by")).select_for_update(of=("self",), skip_locked=True)
    sent = 0
    for dispute in unsaid.select_related("awaits", "side", "other"):
        if today_in(dispute.awaits.time_zone) > dispute.answer_by:
            sent += _remind(dispute)
            Dispute.objects.filter(pk=dispute.pk).update(reminded_for=dispute.answer_by)
    return sent


def _remind(dispute: Dispute) -> int:
    people = people_who_may(RECONCILIATION_DISPUTE, dispute.awaits)
    for person in people:
        queue_signed_mail(
            dispute.awaits,
            person.email,
            f"An answer is due: {dispute.side.name} and {dispute.other.name}",
            f"{dispute.awaits.name} had to answer by {locale.long_day(dispute.answer_by)} in the dispute about entry "
            f"no. {dispute.event_id} of {locale.long_day(dispute.effective_on)}, {dispute.amount}.\n\n"
            "It stands in Caretree under Reconciliation and settlement, Disputes. Until it ends, no settlement takes the entry.",
        )
    return len(people)


def _organization(pk: int) -> Organization:
    return organizations_for(SystemActor.of("sides of a dispute"), RECONCILIATION_DISPUTE).get(pk=pk)


def _answer_by(side: Organization) -> date:
    return today_in(side.time_zone) + timedelta(days=DISPUTE_ANSWER_DAYS.at(side))


def _check_open(dispute: Dispute) -> None:
    if not dispute.is_open:
        raise Refused("not_permitted", "This dispute has ended. Raise another if something is still wrong.")


def _check_text(said: Said) -> None:
    if not said.text.strip() or len(said.text) > LONGEST:
        raise Refused("invalid", f"Say what is wrong, in at most {LONGEST} characters.", field="text")


def _check_correction(dispute: Dispute, correction_id: int | None) -> None:
    if correction_id is None or not corrects(correction_id, dispute.event_id, dispute.account_id):
        raise Refused(
            "not_permitted",
            f"Entry no. {correction_id or '–'} corrects nothing here: it neither voids entry no. {dispute.event_id}, nor is "
            "it a later journal entry between the two. Post the correction first, then give its number.",
            field="correction",
        )


def _write(act: Act, dispute: Dispute, side: Organization, said: Said) -> DisputeMessage:
    stored = store_file(side.pk, said.file_name, said.file, field="file") if said.file is not None else None
    return DisputeMessage.objects.create(
        dispute=dispute,
        side=side,
        text=said.text.strip(),
        file_id=stored.pk if stored else None,
        file_name=stored.name if stored else "",
        by_id=act.actor.id,
        by=act.actor.label,
        at=now(),
    )
