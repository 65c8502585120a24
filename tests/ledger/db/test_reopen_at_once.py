"""Reopening at the same moment as others reopen, close and post: one decision counts, and the state is what the log says."""

from __future__ import annotations

from datetime import date

from core.errors import Refused
from core.tenancy import bound
from ledger import posting
from ledger.models import LedgerEvent, PeriodClose, PeriodClosing, PeriodReopening
from ledger.posting_periods import reopen_period
from tests.ledger.db.shop import ACTOR, Shop
from tests.ledger.db.test_at_once import THREADS, at_once

JANUARY = date(2026, 1, 1)


def ask(shop: Shop) -> PeriodReopening:
    """Books closed through January, and somebody's request to open that again."""
    with bound(shop.cast.network.pk):
        posting.close_period([shop.id("S"), shop.id("P")], JANUARY, ACTOR)
        finance = shop.cast.actor("finance")
        return PeriodReopening.objects.create(
            organization=shop.cast["S"],
            month=JANUARY,
            below=False,
            reason="late",
            requested_kind=finance.kind,
            requested_id=finance.id,
            requested_label=finance.label,
        )


def test_of_many_who_approve_one_does(own_shop: Shop):
    request, network = ask(own_shop), own_shop.cast.network.pk
    opened, refused = [], []

    def approve(number: int) -> None:
        try:
            with bound(network):
                opened.append(reopen_period(request.pk, [own_shop.id("S"), own_shop.id("P")], "", ACTOR))
        except Refused as refusal:
            refused.append(refusal.code)

    assert at_once(own_shop, approve) == []
    assert (opened, refused) == ([2], ["not_permitted"] * (THREADS - 1))
    with bound(network):
        assert PeriodClosing.objects.filter(what="reopened").count() == 2


def test_nothing_slips_in_after_it_closed_anew(own_shop: Shop):
    request, network, posted = ask(own_shop), own_shop.cast.network.pk, []

    def work(number: int) -> None:
        if number == 0:
            with bound(network):
                reopen_period(request.pk, [own_shop.id("S"), own_shop.id("P")], "", ACTOR)
            with bound(network):
                posting.close_period([own_shop.id("S"), own_shop.id("P")], JANUARY, ACTOR)
            return
        for _ in range(30):
            try:
                with bound(network):
                    posting.post(own_shop.record("journal", own_shop.transfer(100)))
                posted.append(number)
            except Refused as refusal:
                assert refusal.code == "period_closed"

    assert at_once(own_shop, work) == []
    with bound(network):
        moments = PeriodClosing.objects.filter(organization=own_shop.id("S")).order_by("pk")
        assert list(moments.values_list("what", flat=True)) == ["closed", "reopened", "closed"]
        closed_at = moments.last().closed_at
        events = LedgerEvent.objects.filter(kind="journal")
        assert events.count() == len(posted)
        assert not events.filter(posted_at__gt=closed_at).exists()
        closed = PeriodClose.objects.filter(closed_through=date(2026, 1, 31))
        assert closed.count() == 2
