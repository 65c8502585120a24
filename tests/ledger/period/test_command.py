"""`manage.py close_period`: a dry run says what stands before it, and closes nothing."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.registries import CloseFinding, close_checks
from ledger.models import PeriodClose, PeriodClosing


def told(market, *options: str) -> dict:
    out = StringIO()
    asked = ("--network", str(market.world.network.pk), "--organization", "P", "--month", "2026-01", "--json")
    call_command("close_period", *asked, *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def wrong(market):
    """Something that stands before closing S."""
    finding = CloseFinding(market.world["S"].pk, "A penny is missing.", blocks=True)
    close_checks.add("wrong", lambda ids, day: [finding] if finding.organization_id in ids else [])
    yield
    del close_checks._items["wrong"]


def test_a_dry_run_closes_nothing(market, wrong):
    assert told(market, "--dry-run") == {
        "month": "2026-01",
        "organizations": 5,
        "findings": [{"organization": "S", "text": "A penny is missing.", "blocks": True}],
        "dry_run": True,
    }
    assert not PeriodClosing.objects.exists()


def test_what_blocks_stops_it(market, wrong):
    with pytest.raises(CommandError, match="A penny is missing"):
        told(market)
    assert not PeriodClose.objects.exists()


def test_it_closes_or_marks(market):
    assert told(market, "--soft", "--alone")["organizations"] == 1
    assert list(PeriodClosing.objects.values_list("what", "organization__code")) == [("soft_closed", "P")]
    assert told(market)["organizations"] == 5
    assert set(PeriodClose.objects.values_list("closed_through", flat=True)) == {date(2026, 1, 31)}
    assert told(market)["organizations"] == 0
