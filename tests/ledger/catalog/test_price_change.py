"""Many list prices changed at once: the preview, what is applied, and taking it back."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from audit.models import AuditEvent
from core.access import Denied
from core.clock import today_in
from core.errors import Refused
from ledger.actions.catalog import edit_service, set_price
from ledger.actions.price_change import change_prices, undo_price_change
from ledger.models import PriceChange, Service, TariffPrice
from ledger.queries.catalog import list_price
from ledger.queries.price_change import Outcome, PriceTerms, fingerprint, plan
from ledger.rules.pricing import PriceStep, Rounding
from tests.ledger.market import SYSTEM, usd


@pytest.fixture
def day(market) -> date:
    return today_in(market.world["P"].time_zone) + timedelta(days=10)


def terms(market, day, at="P", percent=5, category="", rounding=Rounding.MINOR, amount=None) -> PriceTerms:
    step = PriceStep(None if amount else Fraction(percent), amount, rounding)
    return PriceTerms(market.world[at], category, day, step)


def apply(market, asked, actor=SYSTEM, seen=None) -> PriceChange:
    seen = fingerprint(asked, plan(actor, asked)) if seen is None else seen
    return change_prices(actor, asked.organization, terms=asked, seen=seen)


def price(market, service, at, on) -> str:
    return str(list_price(market.services[service], market.world[at], on))


def own(market, service, at, text, day=date(2020, 1, 1)) -> TariffPrice:
    return set_price(
        SYSTEM, market.world[at], service=market.services[service], price=usd(text), starts_on=day
    )


def rows() -> list:
    return list(TariffPrice.objects.order_by("pk").values_list("pk", "starts_on", "ends_on", "price_minor"))


class TestPreview:
    def test_own_prices_below_and_all_in_force_at_the_top(self, market, day):
        own(market, "PHYSIO", "S", "100.00")
        found = [
            (one.organization.code, one.service.code, str(one.old), str(one.new))
            for one in plan(SYSTEM, terms(market, day))
        ]
        assert found == [
            ("P", "CONSULT", "USD 400.00", "USD 420.00"),
            ("P", "LAB", "USD 250.00", "USD 262.50"),
            ("P", "PHYSIO", "USD 110.00", "USD 115.50"),
            ("S", "PHYSIO", "USD 100.00", "USD 105.00"),
        ]

    def test_at_a_branch_what_it_has_from_above_is_changed_there(self, market, day):
        found = plan(SYSTEM, terms(market, day, at="S"))
        assert {(one.organization.code, one.is_own) for one in found} == {("S", False)}
        assert len(found) == 3

    def test_a_category_alone(self, market, day):
        lab = market.services["LAB"]
        edit_service(SYSTEM, lab, name="Lab", category="laboratory", version=lab.version)
        assert [one.service.code for one in plan(SYSTEM, terms(market, day, category="laboratory"))] == [
            "LAB"
        ]

    def test_a_price_set_anew_on_the_day_stays(self, market, day):
        own(market, "LAB", "P", "300.00", day)
        by_code = {one.service.code: one for one in plan(SYSTEM, terms(market, day))}
        assert (by_code["LAB"].outcome, by_code["LAB"].new) == (Outcome.SET, usd("300.00"))

    def test_never_below_zero(self, market, day):
        outcomes = {one.service.code: one.outcome for one in plan(SYSTEM, terms(market, day, amount=-200_00))}
        assert outcomes == {"CONSULT": Outcome.CHANGES, "LAB": Outcome.CHANGES, "PHYSIO": Outcome.NEGATIVE}

    def test_only_prices_that_the_actor_may_set(self, market, day):
        own(market, "PHYSIO", "S", "100.00")
        assert plan(market.world.actor("desk"), terms(market, day)) == []

    def test_a_retired_service_has_no_price_to_change(self, market, day):
        Service.objects.filter(code="LAB").update(status="retired")
        assert "LAB" not in {one.service.code for one in plan(SYSTEM, terms(market, day))}


class TestApplying:
    def test_each_price_ends_the_day_before_and_another_follows(self, market, day):
        change = apply(market, terms(market, day, rounding=Rounding.TEN))
        assert change.prices == 3
        assert [price(market, "LAB", "S", day - timedelta(days=gap)) for gap in (1, 0)] == [
            "USD 250.00",
            "USD 260.00",
        ]
        line = AuditEvent.objects.get(verb="prices.changed")
        assert (line.new["prices"], line.new["percent"]) == (3, "5")

    def test_until_the_day_on_which_the_price_would_have_ended(self, market, day):
        later = day + timedelta(days=20)
        own(market, "LAB", "P", "300.00", later)
        apply(market, terms(market, day))
        assert price(market, "LAB", "P", later - timedelta(days=1)) == "USD 262.50"
        assert price(market, "LAB", "P", later) == "USD 300.00"

    def test_a_branch_alone(self, market, day):
        apply(market, terms(market, day, at="S"))
        assert (price(market, "LAB", "S", day), price(market, "LAB", "P", day)) == (
            "USD 262.50",
            "USD 250.00",
        )

    def test_what_the_preview_showed_and_nothing_else(self, market, day):
        asked = terms(market, day)
        seen = fingerprint(asked, plan(SYSTEM, asked))
        own(market, "PHYSIO", "S", "100.00")
        before = rows()
        with pytest.raises(Refused, match="since the preview") as refused:
            apply(market, asked, seen=seen)
        assert (refused.value.code, rows()) == ("stale", before)

    def test_other_terms_are_another_preview(self, market, day):
        asked, other = terms(market, day), terms(market, day, percent=50)
        with pytest.raises(Refused, match="since the preview"):
            apply(market, other, seen=fingerprint(asked, plan(SYSTEM, asked)))

    def test_from_today_on_at_the_earliest(self, market, day):
        with pytest.raises(Refused, match="has passed"):
            apply(market, terms(market, day - timedelta(days=11)))

    def test_nothing_to_change(self, market, day):
        with pytest.raises(Refused, match="No price would change"):
            apply(market, terms(market, day, category="unknown"))

    def test_the_desk_may_not(self, market, day):
        with pytest.raises(Denied):
            apply(market, terms(market, day, at="S"), actor=market.world.actor("desk"), seen="")


class TestTakingBack:
    def test_before_its_day_everything_is_as_it_was(self, market, day):
        own(market, "PHYSIO", "S", "100.00")
        own(market, "LAB", "P", "300.00", day + timedelta(days=20))
        before = rows()
        change = apply(market, terms(market, day))
        assert rows() != before
        assert undo_price_change(SYSTEM, change) == 4
        assert rows() == before
        with pytest.raises(Refused, match="already"):
            undo_price_change(SYSTEM, change)

    def test_what_a_branch_had_from_above_it_has_again(self, market, day):
        before = rows()
        undo_price_change(SYSTEM, apply(market, terms(market, day, at="S")))
        assert rows() == before

    def test_a_price_that_ended_by_itself_does_not_come_back(self, market, day):
        ended = own(market, "LAB", "S", "200.00")
        ended.ends_on = day - timedelta(days=1)
        ended.save()
        before = rows()
        undo_price_change(SYSTEM, apply(market, terms(market, day, at="S")))
        assert rows() == before

    def test_not_once_it_is_in_force(self, market, day):
        change = apply(market, terms(market, day - timedelta(days=10)))
        with pytest.raises(Refused, match="in force"):
            undo_price_change(SYSTEM, change)


class TestDatabase:
    def broken(self, says: str, statement: str, *parameters) -> None:
        with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    def test_a_price_that_has_begun_is_never_deleted(self, market):
        self.broken(
            "has begun", "DELETE FROM ledger_tariffprice WHERE id = %s", TariffPrice.objects.first().pk
        )

    def test_a_change_says_how_and_is_never_deleted(self, market, day):
        pk = apply(market, terms(market, day)).pk
        self.broken("permission denied", "DELETE FROM ledger_pricechange WHERE id = %s", pk)
        self.broken("permission denied", "UPDATE ledger_pricechange SET percent = 7 WHERE id = %s", pk)
        self.broken("pricechange_undone", "UPDATE ledger_pricechange SET undone_at = now() WHERE id = %s", pk)
        copy = (
            "INSERT INTO ledger_pricechange (organization_id, category, starts_on, percent, amount_minor, currency, rounding,"
            " prices, made_by, made_at, undone_by) SELECT organization_id, category, starts_on, {}, currency, {}, {}, made_by,"
            " made_at, '' FROM ledger_pricechange"
        )
        self.broken("percent_or_amount", copy.format("percent, 1", "rounding", "1"))
        self.broken("rounding_known", copy.format("percent, NULL", "'3'", "1"))
        self.broken("not_empty", copy.format("percent, NULL", "rounding", "0"))


class TestPage:
    def query(self, day) -> str:
        chosen = f"organization=P&category=&starts_on={day.isoformat()}&direction=raise&percent=10&amount=&rounding=1"
        return f"{reverse('price-change-add')}?{chosen}"

    def test_seen_applied_and_taken_back(self, market, day, browse):
        client = browse("finance")
        seen = client.get(self.query(day))
        assert "3 of 3 prices would change" in seen.content.decode()
        done = market.world.post(client, self.query(day), {"_expected": seen.context["expected"]})
        assert done.status_code == 302
        listed = client.get(reverse("price-change-list")).content.decode()
        assert "+10 % on all services, rounded to 1" in listed
        undo = reverse("price-change-undo", args=[PriceChange.objects.get().pk])
        assert market.world.post(client, undo, {}).status_code == 302
        assert price(market, "LAB", "P", day) == "USD 250.00"

    def test_another_preview_by_now(self, market, day, browse):
        client = browse("finance")
        answer = market.world.post(client, self.query(day), {"_expected": "0" * 64})
        assert answer.status_code == 409

    def test_every_price_as_a_file(self, market, day, browse):
        answer = browse("finance").get(self.query(day) + "&format=csv")
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[0].startswith("organization,service,name,old,new")
        assert lines[1].startswith("P,CONSULT,Consult,400.00,440.00,USD")
