"""From a statement's file to a reconciliation that is signed off: what it finds, what people answer, what it proves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core import clock
from core.errors import Refused
from settlement.actions.reconciliation import (
    answer_finding,
    match_again,
    put_together,
    reopen,
    sign,
    take_apart,
)
from settlement.actions.statement import BadLines, remove_old_files, send_statement, start_statement
from settlement.actions.statement_run import match_now, run_matching
from settlement.models import Dispute, Finding, Reconciliation, StatementImport, StatementMapping
from settlement.queries.reconciliation import explained
from settlement.rules.settings import MATCH_TOLERANCE, MATCH_WINDOW_DAYS, SIGNED_BY_TWO, STATEMENT_FILE_DAYS
from settlement.rules.statement_csv import Mapping, guessed
from tests.ledger.market import DAY, SYSTEM, Market
from tests.ledger.void.test_void import do_void
from tests.settlement.partner import MAY, Partner, file_of

SINCE, UNTIL = MAY


@pytest.fixture
def partner(market: Market) -> Partner:
    """A month of physiotherapy at Quay, for which the parent pays 57.75 a session."""
    return Partner.of_a_month(market)


def send(partner: Partner, rows, *, by=SYSTEM, **asked) -> Reconciliation:
    world = partner.market.world
    content = file_of(rows)
    statement = send_statement(by, world["P"], counterparty=world["Q"], file_name="quay.csv", content=content)
    asked = {"mapping": guessed(content), "since": SINCE, "until": UNTIL} | asked
    return match_now(by, statement, **asked)


def names(one: Reconciliation) -> dict[str, int]:
    found: dict[str, int] = {}
    for finding in one.findings.filter(answer=""):
        found[finding.name] = found.get(finding.name, 0) + 1
    return found


def whole(one: Reconciliation) -> Reconciliation:
    return Reconciliation.objects.select_related("organization", "counterparty", "statement").get(pk=one.pk)


def answer_all(one: Reconciliation) -> Reconciliation:
    for finding in Finding.objects.filter(reconciliation=one, answer="").select_related(
        "reconciliation__organization"
    ):
        equal = not finding.difference and finding.our_lines.exists()
        answer_finding(
            SYSTEM,
            finding,
            answer="confirmed" if equal else "accepted",
            note="" if equal else "Agreed by phone.",
        )
    return whole(one)


def test_a_statement_that_agrees_waits_for_nobody(partner):
    one = whole(send(partner, partner.said()))
    assert names(one) == {}
    assert one.findings.count() == len(partner.events)
    assert set(one.findings.values_list("answer", "is_automatic", "answered_by")) == {
        ("confirmed", True, "Matching")
    }
    assert not one.difference
    assert one.closing.decimal() == "-808.50"


def test_twelve_planted_differences_are_all_found_and_named(partner):
    one = whole(send(partner, partner.planted()))
    assert names(one) == {
        "amount_differs": 3,
        "missing_here": 2,
        "missing_there": 2,
        "duplicate": 2,
        "timing": 2,
        "reference_differs": 1,
    }
    found = explained(one)
    assert found.waiting == 12
    assert not found.rest
    assert sum(part.amount.minor for part in found.parts) == one.difference.minor != 0


def test_the_difference_is_explained_whatever_is_answered(partner):
    one = answer_all(send(partner, partner.planted()))
    signed = sign(SYSTEM, one, version=one.version)
    assert signed.is_signed
    assert len(signed.content_hash) == 64
    assert not explained(signed).rest


def test_what_waits_or_was_posted_since_keeps_it_from_being_signed(partner):
    one = whole(send(partner, partner.planted()))
    with pytest.raises(Refused, match="12 findings wait for an answer"):
        sign(SYSTEM, one, version=one.version)
    one = answer_all(one)
    partner.treat(date(2026, 5, 30))
    with pytest.raises(Refused, match="posted since"):
        sign(SYSTEM, one, version=one.version)
    match_again(SYSTEM, one)
    run_matching(one.statement_id)
    assert names(one) == {"missing_there": 1}
    one = answer_all(one)
    assert sign(SYSTEM, one, version=one.version).is_signed


def test_signed_off_it_is_read_only_until_it_is_reopened_with_a_reason(partner):
    one = answer_all(send(partner, partner.planted()))
    finding = one.findings.select_related("reconciliation__organization").first()
    one = sign(SYSTEM, one, version=one.version)
    for act in (
        lambda: answer_finding(SYSTEM, finding, answer=""),
        lambda: take_apart(SYSTEM, finding),
        lambda: match_again(SYSTEM, one),
        lambda: sign(SYSTEM, one, version=one.version),
    ):
        with pytest.raises(Refused, match="signed off"):
            act()
    with pytest.raises(Refused, match="Say why"):
        reopen(SYSTEM, one, why=" ", version=one.version)
    reopen(SYSTEM, one, why="A line was overlooked.", version=one.version)
    one = whole(one)
    assert (one.is_signed, one.signed_by, one.reopened_why) == (False, "", "A line was overlooked.")
    answer_finding(SYSTEM, finding, answer="")
    with pytest.raises(Refused, match="is open"):
        reopen(SYSTEM, whole(one), why="Again.", version=whole(one).version)


@pytest.mark.setting("billing.reconciliation_signed_by_two")
def test_two_people_sign_where_policy_wants_it(partner, assign):
    assign("P", SIGNED_BY_TWO, True, "local")
    fay, ada = (partner.market.world.actor(name) for name in ("finance", "administrator"))
    one = answer_all(send(partner, partner.planted()))
    one = sign(fay, one, version=one.version)
    assert (one.is_signed, one.signed_by) == (False, "Fay Finance")
    with pytest.raises(Refused, match="somebody else"):
        sign(fay, whole(one), version=one.version)
    signed = sign(ada, whole(one), version=one.version)
    assert (signed.is_signed, signed.signed_by, signed.countersigned_by) == (True, "Fay Finance", "Ada Admin")


def test_a_change_takes_the_first_signature_along(partner, assign):
    assign("P", SIGNED_BY_TWO, True, "local")
    one = answer_all(send(partner, partner.planted()))
    one = sign(partner.market.world.actor("finance"), one, version=one.version)
    finding = one.findings.select_related("reconciliation__organization").filter(is_automatic=False).first()
    answer_finding(SYSTEM, finding, answer="")
    one = answer_all(one)
    assert whole(one).signed_by == ""
    one = sign(partner.market.world.actor("administrator"), one, version=one.version)
    assert (one.is_signed, one.signed_by) == (False, "Ada Admin")


def finding_of(one: Reconciliation, name: str) -> Finding:
    rows = one.findings.select_related("reconciliation__organization", "reconciliation__counterparty")
    return rows.filter(name=name, answer="").order_by("pk").first()


def test_a_difference_is_not_confirmed_but_accepted_disputed_or_noted(partner):
    one = send(partner, partner.planted())
    differs = finding_of(one, "amount_differs")
    with pytest.raises(Refused, match="There is a difference of"):
        answer_finding(SYSTEM, differs, answer="confirmed")
    with pytest.raises(Refused, match="Say why"):
        answer_finding(SYSTEM, differs, answer="accepted")
    answer_finding(SYSTEM, differs, answer="disputed", note="54.00 was agreed.", reason="amount")
    dispute = Dispute.objects.get()
    assert dispute.event_id == differs.our_lines.get().event_id
    assert (dispute.side.code, dispute.other.code, dispute.reason) == ("P", "Q", "amount")
    differs.refresh_from_db()
    assert differs.dispute_id == dispute.pk
    missing = finding_of(one, "missing_here")
    with pytest.raises(Refused, match="nothing here that could be disputed"):
        answer_finding(SYSTEM, missing, answer="disputed", note="What is it?")
    answer_finding(SYSTEM, finding_of(one, "timing"), answer="timing", note="It is in June there.")


def test_lines_are_taken_apart_and_put_together(partner):
    one = send(partner, partner.planted())
    other = finding_of(one, "reference_differs")
    take_apart(SYSTEM, other)
    assert names(one)["missing_there"] == 3
    with pytest.raises(Refused, match="single line"):
        take_apart(SYSTEM, finding_of(one, "missing_there"))
    ours = one.findings.filter(name="missing_there", reason__startswith="Taken").get()
    theirs = one.findings.filter(name="missing_here", reason__startswith="Taken").get()
    with pytest.raises(Refused, match="one line here and one there"):
        put_together(SYSTEM, whole(one), findings=[ours])
    made = put_together(SYSTEM, whole(one), findings=[ours, theirs])
    assert (made.name, made.our_lines.count(), made.theirs.count(), made.difference.minor) == (
        "exact",
        1,
        1,
        0,
    )
    answer_finding(SYSTEM, made, answer="confirmed")
    with pytest.raises(Refused, match="confirmed already"):
        take_apart(SYSTEM, Finding.objects.select_related("reconciliation").get(pk=made.pk))


@pytest.mark.setting("billing.match_tolerance")
def test_what_is_within_the_tolerance_is_accepted_and_never_above(partner, assign):
    rows = partner.said()
    rows[0] = rows[0].but(amount="57.74")
    rows[1] = rows[1].but(amount="57.72")
    assert names(send(partner, rows)) == {"amount_differs": 2}
    assign("P", MATCH_TOLERANCE, "0.02", "local")
    one = send(partner, [*rows[1:], rows[0]])
    assert names(one) == {"amount_differs": 1}
    accepted = one.findings.get(name="amount_differs", answer="accepted")
    assert (accepted.is_automatic, accepted.difference.decimal()) == (True, "-0.01")


@pytest.mark.setting("billing.match_window_days")
def test_how_far_apart_days_may_be(partner, assign):
    rows = partner.said()
    rows[0] = rows[0].but(on=rows[0].on + timedelta(days=2))
    assert names(send(partner, rows)) == {"exact": 1}
    assign("P", MATCH_WINDOW_DAYS, 0, "local")
    assert names(send(partner, [*rows[1:], rows[0]])) == {"timing": 1}


def test_a_corrected_statement_takes_the_place_of_an_open_one_and_not_of_a_signed_one(partner):
    first = send(partner, partner.planted())
    corrected = answer_all(send(partner, partner.said()))
    assert names(corrected) == {}
    assert sign(SYSTEM, corrected, version=corrected.version).is_signed
    first = answer_all(first)
    with pytest.raises(Refused, match="signed off since has some of its entries"):
        sign(SYSTEM, first, version=first.version)


def test_the_next_statement_has_what_was_of_another_period(partner):
    """What they have in June and the books in May is timing in June's statement, and isn't missing there twice."""
    rows = partner.said()
    late, rows = rows[-1].but(on=date(2026, 6, 1)), rows[:-1]
    may = answer_all(send(partner, rows))
    assert names(may) == {}
    june = send(partner, [late], since=date(2026, 6, 1), until=date(2026, 6, 30))
    assert names(june) == {"timing": 1}
    june = answer_all(june)
    assert not explained(june).rest
    assert sign(SYSTEM, june, version=june.version).is_signed


def test_a_void_and_what_it_voids_are_two_lines(partner):
    do_void(partner.events[0], on=date(2026, 5, 29))
    assert names(send(partner, partner.said())) == {"missing_there": 1}


def test_the_same_file_is_kept_once(partner):
    one = send(partner, partner.said())
    world = partner.market.world
    again = send_statement(
        SYSTEM, world["P"], counterparty=world["Q"], file_name="again.csv", content=file_of(partner.said())
    )
    assert again.pk == one.statement_id
    with pytest.raises(Refused, match="“Matched” by now"):
        start_statement(SYSTEM, again, mapping=Mapping())


def test_the_mapping_is_kept_for_the_next_file(partner):
    send(partner, partner.said())
    kept = StatementMapping.objects.get()
    assert Mapping.read(kept.mapping) == guessed(file_of(partner.said()))
    assert kept.counterparty.code == "Q"


def test_lines_that_can_not_be_read_keep_it_from_being_matched(partner):
    rows = partner.said()
    rows[2] = rows[2].but(amount="many")
    with pytest.raises(BadLines) as refusal:
        send(partner, rows)
    assert refusal.value.problems == [(4, "“many” is no amount with a decimal point.")]
    assert StatementImport.objects.get().read_at is None
    with pytest.raises(Refused, match="the period has to take them in") as wrong:
        send(partner, partner.said(), since=date(2026, 5, 9))
    assert wrong.value.field == "since"


@pytest.mark.setting("privacy.statement_file_days")
def test_the_file_goes_and_its_lines_stay(partner, assign):
    one = send(partner, partner.said())
    assign("P", STATEMENT_FILE_DAYS, 10, "local")
    with clock.at(timezone.now() + timedelta(days=9)):
        assert remove_old_files() == 0
    with clock.at(timezone.now() + timedelta(days=11)):
        assert remove_old_files() == 1
    statement = StatementImport.objects.get(pk=one.statement_id)
    assert (statement.content, statement.lines.count()) == (None, len(partner.events))


def test_only_who_may_there(partner):
    world = partner.market.world
    one = send(partner, partner.planted(), by=world.actor("finance"))
    for persona in ("auditor", "local_admin", "partner"):
        actor = world.actor(persona)
        for act in (
            lambda actor=actor: send(partner, partner.said(), by=actor),
            lambda actor=actor: answer_finding(actor, finding_of(one, "timing"), answer="timing", note="x"),
            lambda actor=actor: sign(actor, whole(one), version=1),
        ):
            with pytest.raises(PermissionDenied):
                act()


def test_the_bank_has_the_cash(market: Market):
    market.sell(on=DAY)
    content = b"Date,Credit,Debit,Ref\n2026-01-10,900.00,,X\n"
    statement = send_statement(
        SYSTEM, market.world["P"], counterparty=None, file_name="bank.csv", content=content
    )
    mapping = Mapping(on="Date", credit="Credit", debit="Debit", reference="Ref", sign="ours")
    one = whole(
        match_now(SYSTEM, statement, mapping=mapping, since=date(2026, 1, 1), until=date(2026, 1, 31))
    )
    assert names(one) == {"reference_differs": 1}
    assert (one.closing.decimal(), one.difference.minor) == ("900.00", 0)
