"""Matching a statement's lines with the books, and keeping what was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from django.db import connection
from django.db.models import F

from core.clock import now
from core.money import decimals_of, round_half_away
from core.progress import Progress, between, silent
from ledger.queries.mutual import (
    KINDS,
    BookLine,
    book_accounts,
    book_balance,
    book_lines,
    parties_of_events,
)
from settlement.models import Finding, OurLine, Reconciliation, StatementLine
from settlement.queries.reconciliation import matched_elsewhere
from settlement.rules.findings import ACCEPTED, CONFIRMED
from settlement.rules.matching import Entry, Pairing, Policy, match, normalized
from settlement.rules.settings import MATCH_TOLERANCE, MATCH_WINDOW_DAYS

CHUNK = 5000
LOADED, PAIRED = 15, 35
AROUND = timedelta(days=31)  # so far outside the period an entry may be what a line means


def policy_of(reconciliation: Reconciliation) -> Policy:
    """What may differ by the policies of the organization."""
    place = reconciliation.organization
    exact = Fraction(MATCH_TOLERANCE.at(place)) * 10 ** decimals_of(reconciliation.currency)
    return Policy(round_half_away(exact), MATCH_WINDOW_DAYS.at(place))


def match_lines(reconciliation: Reconciliation, progress: Progress = silent) -> None:
    """Match what stands in no answered finding anew, with the books as they are; every line is in one finding then."""
    progress(1)
    _take_apart_unanswered(reconciliation)
    theirs_of = StatementLine.objects.filter(statement=reconciliation.statement_id)
    policy = policy_of(reconciliation)
    ours = _books(reconciliation)
    theirs = list(theirs_of.filter(finding=None).order_by("number"))
    progress(LOADED)
    pairings = match(
        [_our_entry(key, line, reconciliation) for key, line in enumerate(ours)],
        [_their_entry(key, line, reconciliation.currency) for key, line in enumerate(theirs)],
        policy,
        elsewhere=_elsewhere(reconciliation, ours, theirs),
        told=between(progress, LOADED, PAIRED),
    )
    told = between(progress, PAIRED, 100)
    for start in range(0, len(pairings), CHUNK):
        _write(reconciliation, policy, pairings[start : start + CHUNK], ours, theirs)
        told(start + CHUNK, len(pairings))


def _take_apart_unanswered(reconciliation: Reconciliation) -> None:
    """By the keys of findings: a join of what was written a moment ago, of which nothing is known yet, is planned badly."""
    waiting = Finding.objects.filter(reconciliation=reconciliation, answer="").order_by("pk")
    keys = list(waiting.values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        OurLine.objects.filter(finding__in=some).delete()
        StatementLine.objects.filter(finding__in=some).update(finding=None)
        Finding.objects.filter(pk__in=some).delete()


def _books(reconciliation: Reconciliation) -> list[BookLine]:
    """What the books have in the period and around it that no finding has, here or of another statement."""
    one = reconciliation
    accounts = book_accounts(one.organization_id, one.counterparty_id, one.currency)
    lines = book_lines(accounts, one.since - AROUND, one.until + AROUND)
    elsewhere = matched_elsewhere(one, {(line.event_id, line.account_id) for line in lines})
    here = set(OurLine.objects.filter(reconciliation=one).values_list("event_id", "account_id"))
    inside = [
        line.minor
        for line in lines
        if (line.event_id, line.account_id) in elsewhere and _is_inside(line, one)
    ]
    opening, closing = (
        book_balance(one.organization_id, one.counterparty_id, one.currency, day)
        for day in (one.since - timedelta(days=1), one.until)
    )
    Reconciliation.objects.filter(pk=one.pk).update(
        opening_minor=opening.minor,
        closing_minor=closing.minor,
        elsewhere_minor=sum(inside),
        version=F("version") + 1,
    )
    return [line for line in lines if (line.event_id, line.account_id) not in elsewhere | here]


def _is_inside(line: BookLine, reconciliation: Reconciliation) -> bool:
    return reconciliation.since <= line.on <= reconciliation.until


def _our_entry(key: int, line: BookLine, reconciliation: Reconciliation) -> Entry:
    return Entry(key, line.on, line.minor, str(line.event_id), _is_inside(line, reconciliation))


def _their_entry(key: int, line: StatementLine, currency: str) -> Entry:
    if line.currency != currency:
        return Entry(key, line.on, 0, normalized(line.reference), foreign=str(line.amount))
    return Entry(key, line.on, line.amount_minor, normalized(line.reference))


def _elsewhere(
    reconciliation: Reconciliation, ours: Sequence[BookLine], theirs: Sequence[StatementLine]
) -> dict[str, str]:
    """With whom the books have the references that the statement says and that aren't among ours."""
    known = {str(line.event_id) for line in ours}
    said = {normalized(line.reference) for line in theirs} - known
    numbers = [int(one) for one in said if one.isascii() and one.isdigit() and len(one) < 19]
    names = parties_of_events(reconciliation.organization_id, numbers)
    with_whom = reconciliation.counterparty.name if reconciliation.counterparty else ""
    return {str(event): name for event, name in names.items() if name and name != with_whom}


def _write(
    reconciliation: Reconciliation,
    policy: Policy,
    pairings: Sequence[Pairing],
    ours: Sequence[BookLine],
    theirs: Sequence[StatementLine],
) -> None:
    """Findings, our lines in them, and theirs; in a few statements."""
    findings = Finding.objects.bulk_create(
        [_finding(reconciliation, policy, one, ours, theirs) for one in pairings]
    )
    kept = [
        OurLine(
            reconciliation=reconciliation,
            finding=finding,
            event_id=ours[key].event_id,
            account_id=ours[key].account_id,
            on=ours[key].on,
            amount_minor=ours[key].minor,
            currency=reconciliation.currency,
            text=KINDS[ours[key].kind],
        )
        for finding, pairing in zip(findings, pairings, strict=True)
        for key in pairing.ours
    ]
    OurLine.objects.bulk_create(kept)
    put_theirs(
        [
            (theirs[key].pk, finding.pk)
            for finding, pairing in zip(findings, pairings, strict=True)
            for key in pairing.theirs
        ]
    )


def put_theirs(places: Sequence[tuple[int, int]]) -> None:
    """Put lines of the statement into findings: (line, finding), in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE settlement_statementline s SET finding_id = p.finding"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS p(line, finding) WHERE s.id = p.line",
            [[line for line, _ in places], [finding for _, finding in places]],
        )


def _finding(
    reconciliation: Reconciliation,
    policy: Policy,
    pairing: Pairing,
    ours: Sequence[BookLine],
    theirs: Sequence[StatementLine],
) -> Finding:
    currency = reconciliation.currency
    ours_minor = sum(ours[key].minor for key in pairing.ours)
    theirs_minor = sum(theirs[key].amount_minor for key in pairing.theirs if theirs[key].currency == currency)
    days = [theirs[key].on for key in pairing.theirs] or [ours[key].on for key in pairing.ours]
    answer = ""
    if pairing.is_automatic:
        answer = CONFIRMED if ours_minor == theirs_minor else ACCEPTED
    return Finding(
        reconciliation=reconciliation,
        name=pairing.name,
        on=min(days),
        ours_minor=ours_minor,
        theirs_minor=theirs_minor,
        currency=currency,
        confidence=pairing.confidence,
        reason=pairing.reason,
        is_automatic=pairing.is_automatic,
        tolerance_minor=policy.tolerance_minor,
        answer=answer,
        answered_by="Matching" if answer else "",
        answered_at=now() if answer else None,
    )
