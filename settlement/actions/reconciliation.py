"""Answering what a reconciliation found, signing it off, and reopening it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import F
from django.db.models.functions import Now

from core import locale
from core.actions import Act, action
from core.errors import Refused, Stale
from ledger.queries.mutual import claims_between
from settlement.actions.dispute import Said, raise_dispute
from settlement.actions.matching import put_theirs
from settlement.actions.statement import start_matching
from settlement.models import Finding, OurLine, Reconciliation, StatementImport, StatementLine
from settlement.permissions import RECONCILIATION_MATCH, RECONCILIATION_SIGN
from settlement.queries.items import Item, item
from settlement.queries.reconciliation import books_now, content_hash, explained, matched_elsewhere
from settlement.rules.findings import (
    AMOUNT_DIFFERS,
    ANSWERS,
    CONFIRMED,
    DISPUTED,
    EXACT,
    MISSING_HERE,
    MISSING_THERE,
)
from settlement.rules.settings import SIGNED_BY_TWO

if TYPE_CHECKING:
    from settlement.models import Dispute

MOST_LINES = 50


@action(RECONCILIATION_MATCH, audit="finding.answered")
def answer_finding(
    act: Act, finding: Finding, *, answer: str, note: str = "", reason: str = "other"
) -> Finding:
    """Say what is done about a finding: confirmed, accepted, disputed, or noted as timing; '' takes the answer back.

    Who may: `reconciliation:match` at the organization; to dispute also `reconciliation:dispute`. Effect: the answer;
    a dispute is raised on our first line's item. Refusals: signed off, to confirm amounts that differ, to answer
    anything else without saying why, to dispute what the books don't have. Audit: the answer and the note.
    """
    _begin(finding.reconciliation)
    if answer not in (*ANSWERS, ""):
        raise Refused("invalid", "Choose what is done about it.", field="answer")
    is_difference = bool(finding.difference) or not _has_both(finding)
    if answer == CONFIRMED and is_difference:
        raise Refused(
            "not_permitted",
            f"There is a difference of {finding.difference}. Accept it, dispute it, or note it as timing.",
            field="answer",
        )
    if answer not in (CONFIRMED, "") and not note.strip():
        raise Refused("invalid", "Say why: it stands in the reconciliation that is signed off.", field="note")
    dispute = _disputed(act, finding, reason, note) if answer == DISPUTED else None
    old = finding.answer
    Finding.objects.filter(pk=finding.pk).update(
        answer=answer,
        note=note.strip()[:500] if answer else "",
        dispute=dispute,
        is_automatic=False,
        answered_by=act.actor.label if answer else "",
        answered_at=Now() if answer else None,
    )
    act.changed({"answer": old}, {"answer": answer, "note": note.strip()[:500]})
    return finding


def _has_both(finding: Finding) -> bool:
    return finding.our_lines.exists() and finding.theirs.exists()


def _disputed(act: Act, finding: Finding, reason: str, note: str) -> Dispute:
    """The dispute about the item behind our first line: an open one, or a new one."""
    organization = finding.reconciliation.organization
    found = item_behind(finding)
    if found is None:
        raise Refused(
            "not_permitted",
            "The books have nothing here that could be disputed. Accept it, or post what is missing first.",
            field="answer",
        )
    if found.dispute_id is not None:
        raise Refused(
            "not_permitted",
            "This entry is disputed already; note it as timing until that ends.",
            field="answer",
        )
    return raise_dispute(
        act.actor,
        organization,
        event_id=found.event_id,
        account_id=found.account_id,
        reason=reason,
        said=Said(note),
    )


def item_behind(finding: Finding) -> Item | None:
    """The item of our first line, if the finding has one: on the due-from account of whoever is owed."""
    one = finding.reconciliation
    ours = finding.our_lines.order_by("on", "event_id").first()
    if ours is None or one.counterparty_id is None:
        return None
    accounts = [account.pk for account in claims_between(one.organization_id, one.counterparty_id)]
    found = (item(ours.event_id, pk) for pk in accounts)
    return next((each for each in found if each is not None), None)


@action(RECONCILIATION_MATCH, audit="finding.taken_apart")
def take_apart(act: Act, finding: Finding) -> None:
    """Make every line of a finding one by itself again.

    Who may: `reconciliation:match` at the organization. Refusals: signed off, answered, a single line. Audit: how many.
    """
    reconciliation = _begin(finding.reconciliation)
    _check_unanswered(finding)
    ours = list(finding.our_lines.order_by("on", "event_id"))
    theirs = list(finding.theirs.order_by("number"))
    if len(ours) + len(theirs) < 2:
        raise Refused("not_permitted", "This is a single line already.")
    words = f"Taken apart by {act.actor.label}."
    for line in ours:
        alone = _new(reconciliation, MISSING_THERE, [line], [], words)
        OurLine.objects.filter(pk=line.pk).update(finding=alone)
    for other in theirs:
        alone = _new(reconciliation, MISSING_HERE, [], [other], words)
        put_theirs([(other.pk, alone.pk)])
    Finding.objects.filter(pk=finding.pk).delete()
    act.about(reconciliation)
    act.changed({}, {"lines": len(ours) + len(theirs), "was": finding.name})


@action(RECONCILIATION_MATCH, audit="finding.put_together")
def put_together(act: Act, reconciliation: Reconciliation, *, findings: Sequence[Finding]) -> Finding:
    """Make one finding of several, because somebody sees that they belong together.

    Who may: `reconciliation:match` at the organization. Refusals: signed off, answered ones, fewer than two, more lines
    than anybody can see at once, lines of one side alone. Audit: the lines and the difference.
    """
    _begin(reconciliation)
    for finding in findings:
        _check_unanswered(finding)
    keys = [finding.pk for finding in findings]
    ours = list(
        OurLine.objects.filter(finding__in=keys, reconciliation=reconciliation).order_by("on", "event_id")
    )
    theirs = list(StatementLine.objects.filter(finding__in=keys, statement=reconciliation.statement_id))
    if len(findings) < 2 or not ours or not theirs:
        raise Refused("not_permitted", "Choose at least one line here and one there, in two findings.")
    if len(ours) + len(theirs) > MOST_LINES:
        raise Refused("not_permitted", f"At most {MOST_LINES} lines can be put together.")
    is_equal = sum(one.amount_minor for one in ours) == sum(one.amount_minor for one in theirs)
    words = f"Put together by {act.actor.label}."
    made = _new(reconciliation, EXACT if is_equal else AMOUNT_DIFFERS, ours, theirs, words)
    OurLine.objects.filter(pk__in=[one.pk for one in ours]).update(finding=made)
    put_theirs([(one.pk, made.pk) for one in theirs])
    Finding.objects.filter(pk__in=keys).delete()
    act.about(reconciliation)
    act.changed({}, {"lines": len(ours) + len(theirs), "difference": str(made.difference)})
    return made


def _new(
    reconciliation: Reconciliation,
    name: str,
    ours: Sequence[OurLine],
    theirs: Sequence[StatementLine],
    words: str,
) -> Finding:
    return Finding.objects.create(
        reconciliation=reconciliation,
        name=name,
        on=min([one.on for one in theirs] or [one.on for one in ours]),
        ours_minor=sum(one.amount_minor for one in ours),
        theirs_minor=sum(one.amount_minor for one in theirs if one.currency == reconciliation.currency),
        currency=reconciliation.currency,
        confidence=100,
        reason=words[:300],
    )


@action(RECONCILIATION_MATCH, audit="reconciliation.matched_again")
def match_again(act: Act, reconciliation: Reconciliation) -> None:
    """Have the worker match what is not answered anew, with the books as they are then.

    Who may: `reconciliation:match` at the organization. Effect: until that is done or cancelled nobody answers or signs.
    Refusals: signed off, being matched already. Audit: that it was asked for.
    """
    start_matching(act, _begin(reconciliation).statement)


@action(RECONCILIATION_SIGN, audit="reconciliation.signed")
def sign(act: Act, reconciliation: Reconciliation, *, version: int) -> Reconciliation:
    """Sign a reconciliation; it is signed off by the first signature, or by the second where policy wants two.

    Who may: `reconciliation:sign` at the organization. Effect: it is read-only. Refusals: signed off, something waits
    for an answer, a difference that nothing explains, entries posted since it was matched, the second signature by the
    same person, somebody changed it since it was shown. Audit: the hash of what was signed.
    """
    one = _held(reconciliation)
    if one.is_signed:
        raise Refused("not_permitted", "This reconciliation is signed off already.")
    if one.version != version:
        raise Stale("reconciliation")
    _check_whole(one)
    digest = content_hash(one)
    needs_two = SIGNED_BY_TWO.at(one.organization)
    if not one.signed_at or one.content_hash != digest:
        values = {"signed_at": Now(), "signed_by_id": act.actor.id, "signed_by": act.actor.label}
        is_signed = not needs_two
    elif one.signed_by_id == act.actor.id:
        raise Refused(
            "not_permitted", f"{one.signed_by} has signed it; the second signature is somebody else’s."
        )
    else:
        values = {
            "countersigned_at": Now(),
            "countersigned_by_id": act.actor.id,
            "countersigned_by": act.actor.label,
        }
        is_signed = True
    Reconciliation.objects.filter(pk=one.pk).update(
        **values, is_signed=is_signed, content_hash=digest, version=F("version") + 1
    )
    act.changed({}, {"content_hash": digest, "signed_off": is_signed})
    one.refresh_from_db()
    return one


def _check_whole(one: Reconciliation) -> None:
    why = explained(one)
    if why.waiting:
        raise Refused(
            "not_permitted",
            f"{locale.counted(why.waiting, 'finding')} wait for an answer. Answer them first.",
        )
    if books_now(one) != one.closing:
        raise Refused(
            "not_permitted",
            f"Entries of this period were posted since: the books now have {books_now(one)}, {one.closing} was matched. "
            "Match it again.",
        )
    ours = set(OurLine.objects.filter(reconciliation=one).values_list("event_id", "account_id"))
    if matched_elsewhere(one, ours):
        raise Refused(
            "not_permitted",
            "Another reconciliation that was signed off since has some of its entries. Match it again.",
        )
    if why.rest:
        raise Refused("not_permitted", f"Nothing explains {why.rest} of the difference. Match it again.")


@action(RECONCILIATION_SIGN, audit="reconciliation.reopened")
def reopen(act: Act, reconciliation: Reconciliation, *, why: str, version: int) -> None:
    """Open a reconciliation that was signed off again; both signatures go.

    Who may: `reconciliation:sign` at the organization. Refusals: it isn't signed off, no reason. Audit: the reason and
    who had signed.
    """
    one = _held(reconciliation)
    if not one.is_signed:
        raise Refused("not_permitted", "This reconciliation is open.")
    if one.version != version:
        raise Stale("reconciliation")
    if not why.strip():
        raise Refused("invalid", "Say why: it stays with the reconciliation.", field="why")
    act.changed({"signed_by": one.signed_by, "content_hash": one.content_hash}, {"why": why.strip()[:500]})
    Reconciliation.objects.filter(pk=one.pk).update(
        **_UNSIGNED,
        reopened_at=Now(),
        reopened_by=act.actor.label,
        reopened_why=why.strip()[:500],
        version=F("version") + 1,
    )


_UNSIGNED = {
    "is_signed": False,
    "signed_at": None,
    "signed_by_id": None,
    "signed_by": "",
    "countersigned_at": None,
    "countersigned_by_id": None,
    "countersigned_by": "",
    "content_hash": "",
}


def _held(reconciliation: Reconciliation) -> Reconciliation:
    """The reconciliation, locked until the end of the transaction; nobody waits for the worker that has it."""
    if StatementImport.objects.filter(pk=reconciliation.statement_id, status="waiting").exists():
        raise Refused("not_permitted", "This reconciliation is being matched. Wait until that is done.")
    rows = Reconciliation.objects.select_for_update(of=("self",)).select_related(
        "organization", "counterparty", "statement"
    )
    return rows.get(pk=reconciliation.pk)


def _begin(reconciliation: Reconciliation) -> Reconciliation:
    """Hold it for a change; a first signature goes with what it signed."""
    one = _held(reconciliation)
    if one.is_signed:
        raise Refused("not_permitted", "This reconciliation is signed off. Reopen it with a reason first.")
    Reconciliation.objects.filter(pk=one.pk).update(**_UNSIGNED, version=F("version") + 1)
    return one


def _check_unanswered(finding: Finding) -> None:
    if finding.answer:
        raise Refused(
            "not_permitted",
            f"This is {finding.get_answer_display().lower()} already. Take the answer back first.",
        )
