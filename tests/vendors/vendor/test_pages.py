"""Pages of vendors and requests in the console: what they do, who may, and that lists cost the same at any length."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.errors import Refused, Stale
from core.money import Money
from core.tenancy import bound
from ledger.actions.catalog import add_service
from orgs.actions.organization import Contract, add_organization, archive_organization
from patients.actions.details import Details
from patients.actions.patient import register_patient
from tests.cast import SYSTEM, details
from vendors.actions.contact import ContactDetails, add_contact, edit_contact, send_link
from vendors.actions.service import Price, ServiceSettings, add_vendor_service, edit_vendor_service, set_price
from vendors.models import PortalLink, VendorContact, VendorPrice, VendorService
from vendors.queries.vendor import price_in_force
from work.models import Mail


def test_contact_by_the_page(placed, browse):
    client = browse("vendor_manager")
    vendor = placed.cast.organizations["Y"]
    url = reverse("vendor-contact-add", args=[vendor.pk])
    answer = placed.cast.post(client, url, {"name": "Yves", "email": "no address", "role": "agent"})
    assert answer.status_code == 422
    assert "Yves" in answer.content.decode()
    answer = placed.cast.post(
        client, url, {"name": "Yves", "email": "YVES@yield.example", "role": "lead", "active": "on"}
    )
    assert answer.status_code == 302
    answer = placed.cast.post(client, url, {"name": "Again", "email": "yves@yield.example", "role": "lead"})
    assert answer.status_code == 422
    assert "already has a contact with this address" in answer.content.decode()
    with bound(placed.cast.network.pk):
        contact = VendorContact.objects.get(vendor=vendor)
    assert contact.email == "yves@yield.example"
    assert placed.cast.post(client, reverse("portal-link-send", args=[contact.pk])).status_code == 302
    assert Mail.objects.filter(to=contact.email).count() == 1
    page = client.get(reverse("vendor", args=[vendor.pk])).content.decode()
    assert "A link was sent to yves@yield.example" in page
    assert "Revoke links" in page
    assert placed.cast.post(client, reverse("portal-links-revoke", args=[contact.pk])).status_code == 302
    with bound(placed.cast.network.pk):
        assert PortalLink.objects.get(contact=contact).revoked_at is not None
    edit = reverse("vendor-contact-edit", args=[contact.pk])
    typed = {"name": "Yves B", "email": contact.email, "role": "agent"}
    assert placed.cast.post(client, edit, typed | {"_version": "9"}).status_code == 409
    assert placed.cast.post(client, edit, typed | {"_version": "1"}).status_code == 302
    placed.cast.post(client, reverse("portal-link-send", args=[contact.pk]))
    assert "is not active" in client.get(reverse("vendor", args=[vendor.pk])).content.decode()


def test_service_and_price_by_the_page(placed, browse):
    client = browse("vendor_manager")
    with bound(placed.cast.network.pk):
        service = add_service(SYSTEM, placed.cast["P"], code="TSH", name="Thyroid hormone")
    vendor = placed.cast.organizations["X"]
    url = reverse("vendor-service-add", args=[vendor.pk])
    typed = {
        "service": service.pk,
        "code": "X-7",
        "turnaround_hours": "1.5",
        "active": "on",
        "starts_on": "2026-01-01",
    }
    for buy in ("", "12,00", "-1", "1.234", "x" * 25):
        answer = placed.cast.post(client, url, typed | {"buy": buy, "sell": "30"})
        assert answer.status_code == 422, buy
    assert (
        placed.cast.post(
            client, url, typed | {"buy": "12.5", "sell": "30", "turnaround_hours": "0"}
        ).status_code
        == 422
    )
    assert placed.cast.post(client, url, typed | {"buy": "12.5", "sell": "30"}).status_code == 302
    answer = placed.cast.post(client, url, typed | {"buy": "12.5", "sell": "30"})
    assert "already has settings for this service" in answer.content.decode()
    with bound(placed.cast.network.pk):
        setting = VendorService.objects.get(code="X-7")
        assert setting.turnaround_minutes == 90
    price = reverse("vendor-price-set", args=[setting.pk])
    assert "12.50" in client.get(price).content.decode()
    assert (
        placed.cast.post(client, price, {"starts_on": "2030-01-01", "buy": "99", "sell": "100"}).status_code
        == 302
    )
    assert "99.00 from 1 January 2030" in client.get(reverse("vendor", args=[vendor.pk])).content.decode()
    page = client.get(reverse("vendor", args=[vendor.pk])).content.decode()
    assert "12.50" in page
    assert "99.00" not in page
    edit = reverse("vendor-service-edit", args=[setting.pk])
    assert (
        placed.cast.post(client, edit, {"code": "X-8", "turnaround_hours": "2", "_version": "1"}).status_code
        == 302
    )
    with bound(placed.cast.network.pk):
        setting.refresh_from_db()
    assert (setting.code, setting.turnaround_minutes, setting.active) == ("X-8", 120, False)


def test_prices_have_dates(lab):
    for day, buy in (("2026-02-01", 13000), ("2026-03-01", 14000), ("2026-03-01", 14500)):
        set_price(
            SYSTEM, lab.setting, price=Price(date.fromisoformat(day), Money(buy, "USD"), Money(30000, "USD"))
        )
    found = [price_in_force(lab.setting, date(2026, month, 15)).buy_minor for month in (1, 2, 3)]
    assert found == [12000, 13000, 14500]
    assert price_in_force(lab.setting, date(2019, 1, 1)) is None
    with pytest.raises(Refused, match="one currency"):
        set_price(SYSTEM, lab.setting, price=Price(date(2026, 1, 1), Money(1, "USD"), Money(1, "EUR")))
    assert VendorPrice.objects.count() == 3


def test_only_third_parties_and_partners_are_vendors(lab):
    with pytest.raises(Refused, match="can't be a vendor"):
        add_contact(SYSTEM, lab.cast["S"], details=ContactDetails("X", "x@x.example"))
    price = Price(date(2026, 1, 1), Money(1, "USD"), Money(1, "USD"))
    settings = ServiceSettings("Q", 60)
    with pytest.raises(Refused, match="can't be a vendor"):
        add_vendor_service(SYSTEM, lab.cast["S"], service=lab.setting.service, settings=settings, price=price)
    assert add_vendor_service(
        SYSTEM, lab.cast["Q"], service=lab.setting.service, settings=settings, price=price
    ).pk


def test_a_contact_s_name_is_one_line_that_everybody_sees(lab):
    for name in ("Ravi\nhttps://evil.example/login", "\u202egnp.exe"):
        named = ContactDetails(name, "r@r.example")
        with pytest.raises(Refused, match="nobody sees") as refusal:
            add_contact(SYSTEM, lab.cast["X"], details=named)
        assert refusal.value.field == "name"
        with pytest.raises(Refused, match="nobody sees"):
            edit_contact(SYSTEM, lab.contact, details=named, version=lab.contact.version)


def test_only_who_may(lab):
    for persona in ("desk", "finance", "local_admin", "clinician"):
        actor = lab.cast.actor(persona)
        with pytest.raises(PermissionDenied):
            add_contact(actor, lab.cast["X"], details=ContactDetails("A", "a@a.example"))
        with pytest.raises(PermissionDenied):
            send_link(actor, lab.contact)
        with pytest.raises(PermissionDenied):
            edit_vendor_service(actor, lab.setting, settings=ServiceSettings("Q", 60), version=1)
    with pytest.raises(Stale):
        edit_vendor_service(SYSTEM, lab.setting, settings=ServiceSettings("Q", 60), version=4)
    with pytest.raises(Stale):
        edit_contact(SYSTEM, lab.contact, details=ContactDetails("Q", "q@q.example"), version=4)


def test_who_opens_which_page(placed, browse):
    with bound(placed.cast.network.pk):
        request = placed.order()
    vendor = placed.cast.organizations["X"].pk
    pages = {
        reverse("vendor-list"): {"vendor_manager": 200, "finance": 200, "desk": 403, "stranger": 302},
        reverse("vendor", args=[vendor]): {
            "vendor_manager": 200,
            "auditor": 200,
            "local_admin": 404,
            "desk": 404,
            "foreigner": 404,
        },
        reverse("vendor-contact-add", args=[vendor]): {"vendor_manager": 200, "finance": 403, "desk": 404},
        reverse("vendor-contact-edit", args=[placed.contact.pk]): {
            "vendor_manager": 200,
            "finance": 403,
            "foreigner": 404,
        },
        reverse("vendor-service-edit", args=[placed.setting.pk]): {
            "vendor_manager": 200,
            "auditor": 403,
            "foreigner": 404,
        },
        reverse("vendor-price-set", args=[placed.setting.pk]): {
            "vendor_manager": 200,
            "auditor": 403,
            "foreigner": 404,
        },
        reverse("vendor", args=[placed.cast.organizations["S"].pk]): {"administrator": 404},
        reverse("request-list"): {"desk": 200, "finance": 200, "privacy": 403, "foreigner": 200},
        reverse("request", args=[request.pk]): {
            "desk": 200,
            "finance": 200,
            "sibling": 404,
            "partner": 404,
            "foreigner": 404,
        },
        reverse("organization-requests", args=[vendor]): {"vendor_manager": 200, "administrator": 200},
        reverse("patient-requests", args=[placed.patient.pk]): {
            "desk": 200,
            "finance": 404,
            "foreigner": 404,
        },
        reverse("request-new"): {"desk": 200, "vendor_manager": 403},
    }
    for url, expected in pages.items():
        for persona, status in expected.items():
            assert browse(persona).get(url).status_code == status, (url, persona)


def test_names_in_lists_only_for_those_who_may_see_the_patient(placed, browse):
    with bound(placed.cast.network.pk):
        placed.order()
    url = reverse("request-list")
    assert "Zelda" in browse("desk").get(url).content.decode()
    page = browse("finance").get(url).content.decode()
    assert "Zelda" not in page
    assert "Hidden" in page
    assert (
        "Zelda"
        not in browse("vendor_manager")
        .get(reverse("vendor", args=[placed.cast.organizations["X"].pk]))
        .content.decode()
    )


def test_search_finds_vendors_and_numbers(placed, browse):
    with bound(placed.cast.network.pk):
        request = placed.order()
    search = reverse("search")
    for typed in (request.number, request.number.lower(), request.number[3:7]):
        address = reverse("request", args=[request.pk])
        assert address in browse("desk").get(search, {"q": typed}).content.decode()
        assert address not in browse("sibling").get(search, {"q": typed}).content.decode()
    assert (
        reverse("vendor", args=[placed.cast.organizations["X"].pk])
        in browse("finance").get(search, {"q": "xact"}).content.decode()
    )


def test_an_open_request_blocks_archiving_on_both_sides(lab):
    request = lab.order()
    for code in ("S", "X"):
        with pytest.raises(Refused, match="1 open request"):
            archive_organization(SYSTEM, lab.cast[code], reason="closing", version=lab.cast[code].version)
    lab.answer(request, "reject")
    assert (
        archive_organization(SYSTEM, lab.cast["X"], reason="closing", version=lab.cast["X"].version).status
        == "archived"
    )


def grow(lab, count: int) -> None:
    """More vendors, patients and requests."""
    for number in range(count):
        tag = f"{number}-{VendorContact.objects.count()}"
        vendor = add_organization(
            SYSTEM,
            lab.cast["P"],
            kind="third_party",
            details=details(f"Lab {tag}", f"L{tag}"),
            contract=Contract("law", date(2020, 1, 1)),
        )
        add_contact(SYSTEM, vendor, details=ContactDetails(f"C {tag}", f"c{tag}@x.example"))
        add_contact(SYSTEM, lab.cast["X"], details=ContactDetails(f"D {tag}", f"d{tag}@x.example"))
        person = Details(given_name=f"P{tag}", family_name="Q", birth_date=date(1990, 1, 1), gender="female")
        patient = register_patient(SYSTEM, lab.cast["S"], details=person, confirmed=True)
        lab.order(patient=patient)
        lab.order()


def test_lists_cost_the_same_at_3_and_30_rows(placed, browse, phone):
    client = browse("administrator")
    vendor = placed.cast.organizations["X"].pk
    urls = [
        reverse("vendor-list"),
        reverse("vendor", args=[vendor]),
        reverse("request-list"),
        reverse("request-report"),
        reverse("organization-requests", args=[vendor]),
        reverse("patient-requests", args=[placed.patient.pk]),
    ]

    def costs() -> dict[str, int]:
        found = {}
        for browser, paths in ((client, urls), (phone.client, ["/portal/?tab=new"])):
            for url in paths:
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    assert browser.get(url).status_code == 200
                found[url] = len(queries)
        return found

    phone.sign_in(placed.contact)
    with bound(placed.cast.network.pk):
        grow(placed, 3)
    client.get(urls[0])
    few = costs()
    with bound(placed.cast.network.pk):
        grow(placed, 27)
    assert costs() == few
