"""What is reported of a closed month is the same to the byte, whatever is posted, moved and renamed later."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from django.urls import reverse

from core.errors import Refused
from core.registries import CloseFinding, close_checks
from core.settings import Mode
from ledger.actions.period import approve_reopening, close_period, request_reopening
from ledger.models import ClosedStatement
from ledger.queries.closed_statement import KINDS, closed_report, is_in_force
from ledger.queries.figures import Ask
from ledger.queries.report import KINDS as LIVE
from ledger.rules.report import Scope, month_of
from orgs.actions.organization import Details, edit_organization, move_organization
from orgs.actions.setting import NewValue, assign_setting
from orgs.rules.settings import LOCALE
from tests.ledger.market import DAY, SYSTEM, usd

LATER = date(2026, 2, 10)


@pytest.fixture
def busy(market):
    sale = market.sell()
    market.redeem(sale, "CONSULT", at="S")
    market.redeem(sale, "PHYSIO", 2, at="Q")
    market.sell(on=date(2025, 12, 20))
    return market


def kept(market, code="P") -> ClosedStatement:
    return ClosedStatement.objects.filter(organization=market.world[code]).latest("pk")


def files(client, statement) -> list[bytes]:
    url = reverse("closed-statement", args=[statement.pk])
    return [
        client.get(url, {"kind": kind, "export": file}).content
        for kind in KINDS
        for file in ("csv", "xlsx", "pdf")
    ]


def test_bytes_stay_through_postings_moves_renames_and_another_locale(busy, browse):
    close_period(SYSTEM, busy.world["P"], month=DAY)
    client, statement = browse("finance"), kept(busy)
    before = files(client, statement)
    assert all(before) and before[2].startswith(b"%PDF")
    busy.sell(on=LATER)
    for code, name in (("S", "Another name"), ("P", "New parent name")):
        place = busy.world[code]
        place.refresh_from_db()
        details = Details(**{field.name: getattr(place, field.name) for field in fields(Details)})
        edit_organization(SYSTEM, place, details=replace(details, name=name), version=place.version)
    clinic = busy.world["T"]
    clinic.refresh_from_db()
    move_organization(SYSTEM, clinic, to=busy.world["Q"], reason="sold", version=clinic.version)
    assign_setting(SYSTEM, busy.world["P"], setting=LOCALE, new=NewValue("en-DE", Mode.DEFAULT, "Moved."))
    assert files(client, statement) == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", ["P", "S", "Q"])
def test_what_is_kept_is_what_the_live_report_says(busy, kind, code):
    close_period(SYSTEM, busy.world["P"], month=DAY)
    closed = closed_report(kept(busy, code), kind)
    for scope, at in ((Scope.ALONE, slice(0, 1)), (Scope.CONSOLIDATED, slice(1, 4))):
        live = LIVE[kind].build(Ask(SYSTEM, busy.world[code], scope, month_of(DAY)))
        for mine, its in zip(closed.tables, live.tables, strict=True):
            if len(mine.heads) == 2 and scope is Scope.CONSOLIDATED:
                continue
            mine_rows = {line.label: [cell.value for cell in line.cells][at] for line in mine.lines}
            its_rows = {
                line.label: [cell.value for cell in line.cells][: 1 if scope is Scope.ALONE else 3]
                for line in its.lines
            }
            for label, values in its_rows.items():
                assert mine_rows[label] == values, (kind, scope, label)


def test_closing_anew_keeps_another_and_the_first_is_no_longer_in_force(busy):
    close_period(SYSTEM, busy.world["P"], month=DAY)
    first = kept(busy)
    assert is_in_force(first)
    finance = busy.world.actor("finance")
    request = request_reopening(finance, busy.world["P"], month=DAY, below=True, reason="late")
    approve_reopening(SYSTEM, request)
    assert not is_in_force(first)
    busy.sell()
    close_period(SYSTEM, busy.world["P"], month=DAY)
    assert kept(busy).sha256 != first.sha256
    assert (is_in_force(first), is_in_force(kept(busy))) == (False, True)


def test_a_proof_that_does_not_hold_stops_the_closing(busy, monkeypatch):
    wrong = CloseFinding(busy.world["P"].pk, f"The trial balance is off by {usd('0.01')}.", blocks=True)
    close_checks.add("wrong", lambda ids, day: [wrong])
    try:
        with pytest.raises(Refused, match=r"off by USD 0\.01"):
            close_period(SYSTEM, busy.world["P"], month=DAY)
    finally:
        del close_checks._items["wrong"]
    assert not ClosedStatement.objects.exists()


def test_the_checklist_page(busy, browse):
    page = browse("finance").get(
        reverse("period-checklist"), {"organization": busy.world["P"].pk, "month": "2026-01"}
    )
    assert page.status_code == 200
    assert "Nothing stands in the way" in page.content.decode()
    assert browse("desk").get(reverse("period-checklist")).status_code == 403
