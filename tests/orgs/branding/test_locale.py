"""How a network writes dates and numbers: in the console, on receipts, in the portal, in mail; and how it reads them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import django_tables2 as tables
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from core import locale
from core.errors import Refused
from core.money import Money
from core.registries import outbox_handlers
from core.settings import Mode
from core.tenancy import bound
from core.views.export import fields_of
from ledger.actions.catalog import add_service, set_price
from ledger.actions.package import Offer, Part, create_package
from ledger.models import TariffPrice
from orgs.actions.network import NewNetwork, create_network
from orgs.actions.setting import NewValue, assign_setting
from orgs.models import SettingAssignment
from orgs.queries import tree
from orgs.rules.settings import LOCALE
from tests.cast import SYSTEM
from tests.ledger.market import open_market
from tests.vendors.conftest import Phone, build_lab
from work.actions.relay import relay_due_events
from work.models import Mail, OutboxEvent
from work.outbox import put_event


def decide(cast, organization, code, mode=Mode.DEFAULT):
    with bound(cast.network.pk):
        assign_setting(SYSTEM, cast[organization], setting=LOCALE, new=NewValue(code, mode, "Decided."))


def priced(cast) -> str:
    """A service whose price is INR-like long, and the address of its page."""
    with bound(cast.network.pk):
        service = add_service(SYSTEM, cast["P"], code="OP", name="Operation", category="care")
        set_price(
            SYSTEM, cast["P"], service=service, price=Money(123456789, "USD"), starts_on=date(2026, 11, 21)
        )
    return reverse("service", args=[service.pk])


@pytest.mark.setting("branding.locale")
@pytest.mark.parametrize(
    ("code", "day", "amount"),
    [
        ("en-GB", "21 Nov 2026", "1,234,567.89"),
        ("en-US", "Nov 21, 2026", "1,234,567.89"),
        ("en-IN", "21 Nov 2026", "12,34,567.89"),
        ("en-DE", "21 Nov 2026", "1.234.567,89"),
    ],
)
def test_the_console_writes_as_its_parent_does(cast, code, day, amount):
    url = priced(cast)
    decide(cast, "P", code)
    page = cast.client("administrator").get(url).content.decode()
    assert f">{day}</time>" in page
    assert f">{amount}</span>" in page


def test_a_value_of_ones_own_is_for_receipts_not_for_the_console(cast):
    with bound(cast.network.pk):
        market = open_market(cast)
        sale = market.sell(at="S")
    decide(cast, "P", "en-US")
    decide(cast, "S", "en-DE")
    page = cast.client("administrator").get(reverse("sale-receipt", args=[sale.pk])).content.decode()
    receipt = page[page.index('<article class="receipt"') : page.index("</article>")]
    assert ">10 Jan 2026</time>" in receipt
    assert "900,00</span>" in receipt
    listed = cast.client("administrator").get(reverse("sale-list")).content.decode()
    assert ">Jan 10, 2026</time>" in listed
    assert "900.00</span>" in listed


def test_the_portal_writes_as_its_vendor_does(cast):
    with bound(cast.network.pk):
        lab = build_lab(cast)
        request = lab.order()
    phone = Phone(cast)
    phone.sign_in(lab.contact)
    decide(cast, "P", "en-US")
    for code, due in (("en-US", "120.00"), ("en-DE", "120,00")):
        decide(cast, "X", code)
        page = phone.get("portal-task", request.pk).content.decode()
        assert f"{due}</span>" in page
        with locale.using(code):
            assert locale.day_and_time(request.target_at) in page


def test_a_mail_to_a_vendor_is_written_as_the_vendor_does(cast):
    with bound(cast.network.pk):
        lab = build_lab(cast)
    decide(cast, "P", "en-CA")
    for code in ("en-US", "en-GB", "en-US"):
        decide(cast, "X", code)
        with bound(cast.network.pk):
            request = lab.order()
        relay_due_events()
        with locale.using(code):
            due = locale.long_day_and_time(request.target_at)
        assert f"due {due} (UTC)." in Mail.objects.get(subject__contains=request.number).body


def test_one_worker_serves_networks_in_turn_and_mixes_nothing(cast, monkeypatch):
    """The relay binds one network after the other, in one process."""
    other = create_network(
        SYSTEM, cast.enterprise, NewNetwork("IND", "India", "INR", "Asia/Kolkata", locale="en-IN")
    )
    decide(cast, "P", "en-DE")
    OutboxEvent.objects.all().delete()
    written = []
    monkeypatch.setitem(
        outbox_handlers._items, "test.written", lambda ids: written.append(locale.number(1234567))
    )
    for network in (other, cast.network) * 3:
        put_event(network.pk, "test.written", {})
    assert relay_due_events() == 6
    assert written == ["12,34,567", "1.234.567"] * 3


def test_each_binding_has_its_own_network_s(cast):
    other = create_network(
        SYSTEM, cast.enterprise, NewNetwork("IND", "India", "INR", "Asia/Kolkata", locale="en-IN")
    )
    decide(cast, "P", "en-DE")
    for _ in range(2):
        with bound(other.pk):
            assert locale.number(1234567) == "12,34,567"
        with bound(cast.network.pk):
            assert locale.number(1234567) == "1.234.567"
        assert locale.number(1234567) == "1,234,567"


def test_it_counts_as_soon_as_it_is_changed(cast):
    decide(cast, "P", "en-DE")
    with bound(cast.network.pk):
        assert locale.number(1234) == "1.234"
        assign_setting(SYSTEM, cast["P"], setting=LOCALE, new=NewValue("en-IN", Mode.DEFAULT, "Moved."))
        assert locale.number(1234567) == "12,34,567"


@pytest.mark.parametrize(
    ("code", "typed", "minor"),
    [
        ("en-DE", "1.234,56", 123456),
        ("en-DE", "1234,5", 123450),
        ("en-DE", "1.234", 123400),
        ("en-IN", "12,34,567", 123456700),
        ("en-GB", "1,234.56", 123456),
    ],
)
def test_a_price_is_read_as_the_network_writes_it(cast, code, typed, minor):
    price = reverse("price-set", args=[priced(cast).rstrip("/").rsplit("/", 1)[1]])
    decide(cast, "P", code)
    answer = post_price(cast, price, typed)
    assert answer.status_code == 302, answer.content.decode()
    with bound(cast.network.pk):
        assert TariffPrice.objects.order_by("-pk").first().price_minor == minor


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ("en-DE", "1.5"),
        ("en-DE", "1,234.56"),
        ("en-GB", "1,5"),
        ("en-GB", "1.234,56"),
        ("en-IN", "1,234,567"),
    ],
)
def test_a_price_that_is_written_otherwise_is_refused_and_stays_in_its_field(cast, code, typed):
    price = reverse("price-set", args=[priced(cast).rstrip("/").rsplit("/", 1)[1]])
    decide(cast, "P", code)
    answer = post_price(cast, price, typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"“{typed}” is not a number as it is written here" in page
    assert f'value="{typed}"' in page
    with bound(cast.network.pk):
        assert TariffPrice.objects.filter(service__code="OP").count() == 1


def post_price(cast, url, typed):
    data = {"organization": cast.organizations["P"].pk, "price": typed, "starts_on": "2026-12-24"}
    return cast.post(cast.client("administrator"), url, data)


def test_what_a_form_is_filled_in_with_is_taken_back(cast):
    """A package's price as its field shows it, sent as it is."""
    decide(cast, "P", "en-DE")
    with bound(cast.network.pk):
        market = open_market(cast)
        part = Part(market.services["LAB"], 1, Money(25000, "USD"))
        draft = create_package(
            SYSTEM,
            cast["P"],
            code="BIG",
            offer=Offer(name="Big", price=Money(123450, "USD"), parts=[part], valid_days=365),
        )
    page = cast.client("administrator").get(reverse("package-edit", args=[draft.pk])).content.decode()
    assert 'value="1234,50"' in page
    assert 'value="250,00"' in page


def test_an_amount_of_a_setting_that_might_be_another_is_refused(cast):
    decide(cast, "P", "en-DE")
    url = reverse("setting-edit", args=[cast.organizations["P"].pk, "vendors.approval_above"])
    client = cast.client("administrator")
    answer = cast.post(client, url, {"value": "1.234", "mode": "default"})
    assert answer.status_code == 422
    assert "“1.234” might be 1234 or 1,234. Write the one that is meant." in answer.content.decode()
    answer = cast.post(client, url, {"value": "1.234,5", "mode": "default"})
    assert answer.status_code == 302
    with bound(cast.network.pk):
        assert SettingAssignment.objects.get(key="vendors.approval_above").value == "1234.5"


def test_files_stay_iso_and_plain(cast):
    with bound(cast.network.pk):
        market = open_market(cast)
        market.sell(at="S")
    decide(cast, "P", "en-DE")
    answer = cast.client("administrator").get(reverse("sale-list"), {"export": "csv"})
    (row,) = csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"), newline=""))
    assert "2026-01-10" in row.values()
    assert "900.00" in row.values()


class Stays(tables.Table):
    until = tables.Column()

    def render_until(self, value):
        return f"until {locale.day(value)}, {locale.number(1234.5)} days"


def test_files_are_plain_in_texts_too():
    table = Stays([{"until": date(2026, 11, 21)}])
    (field,) = fields_of(table)
    (row,) = table.rows
    with locale.using("en-DE"):
        assert row.get_cell("until") == "until 21 Nov 2026, 1.234,5 days"
        assert field.value(row) == "until 2026-11-21, 1234.5 days"


def test_choosing_shows_what_each_writes(cast):
    url = reverse("setting-edit", args=[cast.organizations["P"].pk, "branding.locale"])
    page = cast.client("administrator").get(url).content.decode()
    assert "India: 21 Nov 2026, 3:05\u202fpm · 12,34,567.89</option>" in page
    decide(cast, "P", "en-IN")
    page = cast.client("administrator").get(
        reverse("organization-settings", args=[cast.organizations["P"].pk]), {"q": "branding.locale"}
    )
    assert "India: 21 Nov 2026, 3:05\u202fpm · 12,34,567.89" in page.content.decode()


def test_a_network_is_opened_with_one(cast):
    network = create_network(
        SYSTEM, cast.enterprise, NewNetwork("IND", "India", "INR", "Asia/Kolkata", locale="en-IN")
    )
    with bound(network.pk):
        assert LOCALE.at(tree.root()) == "en-IN"
    with pytest.raises(Refused, match="'hi-IN' is not a locale") as refusal:
        create_network(SYSTEM, cast.enterprise, NewNetwork("HIN", "India", "INR", locale="hi-IN"))
    assert refusal.value.field == "locale"


@pytest.mark.parametrize("value", ["de-DE", "en-XX", "en_IN", "EN-IN", "", "plain"])
def test_what_is_no_locale_is_refused(cast, value):
    with bound(cast.network.pk), pytest.raises(Refused, match="is none of"):
        assign_setting(SYSTEM, cast["P"], setting=LOCALE, new=NewValue(value, Mode.DEFAULT, "Why not."))


def test_the_command_says_and_sets_it(cast, capsys):
    at = ["P", "branding.locale"]
    network = f"--network={cast.network.pk}"
    call_command("settings", "set", *at, "en-IN", network)
    call_command("settings", "explain", *at, network, "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["value"] == "en-IN"
    with pytest.raises(CommandError, match="“hi” is none of"):
        call_command("settings", "set", *at, "hi", network)
