"""Family and company packages: who may use one, how many, where they are found, and what they used."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from audit.models import AccessEvent, AuditEvent
from core.access import Denied
from core.errors import Refused
from ledger.actions.beneficiary import add_beneficiary, remove_beneficiary
from ledger.actions.entitlement import transfer_entitlement
from ledger.actions.sale import Payer
from ledger.actions.void import void
from ledger.models import Beneficiary, Entitlement, Sale
from ledger.queries.beneficiary import beneficiaries_of, units_used_by
from ledger.queries.counter import find_at_counter
from ledger.queries.entitlement import bearers_seen, bought_by, entitlements_for
from ledger.queries.figures import Ask
from ledger.queries.report_shares import HIDDEN, utilization
from ledger.queries.usable import usable_here
from ledger.queries.verify import verify_ledger
from ledger.rules.report import Period, Scope
from patients.actions.details import Details
from patients.actions.identifier import NewIdentifier
from patients.actions.patient import register_patient
from patients.permissions import PATIENT_VIEW
from tests.ledger.market import DAY, SYSTEM, usd

WHY = "one of the family"


@pytest.fixture
def family(market):
    """A package of five for at most three people, sold to Asha at P."""
    market.add_package(
        "FAMILY", "500.00", {"PHYSIO": (5, "110.00")}, use="family", most_people=3, holder=market.world["P"]
    )
    return market.sell("FAMILY")


def of(sale) -> Entitlement:
    return Entitlement.objects.get(pk=sale.entitlement_id)


def add(market, sale, patient, at="P", actor=SYSTEM, reason=WHY) -> Beneficiary:
    return add_beneficiary(actor, market.world[at], entitlement=of(sale), patient=patient, reason=reason)


def refuses(says: str, call, code: str = "not_permitted") -> None:
    with pytest.raises(Refused, match=says) as refused:
        call()
    assert refused.value.code == code


class TestAdding:
    def test_everybody_added_uses_it_and_the_redemption_says_who(self, market, family):
        ben = market.register("Ben")
        add(market, family, ben)
        event = market.redeem(family, "PHYSIO", 2, patient=ben)
        own = market.redeem(family, "PHYSIO")
        assert (event.inputs["patient"], own.inputs["patient"]) == (ben.pk, market.patient.pk)
        assert units_used_by(of(family)) == {ben.pk: 2, market.patient.pk: 1}
        void(SYSTEM, event, reason="wrong", on=DAY, key="v")
        assert units_used_by(of(family))[ben.pk] == 0
        assert list(verify_ledger()) == []

    def test_nobody_else_uses_it(self, market, family):
        ben = market.register("Ben")
        refuses("may not use this", lambda: market.redeem(family, "PHYSIO", patient=ben))

    def test_at_most_as_many_as_the_package_lets(self, market, family):
        add(market, family, market.register("Ben"))
        add(market, family, market.register("Cara"))
        refuses("at most 3 people", lambda: add(market, family, market.register("Dan")))

    def test_a_package_for_one_is_shared_with_nobody(self, market):
        refuses("for one person", lambda: add(market, market.sell(), market.register("Ben")))

    def test_once_and_not_whose_it_is(self, market, family):
        ben = market.register("Ben")
        add(market, family, ben)
        refuses("already", lambda: add(market, family, ben), "duplicate")
        refuses("already", lambda: add(market, family, market.patient), "duplicate")

    def test_with_a_reason_that_the_trail_keeps(self, market, family):
        ben = market.register("Ben")
        refuses("Say why", lambda: add(market, family, ben, reason=" "))
        add(market, family, ben)
        line = AuditEvent.objects.get(verb="entitlement.shared")
        assert line.new == {"patient": ben.pk, "reason": WHY}

    def test_not_what_was_voided(self, market, family):
        void(SYSTEM, family.event, reason="wrong", on=DAY, key="v")
        refuses("voided", lambda: add(market, family, market.register("Ben")))

    def test_nobody_who_is_dead(self, market, family):
        ben = market.register("Ben")
        ben.status = "deceased"
        ben.save()
        refuses("deceased", lambda: add(market, family, ben))

    def test_the_desk_adds_whom_it_sees_and_nobody_else(self, market, family):
        desk, seen, unseen = (
            market.world.actor("desk"),
            market.register("Ben", at="S"),
            market.register("Cara", at="Q"),
        )
        refuses("don.t see this entitlement", lambda: add(market, family, seen, at="S", actor=desk))
        sold = market.sell("FAMILY", at="S")
        refuses("don.t see this patient", lambda: add(market, sold, unseen, at="S", actor=desk))
        add(market, sold, seen, at="S", actor=desk)
        with pytest.raises(Denied):
            add(market, sold, seen, at="P", actor=desk)


class TestRemoving:
    def test_what_was_used_stays_used(self, market, family):
        ben = market.register("Ben")
        added = add(market, family, ben)
        market.redeem(family, "PHYSIO", patient=ben)
        remove_beneficiary(SYSTEM, market.world["P"], beneficiary=added, reason="moved out")
        assert market.left(family, "PHYSIO") == 4
        assert units_used_by(of(family))[ben.pk] == 1
        refuses("may not use this", lambda: market.redeem(family, "PHYSIO", patient=ben))
        refuses(
            "removed already",
            lambda: remove_beneficiary(SYSTEM, market.world["P"], beneficiary=added, reason="again"),
        )
        add(market, family, ben)

    def test_a_transfer_to_a_stranger_ends_it_for_everybody(self, market, family):
        add(market, family, market.register("Ben"))
        transfer_entitlement(SYSTEM, of(family), patient=market.register("Cara"), reason="a gift", key="t")
        assert not beneficiaries_of(of(family))

    def test_a_transfer_within_the_family_keeps_the_others(self, market, family):
        ben, cara = market.register("Ben"), market.register("Cara")
        for one in (ben, cara):
            add(market, family, one)
        transfer_entitlement(SYSTEM, of(family), patient=ben, reason="a gift", key="t")
        assert [one.patient_id for one in beneficiaries_of(of(family))] == [cara.pk]


class TestFinding:
    def test_each_record_and_counter_shows_it(self, market, family):
        ben = market.register("Ben")
        add(market, family, ben)
        (bought,) = bought_by(SYSTEM, ben)
        assert bought.is_shared
        assert [one.left for one in usable_here(SYSTEM, ben, market.world["P"], DAY)] == [5]

    def test_a_look_up_finds_it_by_any_of_them_and_for_that_one(self, market, family):
        details = Details(given_name="Ben", family_name="Rao", birth_date=date(1985, 2, 3))
        ben = register_patient(
            SYSTEM, market.world["P"], details=details, identifiers=[NewIdentifier("passport", "B1")]
        )
        sold = market.sell("FAMILY", on=None)
        add(market, sold, ben)
        desk = market.world.actor("desk")
        (found,) = find_at_counter(desk, market.world["S"], identifier="B1", birth_date=ben.birth_date)
        assert (found.entitlement_id, found.name) == (sold.entitlement_id, ben.full_name)
        here = {"actor": desk, "at": "S", "looked_up": found.looked_up, "on": None}
        refuses("don.t see", lambda: market.redeem(sold, "PHYSIO", patient=market.patient, **here))
        assert market.redeem(sold, "PHYSIO", **here).inputs["patient"] == ben.pk

    def test_who_knows_one_of_them_sees_it_but_not_whose_it_is(self, market, family):
        desk = market.world.actor("desk")
        assert not entitlements_for(desk).filter(pk=family.entitlement_id).exists()
        added = add(market, family, market.register("Ben", at="S"))
        assert entitlements_for(desk).filter(pk=family.entitlement_id).exists()
        assert bearers_seen(desk, [family.entitlement_id]) == set()
        remove_beneficiary(SYSTEM, market.world["P"], beneficiary=added, reason="moved out")
        assert not entitlements_for(desk).filter(pk=family.entitlement_id).exists()


class TestCompany:
    @pytest.fixture
    def company(self, market):
        market.add_package("STAFF", "500.00", {"PHYSIO": (5, "110.00")}, use="company", most_people=50)

    def test_it_is_sold_to_a_company_by_name(self, market, company):
        refuses("Name the company", lambda: market.sell("STAFF"))
        sale = market.sell("STAFF", payer=Payer("Acme Mills", "hr@acme.example"))
        assert Sale.objects.get(pk=sale.pk).payer_name == "Acme Mills"

    def test_a_patient_s_package_names_no_company(self, market):
        refuses("paid by the patient", lambda: market.sell(payer=Payer("Acme Mills")))


def broken(says: str, statement: str, *parameters) -> None:
    with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


class TestDatabase:
    """What holds whatever writes the table, as the web role."""

    INSERT = "INSERT INTO ledger_beneficiary (entitlement_id, patient_id, reason, removal_reason) VALUES (%s, %s, 'x', '')"

    def test_no_more_than_the_package_lets(self, market, family):
        add(market, family, market.register("Ben"))
        add(market, family, market.register("Cara"))
        dan = market.register("Dan")
        broken("No more than 3", self.INSERT, family.entitlement_id, dan.pk)

    def test_not_whose_it_is(self, market, family):
        broken("already", self.INSERT, family.entitlement_id, market.patient.pk)

    def test_nobody_when_the_sale_was_voided(self, market, family):
        ben = market.register("Ben")
        void(SYSTEM, family.event, reason="wrong", on=DAY, key="v")
        broken("nobody uses it", self.INSERT, family.entitlement_id, ben.pk)

    def test_nobody_twice(self, market, family):
        ben = market.register("Ben")
        add(market, family, ben)
        broken("beneficiary_once", self.INSERT, family.entitlement_id, ben.pk)

    def test_who_was_removed_stays_removed(self, market, family):
        added = add(market, family, market.register("Ben"))
        broken(
            "beneficiary_removal", "UPDATE ledger_beneficiary SET removed_at = now() WHERE id = %s", added.pk
        )
        remove_beneficiary(SYSTEM, market.world["P"], beneficiary=added, reason="moved out")
        broken(
            "stays removed",
            "UPDATE ledger_beneficiary SET removed_at = NULL, removal_reason = '' WHERE id = %s",
            added.pk,
        )
        broken("permission denied", "DELETE FROM ledger_beneficiary WHERE id = %s", added.pk)
        broken(
            "permission denied",
            "UPDATE ledger_beneficiary SET patient_id = patient_id WHERE id = %s",
            added.pk,
        )


class TestPages:
    @pytest.fixture
    def shared(self, market, family):
        ben = market.register("Ben")
        return add(market, family, ben)

    def test_the_people_and_what_each_used(self, market, family, shared, browse):
        market.redeem(family, "PHYSIO", 2, patient=shared.patient)
        client = browse("administrator")
        page = client.get(reverse("entitlement-people", args=[family.entitlement_id]))
        assert "Ben Rao" in page.content.decode()
        entitlement = client.get(reverse("entitlement", args=[family.entitlement_id])).content.decode()
        assert "used by Ben Rao" in entitlement
        assert "2 of at most 3" in entitlement

    def test_added_and_removed_by_dialogs(self, market, family, shared, browse):
        cara = market.register("Cara")
        client, post = browse("administrator"), market.world.post
        url = reverse("entitlement-person-add-to", args=[family.entitlement_id, cara.pk])
        assert post(client, url, {"reason": WHY}).status_code == 302
        gone = reverse("entitlement-person-remove", args=[family.entitlement_id, shared.pk])
        assert post(client, gone, {"reason": "moved out"}).status_code == 302
        assert [one.patient_id for one in beneficiaries_of(of(family))] == [cara.pk]


class TestWhoUsedIt:
    """Journal and utilization name who used what several people share, to whoever sees that patient."""

    @pytest.fixture
    def used(self, market, family):
        """Ben, whom only South knows, used two units, and Asha one."""
        ben = market.register("Ben", at="T")
        add(market, family, ben)
        market.redeem(market.sell(), "CONSULT")
        market.redeem(family, "PHYSIO")
        return market.redeem(family, "PHYSIO", 2, patient=ben, at="T")

    def events(self, browse, who: str) -> dict[int, str]:
        page = browse(who).get(reverse("journal") + "?kind=redemption")
        return {one.pk: one.used_by for one in page.context["page"].rows}

    def test_the_journal(self, used, browse):
        assert sorted(self.events(browse, "administrator").values()) == ["", "Asha Rao", "Ben Rao"]
        page = browse("administrator").get(reverse("ledger-event", args=[used.pk]))
        assert page.context["used_by"] == "Ben Rao"

    def test_whom_one_does_not_see_is_not_named_and_reads_are_logged(self, market, used, browse):
        before = AccessEvent.objects.count()
        page = browse("finance").get(reverse("ledger-event", args=[used.pk]))
        assert page.context["used_by"] == "a patient whom you don\u2019t see"
        assert AccessEvent.objects.count() == before
        browse("administrator").get(reverse("ledger-event", args=[used.pk]))
        assert AccessEvent.objects.latest("pk").patient_ids == [used.inputs["patient"]]

    def ask(self, market, naming: str, who: str = "administrator") -> Ask:
        whole_month = Period(DAY.replace(day=1), DAY.replace(day=31))
        return Ask(market.world.actor(who), market.world["P"], Scope.SUBTREE, whole_month, naming=naming)

    def rows(self, found) -> list[list[object]]:
        table = next(one for one in found.tables if one.title.startswith("Shared"))
        return [[cell.value for cell in line.cells][1:] for line in table.lines]

    def test_the_report(self, market, used):
        found = utilization(self.ask(market, PATIENT_VIEW))
        assert self.rows(found) == [
            ["Ben Rao", 2, usd("200.00")],
            ["Asha Rao", 1, usd("100.00")],
            ["", 3, usd("300.00")],
        ]
        assert len(found.patient_ids) == 2

    def test_a_void_takes_it_off(self, market, used):
        void(SYSTEM, used, reason="wrong", on=DAY, key="v")
        assert self.rows(utilization(self.ask(market, PATIENT_VIEW)))[-1] == ["", 1, usd("100.00")]

    def test_mail_to_several_people_names_nobody(self, market, used):
        found = utilization(self.ask(market, ""))
        assert [row[0] for row in self.rows(found)][:2] == [HIDDEN, HIDDEN]
        assert not found.patient_ids

    def test_files_name_whom_one_may_export_and_log_it(self, market, used, browse):
        url = reverse("report") + f"?kind=utilization&scope=subtree&since={DAY}&until={DAY}&period=this_month"
        client = browse("administrator")
        assert "Ben Rao" in client.get(url).content.decode()
        assert AccessEvent.objects.latest("pk").kind == "list"
        assert "Ben Rao" in client.get(url + "&export=csv").content.decode()
        assert AccessEvent.objects.latest("pk").kind == "export"
        assert "Ben Rao" not in browse("finance").get(url + "&export=csv").content.decode()
