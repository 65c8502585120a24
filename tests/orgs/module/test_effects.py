"""What a module that is off keeps from happening, what goes on all the same, and that nothing is lost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.errors import Refused
from core.modules import module_of
from core.tenancy import bound
from ledger.actions.catalog import edit_service
from ledger.actions.charge import charge
from ledger.actions.refund import Units, refund
from ledger.models import Service
from ledger.queries.usable import usable_here
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.module import Switching, switch_modules
from orgs.queries.impact import people_who_use
from patients.actions.details import Details
from patients.actions.patient import register_patient
from patients.actions.registration import register_at
from patients.queries.patient import is_registered_at
from tests.cast import SYSTEM, make_user
from tests.ledger.market import DAY, new_key, open_market
from tests.vendors.conftest import build_lab


@pytest.fixture
def market(world):
    return open_market(world)


def code_of(act, *args, **more) -> str:
    with pytest.raises(Refused) as refusal:
        act(*args, **more)
    return refusal.value.code


def do_charge(market, at="S", service="CONSULT"):
    return charge(
        SYSTEM,
        market.world[at],
        patient=market.patient,
        service=market.services[service],
        on=DAY,
        key=new_key(),
    )


def test_packages_off_sells_and_redeems_nothing_there_and_everything_elsewhere(market, off, on):
    here, elsewhere = market.sell(at="S"), market.sell(at="T")
    off("S", "packages")
    assert code_of(market.sell, at="S") == "module_off"
    assert code_of(market.redeem, here, "LAB", at="S") == "module_off"
    assert code_of(market.redeem, elsewhere, "LAB", at="S") == "module_off"
    market.redeem(here, "LAB", at="T")  # what S sold is used at T
    market.redeem(elsewhere, "LAB", at="T")
    do_charge(market, "S")
    on("S", "packages")
    market.redeem(here, "PHYSIO", at="S")
    assert market.left(here, "PHYSIO") == 4


def test_a_refund_stays_possible(market, off):
    sold = market.sell(at="S")
    off("P", "packages")
    refund(
        SYSTEM,
        market.world["S"],
        entitlement=market.entitlement(sold),
        units=[Units(market.line(sold, "PHYSIO"), 5)],
        reason="Moves away.",
        on=DAY,
        key=new_key(),
    )
    assert market.left(sold, "PHYSIO") == 0


def test_single_services_off_charges_nothing(market, off, on):
    off("S", "charges")
    assert code_of(do_charge, market, "S") == "module_off"
    do_charge(market, "T")
    on("S", "charges")
    do_charge(market, "S")


def test_a_clinical_area_off_switches_its_categories(market, off):
    lab = Service.objects.get(code="LAB")
    edit_service(SYSTEM, lab, name=lab.name, category="Laboratory", version=lab.version)
    market.services["LAB"] = Service.objects.get(code="LAB")
    sold = market.sell(at="S")
    off("S", "laboratory")
    assert code_of(do_charge, market, "S", "LAB") == "module_off"
    assert code_of(market.redeem, sold, "LAB", at="S") == "module_off"
    do_charge(market, "S", "CONSULT")
    market.redeem(sold, "CONSULT", at="S")
    market.redeem(sold, "LAB", at="T")


def test_a_counter_says_why_a_line_cannot_be_used(market, off):
    lab = Service.objects.get(code="LAB")
    edit_service(SYSTEM, lab, name=lab.name, category="laboratory", version=lab.version)
    market.sell(at="S")
    off("S", "laboratory")
    lines = {
        one.line.service.code: one for one in usable_here(SYSTEM, market.patient, market.world["S"], DAY)
    }
    assert lines["LAB"].code == "module_off"
    assert "“Laboratory” is switched off at North Clinic" in lines["LAB"].reason
    assert lines["CONSULT"].usable


def test_requests_off_orders_nothing_and_what_was_ordered_goes_on(world, off, on):
    lab = build_lab(world)
    before, draft = lab.order("S"), lab.draft("S")
    off("S", "requests")
    assert code_of(lab.draft, "S") == "module_off"
    lab.answer(before, "accept")
    assert lab.answer(before, "start").status == "in-progress"
    on("S", "requests")
    off("S", "laboratory")
    assert code_of(lab.draft, "S") == "module_off"
    on("S", "laboratory")
    assert lab.draft("S").pk != draft.pk


def test_registration_off_registers_nobody_but_whom_is_served(world, market, off):
    off("S", "registration")
    details = Details(given_name="Noa", family_name="New", birth_date=DAY)
    assert code_of(register_patient, SYSTEM, world["S"], details=details, confirmed=True) == "module_off"
    administrator = world.actor("administrator")
    assert code_of(register_at, administrator, world["S"], patient=market.patient) == "module_off"
    assert not is_registered_at(market.patient.pk, world["S"].pk)
    do_charge(market, "S")
    assert is_registered_at(market.patient.pk, world["S"].pk)


# Pages


@pytest.fixture
def stand(cast):
    """Packages, requests and finance off at North Clinic, with what was done there before; no network bound."""
    with bound(cast.network.pk):
        market, lab = open_market(cast), build_lab(cast)
        sold, asked = market.sell(at="S", patient=lab.patient), lab.order("S")
    return {"sold": sold, "asked": asked, "patient": lab.patient, "package": market.packages["CHECKUP"]}


def switch(cast, codes, *modules, is_on=False):
    with bound(cast.network.pk):
        reason = "" if is_on else "Moves to South Clinic."
        switching = Switching(tuple(module_of(one) for one in modules), is_on, reason)
        switch_modules(cast.actor("administrator"), switching, organizations=[cast[code] for code in codes])


def test_a_page_about_an_organization_where_it_is_off_says_who_where_since_when_and_whom_to_ask(cast, stand):
    switch(cast, "S", "packages", "charges", "requests", "finance")
    north = cast.organizations["S"].pk
    desk, administrator = cast.client("desk"), cast.client("administrator")
    sell = reverse("counter-sell", args=[north, stand["patient"].pk, stand["package"].pk])
    for client, url in (
        (desk, sell),
        (desk, reverse("counter-charge", args=[north, stand["patient"].pk])),
        (administrator, reverse("organization-requests", args=[north])),
        (administrator, reverse("organization-money", args=[north])),
    ):
        answer = client.get(url)
        assert answer.status_code == 403, url
        text = answer.content.decode()
        assert "is switched off at North Clinic" in text
        assert "by Ada Admin on" in text
        assert "Moves to South Clinic" in text
        assert "Ask an administrator of Harbor Health" in text
    typed = cast.post(desk, sell, {"quantity": "3"})
    assert typed.status_code == 403
    assert "What you had typed" in typed.content.decode()
    assert cast.client("sibling").get(sell).status_code == 404, "what isn't theirs to see stays unseen"


def test_tabs_buttons_and_the_counter_hide_it(cast, stand):
    desk, administrator = cast.client("desk"), cast.client("administrator")
    north = cast.organizations["S"].pk
    page = reverse("organization", args=[north])
    counter = reverse("counter-patient", args=[north, stand["patient"].pk])
    money, requests = (
        reverse(name, args=[north]) for name in ("organization-money", "organization-requests")
    )
    text = administrator.get(page).content.decode()
    assert money in text and requests in text
    assert "/sell/" in desk.get(counter).content.decode()
    switch(cast, "S", "packages", "charges", "requests", "finance", "registration")
    text = administrator.get(page).content.decode()
    assert money not in text and requests not in text
    text = desk.get(counter).content.decode()
    assert "/sell/" not in text and "/charge/" not in text
    assert "“Packages” is switched off at North Clinic" in text
    for url in (reverse("counter", args=[north]), reverse("patient-list")):
        assert reverse("patient-register") not in desk.get(url).content.decode()


def test_pages_over_the_network_hide_only_where_it_is_off_everywhere_that_one_sees(cast, stand):
    """The desk at North sees North alone; the finance officer sees everything."""
    switch(cast, "S", "packages", "requests")
    packages, new = reverse("package-list"), reverse("request-new")
    assert cast.client("desk").get(packages).status_code == 403
    assert f'href="{packages}"' not in cast.client("desk").get("/console/").content.decode()
    assert cast.client("desk").get(new).status_code == 403
    assert cast.client("sibling").get(packages).status_code == 200
    assert cast.client("finance").get(packages).status_code == 200
    assert f'href="{packages}"' in cast.client("finance").get("/console/").content.decode()
    switch(cast, "P", "packages")
    for persona in ("finance", "administrator", "sibling", "partner"):
        assert cast.client(persona).get(packages).status_code == 403
        assert f'href="{packages}"' not in cast.client(persona).get("/console/").content.decode()


def test_the_past_stays_readable_and_everything_is_there_again(cast, stand):
    every = ("packages", "requests", "finance", "charges", "rules", "registration")
    finance = cast.client("finance")
    kept = [
        reverse("sale-list"),
        reverse("sale-receipt", args=[stand["sold"].pk]),
        reverse("entitlement-list"),
        reverse("entitlement", args=[stand["sold"].entitlement_id]),
        reverse("request", args=[stand["asked"].pk]),
        reverse("ledger-event", args=[stand["sold"].event_id]),
    ]
    switched = [reverse("package-list"), reverse("statement"), reverse("journal"), reverse("rule-list")]
    before = {url: finance.get(url).status_code for url in (*kept, *switched)}
    assert set(before.values()) == {200}
    switch(cast, "P", *every)
    assert {finance.get(url).status_code for url in kept} == {200}
    assert {finance.get(url).status_code for url in switched} == {403}
    switch(cast, "P", *every, is_on=True)
    assert {url: finance.get(url).status_code for url in before} == before


def test_the_navigation_costs_one_query_more_at_most(cast, stand):
    client = cast.client("administrator")
    url = reverse("sale-list")

    def queries():
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    plain = queries()
    switch(cast, "S", "packages")
    assert queries() <= plain + 2  # where what is off lies, and whether it is on anywhere
    switch(cast, "TQ", "packages", "requests", "finance", "rules")
    assert queries() <= plain + 2


def test_who_holds_a_role_until_today_still_uses_it(world):
    def people():
        return sum(one.count for one in people_who_use(["packages"], [world["S"].pk]))

    before, today = people(), timezone.now().date()
    user = make_user("Tom Today", "tom@harbor.example")
    new = NewMembership(role="front_desk", scope="this", starts_on=today, ends_on=today)
    grant_membership(SYSTEM, world["S"], user=user, new=new)
    assert people() == before + 1
