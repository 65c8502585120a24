"""Tax codes go along in content packages, with their rates and the services that have them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.errors import Refused
from ledger.actions.catalog import add_service
from ledger.actions.tax import add_tax_code, add_tax_rate
from ledger.content_parts import (
    service_items,
    take_service,
    take_tax_code,
    tax_code_items,
    tax_code_problem,
)
from ledger.models import Service, TaxCode, TaxRate
from tests.cast import SYSTEM


@pytest.fixture
def items(world):
    code = add_tax_code(
        SYSTEM,
        world["P"],
        code="GST",
        name="GST",
        method="added",
        percent=Decimal("12.5"),
        starts_on=date(2026, 1, 1),
    )
    add_tax_rate(SYSTEM, code, percent=Decimal(20), starts_on=date(2026, 7, 1), version=1)
    add_service(SYSTEM, world["P"], code="SPA", name="Spa", tax_code=code)
    (tax,) = tax_code_items()
    return tax, next(item for item in service_items() if item.code == "SPA")


def test_they_say_all_their_rates(items):
    tax, service = items
    assert tax.data == {"method": "added", "rates": [["2026-01-01", "12.5"], ["2026-07-01", "20"]]}
    assert service.data["tax_code"] == "GST"


def test_they_are_made_anew_with_their_services(items):
    tax, service = items
    take_tax_code(SYSTEM, replace(tax, code="NEW"))
    made = TaxCode.objects.get(code="NEW")
    assert list(made.rates.order_by("starts_on").values_list("percent", flat=True)) == [Decimal("12.5"), 20]
    data = service.data | {"tax_code": "NEW"}
    take_service(SYSTEM, replace(service, code="BATH", data=data))
    assert Service.objects.get(code="BATH").tax_code == made


def test_a_code_that_is_there_takes_only_later_rates(items):
    tax, _ = items
    rates = [["2026-01-01", "99"], ["2026-07-01", "99"], ["2027-01-01", "25"]]
    take_tax_code(SYSTEM, replace(tax, data=tax.data | {"rates": rates}))
    found = TaxRate.objects.order_by("starts_on").values_list("percent", flat=True)
    assert list(found) == [Decimal("12.5"), 20, 25]
    assert tax_code_problem(tax) == ""
    assert "included" in tax_code_problem(replace(tax, data=tax.data | {"method": "included"}))


def test_a_service_without_its_code_is_refused(items):
    _, service = items
    with pytest.raises(Refused, match="needs the tax code GONE"):
        take_service(SYSTEM, replace(service, data=service.data | {"tax_code": "GONE"}))
