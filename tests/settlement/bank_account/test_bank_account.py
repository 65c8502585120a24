"""Bank accounts: checked, masked, one in use at a time."""

from __future__ import annotations

import pytest

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused
from settlement.actions.bank_account import Typed, close_bank_account, enter_bank_account
from settlement.actions.payment_file import take_payment_file
from settlement.models import BankAccount
from tests.settlement.office import FIRST, IBANS, Office


def enter(office: Office, actor=FIRST, code: str = "S", **typed) -> BankAccount:
    given = {"holder": "North Clinic"} | typed
    return enter_bank_account(actor, office.world[code], currency="USD", typed=Typed(**given))


def test_a_new_account_takes_the_place_of_the_old_one(office: Office):
    first = enter(office, iban="de89 3704 0044 0532 0130 00")
    second = enter(office, account_number="0001 2345", bank_code="hdfc0000001")
    assert (first.iban, second.account_number, second.bank_code) == (IBANS["P"], "00012345", "HDFC0000001")
    assert list(BankAccount.objects.filter(is_closed=False)) == [second]


def test_the_number_is_shown_nowhere(office: Office):
    account = enter(office, iban=IBANS["P"])
    trail = AuditEvent.objects.get(verb="bank_account.entered")
    assert trail.new["account"] == "•••• 3000"
    client = office.world.client("finance")
    for address in ("", "?export=csv", f"{account.pk}/close/"):
        answer = client.get(f"/console/bank-accounts/{address}")
        body = b"".join(answer) if answer.streaming else answer.content
        assert IBANS["P"] not in body.decode()
        assert "3000" in body.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "iban"),
        ({"iban": IBANS["P"], "account_number": "1"}, "iban"),
        ({"iban": "DE89370400440532013001"}, "iban"),
        ({"iban": IBANS["P"], "bank_code": "X1"}, "bank_code"),
        ({"account_number": "1"}, "bank_code"),
        ({"account_number": "é", "bank_code": "X1"}, "account_number"),
        ({"iban": IBANS["P"], "bic": "NO"}, "bic"),
        ({"iban": IBANS["P"], "holder": " "}, "holder"),
        ({"iban": IBANS["P"], "holder": "x" * 71}, "holder"),
    ],
)
def test_what_is_no_account_is_refused_beside_its_field(office: Office, typed, field):
    with pytest.raises(Refused) as caught:
        enter(office, **typed)
    assert caught.value.field == field
    assert not BankAccount.objects.exists()


def test_a_third_party_has_none(office: Office):
    with pytest.raises(Refused, match="third party"):
        enter(office, code="X", iban=IBANS["P"])


def test_who_may_not_is_denied(office: Office):
    for persona in ("auditor", "local_admin"):
        with pytest.raises(Denied):
            enter(office, actor=office.world.actor(persona), iban=IBANS["P"])
    assert enter(office, actor=office.world.actor("finance"), iban=IBANS["P"])


def test_a_closed_one_is_closed_once_and_files_name_who_lacks_one(owing: Office):
    owing.open_account("P")
    account = enter(owing, iban=IBANS["S"])
    run = owing.approve(owing.propose("P", "S"))
    closed = close_bank_account(FIRST, account, seen=account.version)
    with pytest.raises(Refused):
        close_bank_account(FIRST, closed, seen=closed.version)
    with pytest.raises(Refused, match="No bank account in USD is on record for North Clinic"):
        take_payment_file(FIRST, run, kind="csv")


def test_files_are_of_the_kinds_that_there_are_and_of_approved_runs(owing: Office):
    for code in "PS":
        owing.open_account(code)
    run = owing.propose("P", "S")
    with pytest.raises(Refused, match="once it is approved"):
        take_payment_file(FIRST, run, kind="csv")
    owing.approve(run)
    with pytest.raises(Refused, match="kinds"):
        take_payment_file(FIRST, run, kind="zip")
    rows = take_payment_file(FIRST, run, kind="csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("S1-1,North Clinic,North Clinic Ltd,GB29NWBK60161331926819,Harbor Health")
    assert ",260.00,USD," in rows[1]
