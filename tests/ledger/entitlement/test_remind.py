"""What expires soon is told by mail: to whom, when, once, and nothing of why it was bought."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from core.clock import today_in
from core.money import Money
from core.tenancy import bound_network_id
from ledger import tasks
from ledger.actions.entitlement import extend_entitlement, freeze_entitlement
from ledger.actions.reminder import remind, remind_due
from ledger.actions.sale import Payment, sell_package
from ledger.actions.void import void
from ledger.models import Entitlement, ExpiryReminder, PackageRedeemer
from ledger.queries.reminder import reminders_due
from ledger.rules.reminder import Expiring, reminder_text
from ledger.rules.settings import EXPIRY_REMINDER_DAYS
from orgs.actions.setting import NewValue, assign_setting
from orgs.rules.settings import LOCALE
from tests.ledger.market import DAY, SYSTEM, new_key, usd
from tests.ledger.redemption.test_credit import credit
from work.models import Mail

LAST = DAY + timedelta(days=364)
FORTNIGHT = LAST - timedelta(days=14)


@pytest.fixture
def asha(market):
    """Asha permitted it and has an address."""
    consent(market.patient)
    return market.patient


def consent(patient, said="permit", email="asha@rao.example"):
    patient.communication_consent, patient.email = said, email
    patient.save()


def mails() -> list[Mail]:
    return list(Mail.objects.order_by("pk"))


def soon(market) -> str:
    """A package whose time is shorter than a reminder's."""
    market.add_package("SOON", "90.00", {"LAB": (1, "250.00")}, holder=market.world["P"], valid_days=10)
    return "SOON"


def told(on: date = FORTNIGHT) -> int:
    return remind_due(SYSTEM, on).mails


class TestWhen:
    @pytest.mark.parametrize(
        ("days", "mailed"), [(15, 0), (14, 1), (3, 1), (0, 1), (-1, 0)], ids=lambda one: str(one)
    )
    def test_so_many_days_before_or_later_where_that_was_missed(self, market, asha, days, mailed):
        market.sell()
        assert told(LAST - timedelta(days=days)) == mailed
        assert len(mails()) == mailed

    def test_once(self, market, asha):
        market.sell()
        assert (told(), told(), told(LAST)) == (1, 0, 0)
        assert len(mails()) == 1

    def test_again_for_another_last_day(self, market, asha):
        sale = market.sell()
        told()
        one = market.entitlement(sale)
        extend_entitlement(SYSTEM, one, expires_on=LAST + timedelta(days=9), reason="ill", key=new_key())
        assert told(LAST - timedelta(days=6)) == 0
        assert told(LAST) == 1

    @pytest.mark.setting("billing.expiry_reminder_days")
    def test_as_who_owes_the_care_says(self, market, asha):
        assign_setting(SYSTEM, market.world["S"], setting=EXPIRY_REMINDER_DAYS, new=NewValue(60))
        market.sell("COURSE", at="S")
        market.sell("COURSE", at="P")
        [due] = reminders_due(LAST - timedelta(days=60))
        assert due.holder == market.world["S"]
        assign_setting(SYSTEM, market.world["P"], setting=EXPIRY_REMINDER_DAYS, new=NewValue(0))
        assign_setting(SYSTEM, market.world["S"], setting=EXPIRY_REMINDER_DAYS, new=NewValue(0))
        assert told(LAST) == 0


class TestWhom:
    @pytest.mark.parametrize("said", ["unknown", "deny"])
    def test_only_who_permitted_it(self, market, said):
        consent(market.patient, said)
        market.sell()
        assert told() == 0

    def test_only_where_there_is_an_address(self, market):
        consent(market.patient, email="")
        market.sell()
        assert told() == 0

    @pytest.mark.parametrize("status", ["inactive", "deceased"])
    def test_only_patients_in_care(self, market, asha, status):
        asha.status = status
        asha.save()
        market.sell()
        assert told() == 0

    def test_not_of_what_is_used_up_or_void(self, market, asha):
        used = market.sell("COURSE")
        market.redeem(used, "PHYSIO", 5)
        void(SYSTEM, market.sell().event, reason="mistake", on=DAY, key=new_key())
        assert told() == 0

    def test_not_of_what_is_frozen_until_it_is_usable_again(self, market, asha):
        today = today_in("UTC")
        sold = market.sell(soon(market), on=today)
        until = today + timedelta(days=3)
        freeze_entitlement(
            SYSTEM,
            market.entitlement(sold),
            frozen_on=today,
            frozen_until=until,
            reason="abroad",
            key=new_key(),
        )
        assert told(until) == 0
        assert told(until + timedelta(days=1)) == 1

    def test_who_withdrew_it_meanwhile_gets_nothing(self, market, asha):
        market.sell()
        [due] = reminders_due(FORTNIGHT)
        consent(asha, "deny")
        assert remind(SYSTEM, due.holder, patient=due.patient, entitlements=due.entitlements) == []
        assert (mails(), ExpiryReminder.objects.count()) == ([], 0)

    def test_who_may(self, market, asha):
        market.sell()
        [due] = reminders_due(FORTNIGHT)
        with pytest.raises(PermissionDenied):
            remind(market.world.actor("desk"), due.holder, patient=due.patient, entitlements=due.entitlements)


class TestTheMail:
    def test_one_for_all_that_one_holder_owes(self, market, asha):
        market.redeem(market.sell(), "PHYSIO", 2)
        market.sell("COURSE")
        market.sell("COURSE", at="S")
        run = remind_due(SYSTEM, FORTNIGHT)
        assert (run.mails, run.entitlements) == (2, 3)
        own, branch = sorted(mails(), key=lambda one: "North Clinic" in one.body)
        assert "- Checkup: 5 of 7 services left, until 9 January 2027." in own.body
        assert "- Course: 5 of 5 services left" in own.body
        assert "Harbor Health" in own.body
        assert (own.to, "North Clinic" in branch.body) == ("asha@rao.example", True)

    def test_it_says_nothing_of_what_is_done(self, market, asha):
        market.sell()
        told()
        [mail] = mails()
        said = mail.subject + mail.body + mail.html
        assert not [word for word in ("Consult", "Physio", "Lab", "Rao") if word in said]
        assert Entitlement.objects.get().code not in said

    def test_credit_and_where_it_is_used(self, market, asha):
        package = credit(market, "500.00", "450.00")
        package.valid_days = 365
        package.save()
        for place in ("S", "Q"):
            PackageRedeemer.objects.create(package=package, organization=market.world[place])
        sell_package(
            SYSTEM, market.world["P"], patient=asha, package=package, payments=[Payment("cash", usd("450.00"))],
            on=DAY, key=new_key(),
        )  # fmt: skip
        told()
        assert "USD 500.00 of credit left" in mails()[0].body
        assert "It is used at North Clinic, Quay Partners." in mails()[0].body

    def test_in_the_locale_of_who_owes_it(self, market, asha):
        assign_setting(SYSTEM, market.world["P"], setting=LOCALE, new=NewValue("en-US"))
        market.sell()
        told()
        assert "January 9, 2027" in mails()[0].body

    def test_many_places_are_counted(self):
        one = Expiring("Pack", LAST, 1, 2, None, tuple("ABCDEFGHIJKL"))
        assert "A, B, C, D, E, F, G, H, I, J and 2 more." in reminder_text("Asha", "P", [one])

    def test_units_and_credit_together(self):
        assert (
            Expiring("Pack", LAST, 1, 1, Money(2000, "USD")).left == "1 of 1 service and USD 20.00 of credit"
        )


def test_it_is_in_the_audit_trail_and_on_the_page(market, asha, browse):
    sale = market.sell()
    told()
    event = AuditEvent.objects.get(verb="entitlement.reminded")
    code = market.entitlement(sale).code
    assert event.new == {"to": "asha@rao.example", "entitlements": [code]}
    page = browse("administrator").get(reverse("entitlement", args=[sale.entitlement_id]))
    assert "Reminder mailed" in page.content.decode()


class TestTheTable:
    def test_a_last_day_is_told_once(self, market, asha):
        market.sell()
        told()
        row = ExpiryReminder.objects.get()
        with pytest.raises(IntegrityError, match="expiryreminder_once"), transaction.atomic():
            ExpiryReminder.objects.create(
                entitlement=row.entitlement, expires_on=row.expires_on, sent_to="x@y.example"
            )

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE ledger_expiryreminder SET expires_on = now()", "DELETE FROM ledger_expiryreminder"],
    )
    def test_that_it_was_told_stays(self, market, asha, statement):
        market.sell()
        told()
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


def test_the_job_and_the_command(market, asha):
    market.sell()
    network = str(bound_network_id())
    said = StringIO()
    call_command(
        "remind_of_expiry",
        "--network",
        network,
        "--on",
        FORTNIGHT.isoformat(),
        "--dry-run",
        "--json",
        stdout=said,
    )
    done = {"network": int(network), "mails": 1, "entitlements": 1}
    assert json.loads(said.getvalue()) == {"dry_run": True, "networks": [done]}
    assert mails() == []
    said = StringIO()
    call_command("remind_of_expiry", "--network", network, "--on", FORTNIGHT.isoformat(), stdout=said)
    assert "1 mail queued about 1 entitlement" in said.getvalue()
    assert tasks.remind() == 0


def test_the_job_tells_today(market, asha):
    market.sell(soon(market), on=today_in("UTC"))
    assert tasks.remind() == 1


def test_the_number_of_queries_does_not_grow_with_what_is_owed(market, asha):
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert len(list(reminders_due(FORTNIGHT))) == 1
        return len(found)

    market.sell()
    few = queries()
    for _ in range(10):
        market.sell()
    assert queries() == few
