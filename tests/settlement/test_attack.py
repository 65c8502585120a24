"""Raw SQL against what settlement promises, as the web role: everything is refused."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from core.errors import Refused
from ledger import posting
from ledger.models import JournalLine, LedgerEvent
from ledger.queries.verify import verify_ledger
from settlement.models import SettlementItem, SettlementRun
from tests.cast import SYSTEM
from tests.settlement.office import Office

RUN = (
    "INSERT INTO settlement_settlementrun (version, key, payload_hash, number, method, currency, cutoff_on, status,"
    " items_hash, content_hash, item_count, gross_minor, net_minor, proposed_at, proposed_by_id, proposed_by_label,"
    " approved_at, approved_by_id, approved_by_label, reason, organization_id) VALUES (1, 'x', 'x', 99, 'bilateral',"
    " 'USD', '2026-01-31', '%s', '', '%s', 0, 0, 0, now(), %s, '%s', %s, %s, '%s', '', {P})"
)

#: (what stops it, what is tried)
ATTACKS = {
    "an item twice": ("settlement_settlementitem_pkey",
        "INSERT INTO settlement_settlementitem (event_id, line_no, run_id)"
        " SELECT event_id, line_no, {proposed} FROM settlement_settlementitem WHERE run_id = {settled}"),
    "an item into a settled run": ("only while it is proposed",
        "INSERT INTO settlement_settlementitem (event_id, line_no, run_id) VALUES ({free}, 2, {settled}), ({free}, 3, {settled})"),
    "an item into no run": ("only while it is proposed",
        "INSERT INTO settlement_settlementitem (event_id, line_no, run_id) VALUES ({free}, 2, 0), ({free}, 3, 0)"),
    "one side alone": ("both of their lines",
        "INSERT INTO settlement_settlementitem (event_id, line_no, run_id) VALUES ({free}, 2, {proposed})"),
    "a line that is not due": ("both of their lines",
        "INSERT INTO settlement_settlementitem (event_id, line_no, run_id) VALUES ({free}, 1, {proposed}), ({free}, 4, {proposed})"),
    "a line that is not there": ("both of their lines",
        "INSERT INTO settlement_settlementitem (event_id, line_no, run_id) VALUES ({free}, 77, {proposed})"),
    "a settlement's own lines": ("both of their lines",
        "INSERT INTO settlement_settlementitem (event_id, line_no, run_id)"
        " SELECT event_id, line_no, {proposed} FROM ledger_journalline l JOIN ledger_account a ON a.id = l.account_id"
        " WHERE event_id = {entry} AND a.code IN ('due_from', 'due_to')"),
    "an item out of a settled run": ("stay with their settlement",
        "DELETE FROM settlement_settlementitem WHERE run_id = {settled}"),
    "an item out of a proposed run": ("stay with their settlement",
        "DELETE FROM settlement_settlementitem WHERE run_id = {proposed}"),
    "an item to another run": ("permission denied|append-only",
        "UPDATE settlement_settlementitem SET run_id = {proposed}"),
    "all items": ("permission denied|append-only", "TRUNCATE settlement_settlementitem"),
    "a settled run proposed again": ("does not change so",
        "UPDATE settlement_settlementrun SET status = 'proposed', content_hash = '', approved_at = NULL, event_id = NULL"
        " WHERE id = {settled}"),
    "a settled run cancelled": ("does not change so|settlementrun_posted",
        "UPDATE settlement_settlementrun SET status = 'cancelled' WHERE id = {settled}"),
    "a run without its entry settled": ("does not change so|settlementrun_",
        "UPDATE settlement_settlementrun SET status = 'settled' WHERE id = {proposed}"),
    "another cut-off": ("does not change so",
        "UPDATE settlement_settlementrun SET cutoff_on = '2026-03-01' WHERE id = {proposed}"),
    "another sum": ("does not change so",
        "UPDATE settlement_settlementrun SET net_minor = 1 WHERE id = {proposed}"),
    "another entry": ("does not change so",
        "UPDATE settlement_settlementrun SET event_id = {free} WHERE id = {settled}"),
    "approved without a hash": ("settlementrun_approved", RUN % ("approved", "", 1, "A", "now()", 2, "B")),
    "approved by who proposed it": ("settlementrun_four_eyes", RUN % ("approved", "h", 1, "A", "now()", 1, "A")),
    "approved by the same product": ("settlementrun_four_eyes",
        RUN % ("approved", "h", "NULL", "test", "now()", "NULL", "test")),
    "settled without an entry": ("settlementrun_posted", RUN % ("settled", "h", 1, "A", "now()", 2, "B")),
    "more confirmed than paid": ("settlementpayment_sound",
        "UPDATE settlement_settlementpayment SET confirmed_minor = amount_minor + 1"),
    "a payment to oneself": ("settlementpayment_sound",
        "UPDATE settlement_settlementpayment SET receiver_id = payer_id"),
    "a payment less": ("permission denied", "DELETE FROM settlement_settlementpayment"),
    "a second account": ("bankaccount_one_in_use",
        "INSERT INTO settlement_bankaccount (version, organization_id, currency, holder, iban, account_number, bank_code,"
        " bic, is_closed) SELECT 1, organization_id, currency, holder, iban, '', '', '', false FROM settlement_bankaccount"),
    "an account without number": ("bankaccount_named_once",
        "UPDATE settlement_bankaccount SET iban = ''"),
    "an account with both": ("bankaccount_named_once",
        "UPDATE settlement_bankaccount SET account_number = '1', bank_code = '2'"),
    "no IBAN": ("bankaccount_iban", "UPDATE settlement_bankaccount SET iban = 'hello'"),
    "a bounce without an entry": ("paymentconfirmation_bounced",
        "UPDATE settlement_paymentconfirmation SET bounced_on = '2026-03-01', bounce_reason = 'x'"),
    "an agreement that ends before": ("nettingagreement_days",
        "UPDATE settlement_nettingagreement SET ends_on = '2020-01-01'"),
    "a negative minimum": ("nettingagreement_terms",
        "UPDATE settlement_nettingagreement SET minimum_minor = -1"),
    "a party less": ("permission denied", "DELETE FROM settlement_agreementparty"),
}  # fmt: skip


@pytest.fixture
def places(owing: Office) -> dict[str, int]:
    """A settled run, a proposed one, and an event that is free to be netted; ids by name."""
    owing.open_account("P")
    settled = owing.settle(owing.propose("P", "S"))
    proposed = owing.propose("P", "Q")
    free = owing.owe("S", "P", "9.00", on=date(2026, 2, 5))
    assert settled.event_id is not None
    return {
        "settled": settled.pk,
        "proposed": proposed.pk,
        "free": free.pk,
        "entry": settled.event_id,
        "P": owing.world["P"].pk,
    }


@pytest.mark.parametrize("name", ATTACKS)
def test_the_database_refuses(places, name):
    says, tried = ATTACKS[name]
    with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(tried.format(**places))
    assert list(verify_ledger()) == []


def test_a_settlement_is_not_voided_past_its_run(places):
    lines, movements, booked = posting.reversal_of(places["entry"])
    void = posting.Record(
        key="past the run",
        kind=LedgerEvent.Kind.VOID,
        effective_on=date(2026, 2, 5),
        organization_id=places["P"],
        actor=SYSTEM,
        command={},
        lines=lines,
        movements=movements,
        booked=booked,
        voids_id=places["entry"],
    )
    with pytest.raises(Refused, match="A settlement is not voided"), transaction.atomic():
        posting.post(void)


def test_a_cancelled_run_alone_gives_items_back(places):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE settlement_settlementrun SET status = 'cancelled' WHERE id = {proposed}".format(**places)
        )
        cursor.execute("DELETE FROM settlement_settlementitem WHERE run_id = {proposed}".format(**places))
        assert cursor.rowcount == 2


def test_what_breaks_the_invariant_is_found(places, owing: Office):
    """The check of verify_ledger sees what the constraints would have to let through: here a confirmation that is not so."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE settlement_settlementpayment SET confirmed_minor = 0")
    assert [finding.check.number for finding in verify_ledger()] == [17]


def test_an_approval_sees_lines_that_were_slipped_in(places, owing: Office):
    """Between proposal and approval the database lets lines in; the hash that is computed anew does not fit."""
    lines = JournalLine.objects.filter(event=places["free"], account__code__in=["due_from", "due_to"])
    SettlementItem.objects.bulk_create(
        SettlementItem(
            network_id=one.network_id, event_id=one.event_id, line_no=one.line_no, run_id=places["proposed"]
        )
        for one in lines
    )
    tampered = SettlementRun.objects.get(pk=places["proposed"])
    with pytest.raises(Refused, match="changed since"):
        owing.approve(tampered)
