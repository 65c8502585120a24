"""Tax codes: their rates take over at a day, and nobody but Finance changes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from audit.models import AuditEvent
from core.access import Denied
from core.errors import Refused, Stale
from ledger.actions.catalog import add_service, edit_service
from ledger.actions.tax import add_tax_code, add_tax_rate, withdraw_tax_code
from ledger.models import TaxCode
from ledger.queries.tax import rates_of, tax_codes_to_choose
from ledger.rules.refusals import Refusal
from tests.cast import SYSTEM

SINCE = date(2026, 1, 1)


@pytest.fixture
def finance(world):
    return world.actor("finance")


def gst(actor, world, **more):
    said = {"code": "GST", "name": "GST", "method": "included", "percent": Decimal("18"), "starts_on": SINCE}
    return add_tax_code(actor, world["P"], **(said | more))


def test_a_rate_takes_over_at_a_day(world, finance):
    code = gst(finance, world)
    add_tax_rate(finance, code, percent=Decimal("28"), starts_on=date(2026, 7, 1), version=1)
    service = add_service(finance, world["P"], code="SPA", name="Spa", tax_code=code)
    for day, percent in ((SINCE, 18), (date(2026, 6, 30), 18), (date(2026, 7, 1), 28)):
        assert rates_of([service], day).of(service.pk).percent == percent
    with pytest.raises(Refusal) as refusal:
        rates_of([service], date(2025, 12, 31)).of(service.pk)
    assert refusal.value.code == "not_permitted"
    told = AuditEvent.objects.get(verb="tax_rate.added")
    assert told.old["percent"] == "18"
    assert told.new["percent"] == "28"


def test_what_has_no_code_or_an_exempt_one_is_not_taxed(world, finance, django_assert_num_queries):
    plain = add_service(finance, world["P"], code="PLAIN", name="Plain")
    with django_assert_num_queries(0):
        assert rates_of([plain, None], SINCE).of(plain.pk) is None
    none = gst(finance, world, code="NONE", method="exempt", percent=None, starts_on=None)
    exempt = add_service(finance, world["P"], code="EXEMPT", name="Exempt", tax_code=none)
    assert rates_of([exempt], SINCE).of(exempt.pk).percent == 0


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"percent": None}, "percent"),
        ({"starts_on": None}, "starts_on"),
        ({"method": "exempt"}, "percent"),
        ({"percent": Decimal("100.01")}, "percent"),
        ({"percent": Decimal("1.00001")}, "percent"),
        ({"code": " "}, "code"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_no_tax_code(world, finance, more, field):
    with pytest.raises(Refused) as refused:
        gst(finance, world, **more)
    assert refused.value.field == field


def test_a_code_is_taken_once(world, finance):
    gst(finance, world)
    with pytest.raises(Refused) as refused:
        gst(finance, world, name="Other")
    assert (refused.value.code, refused.value.field) == ("duplicate", "code")


def test_rates_only_follow_one_another(world, finance):
    code = gst(finance, world)
    with pytest.raises(Refused) as refused:
        add_tax_rate(finance, code, percent=Decimal("5"), starts_on=SINCE, version=1)
    assert refused.value.field == "starts_on"
    with pytest.raises(Stale):
        add_tax_rate(finance, code, percent=Decimal("5"), starts_on=date(2027, 1, 1), version=2)
    exempt = gst(finance, world, code="NONE", method="exempt", percent=None)
    with pytest.raises(Refused):
        add_tax_rate(finance, exempt, percent=Decimal("5"), starts_on=date(2027, 1, 1), version=1)


def test_a_code_is_withdrawn_once_no_service_has_it(world, finance):
    code = gst(finance, world)
    service = add_service(finance, world["P"], code="SPA", name="Spa", tax_code=code)
    with pytest.raises(Refused) as refused:
        withdraw_tax_code(finance, code, version=1)
    assert "Spa" in refused.value.message
    service = edit_service(finance, service, name="Spa", version=1)
    assert service.tax_code is None
    code = withdraw_tax_code(finance, code, version=1)
    assert code.status == TaxCode.Status.WITHDRAWN
    assert not tax_codes_to_choose(finance).exists()
    for act in (
        lambda: edit_service(finance, service, name="Spa", tax_code=code, version=2),
        lambda: add_tax_rate(finance, code, percent=Decimal("5"), starts_on=date(2027, 1, 1), version=2),
        lambda: withdraw_tax_code(finance, code, version=2),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize("who", ["desk", "auditor"])
def test_only_finance_changes_them(world, who):
    code = gst(SYSTEM, world)
    actor = world.actor(who)
    for act in (
        lambda: gst(actor, world, code="OTHER"),
        lambda: add_tax_rate(actor, code, percent=Decimal("5"), starts_on=date(2027, 1, 1), version=1),
        lambda: withdraw_tax_code(actor, code, version=1),
    ):
        with pytest.raises(Denied):
            act()
