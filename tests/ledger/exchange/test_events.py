"""Business between organizations that keep different currencies: one event, one currency, and cash in one's own."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from django.db import transaction
from django.urls import reverse

from core.actions import check_constraints_now
from core.clock import today_in
from core.errors import Refused
from core.money import Money
from ledger.actions.catalog import set_price
from ledger.actions.charge import charge
from ledger.actions.refund import refund
from ledger.actions.sale import Payment
from ledger.actions.top_up import top_up_entitlement
from ledger.actions.void import void
from ledger.models import JournalLine, LedgerEvent, TariffPrice
from ledger.posting import Record, post
from ledger.queries.explain import explain
from ledger.queries.replay import replay
from ledger.queries.verify import verify_ledger
from ledger.rules.accounts import Account
from ledger.rules.lines import Line
from ledger.rules.settings import DISCOUNT_CAP
from ledger.rules.terms import Basis, Conditions, Outcome, Share
from tests.ledger.exchange.conftest import JANUARY, quote
from tests.ledger.market import DAY, SYSTEM, new_key, usd


def eur(text: str) -> Money:
    return Money.parse(text, "EUR", signed=True)


def lines_of(event: LedgerEvent) -> list[tuple[str, str, str]]:
    """(organization, account, amount) of an entry."""
    rows = (
        JournalLine.objects.filter(event=event).select_related("organization", "account").order_by("line_no")
    )
    return [
        (
            row.organization.code,
            row.account.code,
            f"{row.currency} {Money(row.amount_minor, row.currency).decimal()}",
        )
        for row in rows
    ]


def sell_abroad(market, **order):
    return market.sell("CHECKUP", at="E", payments=[Payment("cash", eur("720.00"))], **order)


def test_a_sale_abroad_is_owed_in_the_holders_currency_and_paid_in_the_sellers(rated):
    sale = sell_abroad(rated)
    assert lines_of(sale.event) == [
        ("P", "due_from", "USD 900.00"),
        ("P", "contract_liability", "USD -300.00"),
        ("P", "contract_liability", "USD -187.50"),
        ("P", "contract_liability", "USD -412.50"),
        ("E", "fx_clearing", "USD 900.00"),
        ("E", "cash", "EUR 720.00"),
        ("E", "fx_clearing", "EUR -720.00"),
        ("E", "due_to", "USD -900.00"),
    ]
    (stored,) = sale.event.inputs["exchange"]
    assert (stored["from"], stored["to"], stored["rate"], stored["on"]) == (
        "EUR",
        "USD",
        "1.25",
        "2026-01-05",
    )
    assert sale.paid == [("cash", eur("720.00"))]
    assert list(verify_ledger()) == []


@pytest.mark.parametrize(
    ("payments", "code", "message"),
    [
        ([("cash", eur("719.99"))], "not_permitted", "sum to EUR 719.99, but EUR 720.00 is due"),
        ([("cash", usd("900.00"))], "currency_mismatch", "Abroad keeps EUR"),
    ],
)
def test_what_is_asked_abroad_is_paid_and_nothing_else(rated, payments, code, message):
    with pytest.raises(Refused, match=message) as refusal:
        rated.sell("CHECKUP", at="E", payments=[Payment(*one) for one in payments])
    assert (refusal.value.code, refusal.value.field) == (code, "payments")
    assert not LedgerEvent.objects.exists()


def test_a_top_up_abroad_asks_what_it_asks_at_home(rated):
    """As many units as asked, whatever of the order is looked at first: 3 labs and a session are 860 of 1,200."""
    first, key = sell_abroad(rated).entitlement, new_key()
    sale = top_up_entitlement(
        SYSTEM, rated.world["E"], entitlement=first, units={"LAB": 3, "PHYSIO": 1},
        payments=[Payment("cash", eur("516.00"))], on=DAY, key=key,
    )  # fmt: skip
    assert sale.total_minor == 645_00


def test_split_payments_sum_to_what_is_asked(rated):
    sale = rated.sell(
        "CHECKUP", at="E", payments=[Payment("cash", eur("20.01")), Payment("card", eur("699.99"))]
    )
    assert rated.balance("E", "cash") == "720.00"
    assert [str(amount) for _, amount in sale.paid] == ["EUR 20.01", "EUR 699.99"]


def test_without_a_rate_the_pair_and_the_day_are_named(abroad):
    with pytest.raises(Refused) as refusal:
        sell_abroad(abroad)
    assert refusal.value.code == "currency_mismatch"
    for word in ("USD", "EUR", "10 Jan 2026", "Exchange rates", "Oldest exchange rate"):
        assert word in refusal.value.message


def test_care_is_owed_in_the_currency_of_its_price(rated):
    with pytest.raises(Refused, match="Abroad, which would owe the care, keeps EUR") as refusal:
        rated.sell("COURSE", at="E", payments=[Payment("cash", eur("400.00"))])
    assert refusal.value.code == "currency_mismatch"


def test_a_redemption_abroad_needs_a_rate_though_no_cash_moves(abroad):
    sale = abroad.sell()
    with pytest.raises(Refused) as refusal:
        abroad.redeem(sale, "CONSULT", at="E")
    assert refusal.value.code == "currency_mismatch"
    quote(abroad, "1.25", JANUARY)
    event = abroad.redeem(sale, "CONSULT", at="E")
    assert {row[2][:3] for row in lines_of(event)} == {"USD"}
    assert abroad.balance("E", "due_from", "P") == "240.00"
    assert replay(event) == tuple(posted(event))


def posted(event: LedgerEvent) -> list[Line]:
    rows = JournalLine.objects.filter(event=event).select_related("account").order_by("line_no")
    return [
        Line(row.organization_id, row.account.code, row.currency, row.amount_minor, row.counterparty_id)
        for row in rows
    ]


def test_a_correction_of_the_rate_changes_no_replay_and_the_page_says_which_was_used(rated, browse):
    sale = sell_abroad(rated)
    quote(rated, "2", JANUARY)
    assert replay(sale.event) == tuple(posted(sale.event))
    assert "Exchanged at 1 EUR = 1.25 USD, of 5 Jan 2026" in explain(sale.event).reckoned
    page = browse("finance").get(reverse("ledger-event", args=[sale.event_id])).content.decode()
    assert "1 EUR = 1.25 USD" in page
    receipt = browse("finance").get(reverse("sale-receipt", args=[sale.pk])).content.decode()
    assert "900.00" in receipt
    assert "EUR" in receipt
    assert "720.00" in receipt
    assert "1 EUR = 1.25 USD" in receipt


def test_a_list_price_of_the_parent_is_exchanged_at_the_day(rated):
    """A charge is in the currency of whoever performs; the tariff above it is in dollars."""
    event = charge(
        SYSTEM,
        rated.world["E"],
        patient=rated.patient,
        service=rated.services["PHYSIO"],
        on=DAY,
        key=new_key(),
    )
    assert lines_of(event) == [("E", "cash", "EUR 88.00"), ("E", "service_revenue", "EUR -88.00")]
    set_price(SYSTEM, rated.world["E"], service=rated.services["PHYSIO"], price=eur("100.00"), starts_on=DAY)
    own = charge(
        SYSTEM,
        rated.world["E"],
        patient=rated.patient,
        service=rated.services["PHYSIO"],
        on=DAY,
        key=new_key(),
    )
    assert lines_of(own)[0] == ("E", "cash", "EUR 100.00")
    assert "exchange" not in own.inputs


def test_a_share_of_a_foreign_list_price_is_of_its_worth_in_the_event(rated):
    set_price(SYSTEM, rated.world["E"], service=rated.services["LAB"], price=eur("100.00"), starts_on=DAY)
    share = Share("servicing", percent=Fraction(50), basis=Basis.LIST_PRICE)
    rated.add_rule("abroad", when=Conditions(servicing="E", service="LAB"), outcome=Outcome(transfer=share))
    event = rated.redeem(rated.sell(), "LAB", at="E")
    assert ("E", "due_from", "USD 62.50") in lines_of(event)  # half of 100.00 EUR at 1.25
    assert replay(event) == tuple(posted(event))


def test_a_refund_abroad_pays_what_it_is_worth_on_its_day_and_a_void_takes_back_what_was_paid(rated):
    sale = sell_abroad(rated)
    quote(rated, "1.5", date(2026, 1, 20))
    event = refund(
        SYSTEM,
        rated.world["E"],
        entitlement=rated.entitlement(sale),
        reason="moved away",
        on=date(2026, 1, 21),
        key=new_key(),
    )
    assert ("E", "cash", "EUR -600.00") in lines_of(event)
    assert rated.balance("P", "contract_liability") == "0.00"
    assert replay(event) == tuple(posted(event))
    quote(rated, "3", date(2026, 1, 25))
    void(SYSTEM, event, reason="a mistake", on=date(2026, 1, 26), key=new_key())
    assert rated.balance("E", "cash") == "720.00"
    assert list(verify_ledger()) == []


def test_the_counter_abroad_asks_in_its_own_currency(abroad, browse):
    market = abroad
    administrator = browse("administrator")
    patient, package = market.register("Ravi", at="E").pk, market.packages["CHECKUP"].pk
    url = reverse("counter-sell", args=[market.world["E"].pk, patient, package])
    typed = {
        "quantity": "1",
        "method": "cash",
        "second_method": "card",
        "second_amount": "20.00",
        "_key": "k",
    }
    assert "no exchange rate between them" in administrator.get(url).content.decode()
    refused = market.world.post(administrator, url, typed)
    assert refused.status_code == 422
    assert "no exchange rate between them" in refused.content.decode()
    quote(market, "1.25", today_in("UTC"))
    page = administrator.get(url).content.decode()
    assert "720.00" in page
    assert "1 EUR = 1.25 USD" in page
    too_much = market.world.post(administrator, url, typed | {"second_amount": "720.01"})
    assert "Only 720.00 is due" in too_much.content.decode()
    assert market.world.post(administrator, url, typed).status_code == 302
    rows = JournalLine.objects.filter(account__code="cash", organization=market.world["E"])
    assert [(row.currency, row.amount_minor) for row in rows] == [("EUR", 72000)]


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        # A currency by itself is out of balance though the amounts sum to zero.
        ("unbalanced", [("E", "cash", "EUR", 100), ("E", "equity", "USD", -100)]),
        ("unbalanced", [("E", "fx_clearing", "EUR", 100), ("E", "fx_gain_loss", "USD", -100)]),
        # What is due in one currency is not mirrored in another.
        (
            "not_mirrored",
            [
                ("P", "due_from", "USD", 100, "E"),
                ("P", "equity", "USD", -100),
                ("E", "equity", "EUR", 100),
                ("E", "due_to", "EUR", -100, "P"),
            ],
        ),
        # Gains and losses, and clearing, are nobody else's.
        ("not_permitted", [("E", "fx_clearing", "EUR", 100, "P"), ("E", "equity", "EUR", -100)]),
        ("not_permitted", [("E", "fx_gain_loss", "EUR", 100, "P"), ("E", "equity", "EUR", -100)]),
        # Liability in another currency than its entitlements.
        ("not_permitted", [("P", "contract_liability", "EUR", -100), ("P", "equity", "EUR", 100)]),
    ],
)
def test_the_kernel_holds_each_currency_by_itself(rated, code, rows):
    lines = [
        Line(
            rated.world[place].pk,
            Account(account),
            currency,
            minor,
            rated.world[other[0]].pk if other else None,
        )
        for place, account, currency, minor, *other in rows
    ]
    record = Record(
        key=new_key(),
        kind=LedgerEvent.Kind.JOURNAL,
        effective_on=DAY,
        organization_id=rated.world["P"].pk,
        actor=SYSTEM,
        command={},
        lines=lines,
    )
    with pytest.raises(Refused) as refusal, transaction.atomic():
        post(record)
        check_constraints_now()
    assert refusal.value.code == code


def test_a_price_is_set_in_the_currency_of_its_organization(rated, browse):
    url = reverse("price-set", args=[rated.services["LAB"].pk])
    finance = browse("finance")
    for code, currency in (("E", "EUR"), ("S", "USD")):
        typed = {"organization": rated.world[code].pk, "price": "95.50", "starts_on": "2026-01-05"}
        assert rated.world.post(finance, url, typed).status_code == 302
        made = TariffPrice.objects.get(service=rated.services["LAB"], organization=rated.world[code])
        assert (made.price_minor, made.currency) == (9550, currency)


def test_the_statement_shows_the_same_books_in_one_currency(rated, browse):
    sell_abroad(rated)
    asked = {"organization": "P", "scope": "consolidated", "until": "2026-01-31", "in": "USD"}
    page = browse("finance").get(reverse("statement"), asked).content.decode()
    assert "Translation difference" in page
    assert "Debits equal credits in every column." in page


@pytest.mark.setting("billing.discount_cap")
def test_a_discount_over_policy_is_told_before_a_rate_that_is_missing(abroad, assign):
    assign("E", DISCOUNT_CAP, 5)
    with pytest.raises(Refused) as refusal:
        sell_abroad(abroad, discount=usd("100.00"))
    assert refusal.value.code == "discount_over_policy"
