"""Remittance statements: where each claim comes from, the files, and the mail."""

from __future__ import annotations

from datetime import date

import pytest

from core.tenancy import bound
from orgs.actions.membership import NewMembership, grant_membership
from orgs.queries.branding import paper_head
from settlement.actions.payment import bounce_payment, confirm_payment
from settlement.handlers import send_remittances
from settlement.models import Remittance
from settlement.queries.remittance import sections_of
from settlement.tables.remittance_file import csv_rows, remittance_pdf
from tests.cast import SYSTEM, make_user
from tests.ledger.receipt.test_paper import text_of
from tests.settlement.office import PAID, SECOND, Office, new_key, usd
from work.models import Mail, OutboxEvent
from work.queries.file import stored_file


def remittance(office: Office, run, code: str) -> Remittance:
    rows = Remittance.objects.select_related("run", "organization")
    return rows.get(run=run, organization=office.world[code])


def sections(office: Office, run, code: str) -> dict[str, str]:
    return {one.code: one.total.decimal() for one in sections_of(remittance(office, run, code))}


@pytest.fixture
def officer(world):
    """The partner's own finance officer."""
    user = make_user("Fin Quay", "fin@quay.example")
    new = NewMembership(role="finance_officer", scope="subtree", starts_on=date(2020, 1, 1))
    grant_membership(SYSTEM, world["Q"], user=user, new=new)
    world.users["partner_finance"] = user
    return user


def test_a_first_statement_is_all_new_and_sums_to_its_net(owing: Office):
    run = owing.propose("P", "S", "Q")
    assert sections(owing, run, "S") == {"new": "-260.00"}
    assert remittance(owing, run, "S").net == usd("-260.00")


def test_what_was_left_open_is_carried_forward(office: Office):
    office.agree("P", "S", "Q", minimum="100.00")
    office.owe("S", "P", "60.00")
    office.owe("S", "Q", "200.00")
    office.settle(office.propose("P", "S", "Q"))
    office.owe("S", "P", "50.00", on=date(2026, 2, 10))
    run = office.propose("P", "S", cutoff=date(2026, 2, 28))
    assert sections(office, run, "S") == {"carried": "-60.00", "new": "-50.00"}
    assert sections(office, run, "P") == {"new": "110.00"}  # P took no part in the first one


def test_a_void_after_the_payout_is_taken_back(owing: Office):
    wrong = owing.owe("P", "Q", "30.00")
    owing.settle(owing.propose("P", "S", "Q"))
    owing.void(wrong, on=date(2026, 2, 10))
    owing.owe("P", "Q", "12.00", on=date(2026, 2, 11))
    run = owing.propose("P", "Q", cutoff=date(2026, 2, 28))
    assert sections(owing, run, "Q") == {"new": "12.00", "taken_back": "-30.00"}
    assert owing.payments(run) == {"Q->P": "18.00"}


def test_a_void_within_the_same_run_is_nothing_taken_back(owing: Office):
    owing.void(owing.owe("P", "Q", "30.00"), on=date(2026, 1, 20))
    assert sections(owing, owing.propose("P", "Q"), "Q") == {"new": "115.50"}


def test_the_page_and_its_file_say_the_same(owing: Office, officer):
    run = owing.settle(owing.propose("P", "S", "Q"))
    one = remittance(owing, run, "Q")
    client = owing.world.client("partner_finance")
    page = client.get(f"/console/remittances/{one.pk}/")
    assert "115.50" in page.content.decode()
    rows = b"".join(client.get(f"/console/remittances/{one.pk}/?format=csv")).decode("utf-8-sig").splitlines()
    assert rows[0] == "part,day,event,what,with,amount,currency"
    assert rows[1].endswith(",Manual journal,P,115.50,USD")
    assert rows[-3] == "Net,2026-01-31,,,,115.50,USD"
    assert rows[-2].startswith("Payment,")
    assert rows[-2].endswith("P,115.50,USD")
    assert rows[-1].startswith("Received,2026-02-02,")


def file_of(owing: Office, run, code: str) -> list[str]:
    """The parts and amounts of a statement's CSV, from where the claims end."""
    rows = [",".join(map(str, (row[0], row[1], row[-2]))) for row in csv_rows(remittance(owing, run, code))]
    return rows[next(place for place, row in enumerate(rows) if row.startswith("Net,")) :]


def test_part_payment_and_what_came_back_are_lines_with_their_signs(owing: Office, officer):
    """The parent pays 115.50 in two parts, of which the bank sends one back."""
    run = owing.approve(owing.propose("P", "Q"))
    payment = owing.payment(run, "P", "Q")
    paid = [
        confirm_payment(SECOND, payment, amount=usd(amount), on=date(2026, 2, day), key=new_key())
        for amount, day in (("100.00", 2), ("15.50", 3))
    ]
    bounce_payment(
        SECOND, payment, confirmation=paid[0], on=date(2026, 2, 5), reason="No such account.", key=new_key()
    )
    received = [
        "Net,2026-01-31,115.50",
        f"Payment,{run.pay_on or ''},115.50",
        "Received in part,2026-02-02,100.00",
        "Received in part,2026-02-03,15.50",
        "Came back,2026-02-05,-100.00",
    ]
    assert file_of(owing, run, "Q") == received
    assert file_of(owing, run, "P")[2:] == [
        "Paid in part,2026-02-02,-100.00",
        "Paid in part,2026-02-03,-15.50",
        "Came back,2026-02-05,100.00",
    ]
    one = remittance(owing, run, "Q")
    page = owing.world.client("partner_finance").get(f"/console/remittances/{one.pk}/").content.decode()
    assert "Came back" in page
    assert "No such account." in page
    text = text_of(remittance_pdf(one, paper_head(one.organization)))
    assert "Money that moved" in text
    assert "Came back" in text
    assert "−100.00" in text


def test_the_partner_sees_its_own_statement_and_no_other(owing: Office, officer):
    run = owing.propose("P", "S", "Q")
    client = owing.world.client("partner_finance")
    assert client.get(f"/console/remittances/{remittance(owing, run, 'S').pk}/").status_code == 404
    assert client.get(f"/console/settlements/{run.pk}/").status_code == 404
    assert "Settlement 1" in client.get("/console/remittances/").content.decode()


def test_the_statement_stays_as_it_was_sent(owing: Office, officer):
    run = owing.approve(owing.propose("P", "S", "Q"))
    confirm_payment(SECOND, owing.payment(run, "S", "P"), amount=usd("10.00"), on=PAID, key=new_key())
    send_remittances({"run": run.pk})
    one = remittance(owing, run, "Q")
    address = f"/console/remittances/{one.pk}/pdf/"
    client = owing.world.client("partner_finance")
    first = client.get(address).content
    assert first.startswith(b"%PDF")
    place = owing.world["P"]
    type(place).objects.filter(pk=place.pk).update(name="Another name")
    assert client.get(address).content == first


def test_its_own_finance_people_are_told_once(owing: Office, officer):
    run = owing.settle(owing.propose("P", "S", "Q"))
    assert OutboxEvent.objects.filter(topic="settlement.settled", ids={"run": run.pk}).count() == 1
    for _ in range(2):
        send_remittances({"run": run.pk})
    (mail,) = Mail.objects.filter(to="fin@quay.example")
    assert mail.subject == "Quay Partners: remittance statement of settlement 1"
    assert "You receive 115.50 USD." in mail.body
    assert f"/console/remittances/{remittance(owing, run, 'Q').pk}/" in mail.body
    to = set(Mail.objects.values_list("to", flat=True))
    assert {"fin@quay.example", "finance@harbor.example", "local_admin@harbor.example"} <= to
    one = remittance(owing, run, "Q")
    assert one.sent_at is not None
    with bound(owing.world.network.pk):
        pdf, csv = mail.attachments.order_by("pk")
        kept = stored_file(one.file_id)
    assert (pdf.name, bytes(pdf.content)) == ("remittance-1-Q.pdf", bytes(kept.content))
    file = owing.world.client("partner_finance").get(f"/console/remittances/{one.pk}/?format=csv")
    assert (csv.name, bytes(csv.content)) == ("remittance-1-Q.csv", b"".join(file))


def test_nobody_is_told_of_a_branch_without_finance_people(office: Office):
    office.agree("P", "T")
    office.owe("P", "T", "5.00")
    run = office.settle(office.propose("P", "T"))
    send_remittances({"run": run.pk})
    with bound(office.world.network.pk):
        assert remittance(office, run, "T").sent_at is None
        assert remittance(office, run, "T").file_id is not None


def test_a_void_after_the_payout_is_a_negative_line_in_every_file(owing: Office, officer):
    """A clawback: 30.00 was paid out and voided afterwards; the next statement takes it back from 12.00."""
    wrong = owing.owe("P", "Q", "30.00")
    owing.settle(owing.propose("P", "Q"))
    owing.void(wrong, on=date(2026, 2, 10))
    owing.owe("P", "Q", "12.00", on=date(2026, 2, 11))
    run = owing.settle(owing.propose("P", "Q", cutoff=date(2026, 2, 28)), on=date(2026, 3, 2))
    one = remittance(owing, run, "Q")
    rows = [[str(cell) for cell in row] for row in csv_rows(one)]
    assert [(row[0], row[-2]) for row in rows] == [
        ("Taken back after a payout", "-30.00"),
        ("New", "12.00"),
        ("Net", "-18.00"),
        ("Payment", "-18.00"),
        ("Paid", "-18.00"),
    ]
    text = text_of(remittance_pdf(one, paper_head(one.organization)))
    assert text.count("Taken back after a payout") == 2  # in sum, and its claim
    assert "−30.00" in text
