"""The page that refunds: at the holder, and elsewhere as far as the holder's policy lets one pay it out."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from core.clock import today_in
from ledger.models import LedgerEvent
from ledger.rules.settings import REFUND_ELSEWHERE
from orgs.actions.organization import add_organization
from orgs.models import Organization
from tests.cast import SYSTEM, details
from tests.ledger.market import Market, new_key


class Page:
    """The refund's page of one sale of a package whose care the parent owes."""

    def __init__(self, market: Market, browse: Any, at: str) -> None:
        self.market, self.browse = market, browse
        self.sale = market.sell(at=at, on=today_in("UTC"))
        self.entitlement = market.entitlement(self.sale)
        self.url = reverse("entitlement-refund", args=[self.entitlement.pk])

    def get(self, persona: str) -> Any:
        return self.browse(persona).get(self.url)

    def post(self, persona: str, at: str = "", **typed: Any) -> Any:
        line = self.market.line(self.sale, "PHYSIO").pk
        data = {f"line_{line}": "1", "reason": "Moved away.", "_key": new_key()} | typed
        if at:
            data["organization"] = self.market.world.organizations[at].pk
        return self.market.world.post(self.browse(persona), self.url, data)

    def offered(self, persona: str) -> list[str]:
        form = self.get(persona).context["form"]
        field = form.fields.get("organization")
        return [] if field is None else list(field.queryset.values_list("code", flat=True))

    def refunds(self) -> list[str]:
        rows = LedgerEvent.objects.filter(kind=LedgerEvent.Kind.REFUND).order_by("pk")
        return list(rows.values_list("organization__code", flat=True))


@pytest.fixture
def refunding(market, browse) -> Page:
    return Page(market, browse, at="S")


def test_where_it_is_paid_out_is_chosen_among_ones_own(refunding):
    assert refunding.offered("finance") == ["P", "S", "T", "Q", "R"]
    assert refunding.get("finance").context["form"].initial["organization"] == refunding.entitlement.holder_id
    assert refunding.offered("local_admin") == ["S"]
    assert refunding.post("finance", at="T").status_code == 302
    assert refunding.post("local_admin", at="S").status_code == 302
    assert refunding.post("finance", at="P").status_code == 302
    assert refunding.refunds() == ["T", "S", "P"]
    assert refunding.market.balance("T", "due_from", "P") == "82.50"


def test_whoever_may_refund_only_elsewhere_chooses_and_no_other_place_counts(refunding):
    assert "Choose an organization" in refunding.get("local_admin").content.decode()
    assert refunding.post("local_admin", organization="").status_code == 422
    assert refunding.post("local_admin", at="T").status_code == 422
    assert refunding.post("finance", at="X").status_code == 422
    assert refunding.post("finance", organization="²").status_code == 422
    assert refunding.refunds() == []


def test_other_currencies_are_offered_and_closed_places_are_not(refunding, world):
    add_organization(SYSTEM, world["P"], kind="sub", details=details("Abroad", "E"), currency="EUR")
    Organization.objects.filter(code="Q").update(status="suspended")
    assert refunding.offered("finance") == ["P", "S", "T", "R", "E"]


@pytest.mark.setting("billing.refund_elsewhere")
def test_a_policy_takes_the_choice_away_and_refuses_what_is_sent_anyway(refunding, assign):
    assign("P", REFUND_ELSEWHERE, False, "enforced")
    assert refunding.offered("finance") == []
    assert "Paid out at" not in refunding.get("finance").content.decode()
    forged = refunding.post("finance", at="T")
    assert forged.status_code == 422
    text = forged.content.decode()
    assert "Harbor Health owes this care and pays its refunds out itself." in text
    assert "(billing.refund_elsewhere) is no" in text
    assert refunding.refunds() == []
    assert refunding.post("finance").status_code == 302
    assert refunding.refunds() == ["P"]


def test_a_policy_is_named_to_whoever_may_refund_only_elsewhere(refunding, assign):
    assign("P", REFUND_ELSEWHERE, False, "enforced")
    shown = refunding.get("local_admin").content.decode()
    assert "Harbor Health owes this care" in shown and "billing.refund_elsewhere" in shown
    assert refunding.post("local_admin").status_code == 403
    assert refunding.post("local_admin", at="S").status_code == 422
    assert refunding.refunds() == []


def test_the_button_is_there_for_whoever_may_pay_it_out_anywhere(refunding):
    url = reverse("entitlement", args=[refunding.entitlement.pk])
    for persona, is_there in (("local_admin", True), ("finance", True), ("desk", False)):
        assert (refunding.url in refunding.browse(persona).get(url).content.decode()) is is_there
    assert refunding.get("desk").status_code == 403
