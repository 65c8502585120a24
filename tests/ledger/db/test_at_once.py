"""Many at the same moment: stock, keys, closing and locks hold with eight connections."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import date

from django.db import connection, transaction

from core.errors import Refused
from core.tenancy import bound
from ledger import posting
from ledger.models import EntitlementLine, LedgerEvent, PeriodClosing
from ledger.rules.recognition import recognition_step
from tests.ledger.db.shop import ACTOR, Shop

THREADS = 8


def at_once(shop: Shop, work: Callable[[int], None], threads: int = THREADS) -> list[BaseException]:
    """Run `work(number)` in threads that start together; returns what went wrong."""
    barrier, wrong = threading.Barrier(threads), []

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return wrong


def sell(shop: Shop, units: int, minor: int) -> EntitlementLine:
    with bound(shop.cast.network.pk):
        return shop.line_of(shop.sell(sold=(("PHYSIO", units, minor),)), "PHYSIO")


def test_exactly_the_stock_is_acknowledged_by_the_floor_alone(own_shop: Shop):
    """No lock beforehand: everybody takes what looked free, and the conditional update counts."""
    line, network, acknowledged, refused = sell(own_shop, 60, 600_00), own_shop.cast.network.pk, [], []

    def redeem(number: int) -> None:
        for _ in range(15):
            try:
                with bound(network):
                    posting.post(own_shop.redemption_record(line.pk, 1, 10_00))
                acknowledged.append(number)
            except Refused as refusal:
                refused.append(refusal.code)

    assert at_once(own_shop, redeem) == []
    assert (len(acknowledged), set(refused)) == (60, {"entitlement_exhausted"})
    with bound(network):
        line.refresh_from_db()
        assert (line.left_units, line.open_minor) == (0, 0)


def test_recognition_under_the_lock_sums_to_the_price(own_shop: Shop):
    """What a redemption recognizes depends on those before it: with the lock nobody computes on stale figures."""
    line, network, acknowledged = sell(own_shop, 61, 100_00), own_shop.cast.network.pk, []

    def redeem(number: int) -> None:
        for _ in range(10):
            try:
                with bound(network):
                    (locked,) = posting.lock_entitlement(line.entitlement_id).values()
                    if not locked.left_units:
                        return
                    step = recognition_step(
                        locked.total_minor, locked.quantity, locked.used_units, locked.booked_minor, 1
                    )
                    posting.post(own_shop.redemption_record(line.pk, 1, step))
                acknowledged.append(step)
            except Refused:
                return

    assert at_once(own_shop, redeem) == []
    assert (len(acknowledged), sum(acknowledged)) == (61, 100_00)


def test_one_key_posts_once(own_shop: Shop):
    network, results = own_shop.cast.network.pk, []

    def post(number: int) -> None:
        with bound(network):
            results.append(own_shop.sell(key="once", command={"package": "PACK"}))

    assert at_once(own_shop, post) == []
    assert len({(one.event_id, one.entitlement_id) for one in results}) == 1
    assert sorted(one.replayed for one in results) == [False] + [True] * (THREADS - 1)


def test_one_event_is_voided_once(own_shop: Shop):
    network, done, refused = own_shop.cast.network.pk, [], []
    with bound(network):
        charge = posting.post(
            own_shop.record("charge", own_shop.lines(("S", "cash", 1), ("S", "service_revenue", -1)))
        )

    def void(number: int) -> None:
        try:
            with bound(network):
                posting.post(own_shop.void_record(charge.event_id))
            done.append(number)
        except Refused as refusal:
            refused.append(refusal.code)

    assert at_once(own_shop, void) == []
    assert (len(done), refused) == (1, ["already_reversed"] * (THREADS - 1))


def test_nothing_slips_into_a_period_while_it_closes(own_shop: Shop):
    network, posted, refused = own_shop.cast.network.pk, [], []

    def work(number: int) -> None:
        if number == 0:
            time.sleep(0.3)
            with bound(network):
                posting.close_period([own_shop.id("S"), own_shop.id("P")], date(2026, 1, 1), ACTOR)
            return
        until = time.monotonic() + 0.8
        while time.monotonic() < until:
            try:
                with bound(network):
                    posting.post(own_shop.record("journal", own_shop.transfer(100)))
                posted.append(number)
            except Refused as refusal:
                refused.append(refusal.code)
                return

    assert at_once(own_shop, work) == []
    assert posted
    assert refused == ["period_closed"] * (THREADS - 1)
    with bound(network):
        closed_at = PeriodClosing.objects.order_by("closed_at").first().closed_at
        assert LedgerEvent.objects.count() == len(posted)
        assert not LedgerEvent.objects.filter(posted_at__gt=closed_at).exists()


def test_closing_waits_for_a_posting_in_flight(own_shop: Shop):
    network, order = own_shop.cast.network.pk, []
    posted = threading.Event()

    def work(number: int) -> None:
        if number == 0:
            with bound(network):
                posting.post(own_shop.record("journal", own_shop.transfer(100)))
                posted.set()
                time.sleep(0.4)
                order.append("posted")
        else:
            posted.wait(10)
            with bound(network):
                posting.close_period([own_shop.id("S")], date(2026, 1, 1), ACTOR)
                order.append("closed")

    assert at_once(own_shop, work, threads=2) == []
    assert order == ["posted", "closed"]


def test_nobody_waits_in_a_circle(own_shop: Shop):
    """Random postings across organizations and entitlements, alone and in bulk, beside a folder: no deadlock."""
    shop, network = own_shop, own_shop.cast.network.pk
    with bound(network):
        sales = [shop.sell(sold=(("PHYSIO", 10_000, 0), ("LAB", 10_000, 0))) for _ in range(4)]
        lines = list(EntitlementLine.objects.filter(entitlement__in=[s.entitlement_id for s in sales]))

    def work(number: int) -> None:
        chance = random.Random(number)
        until = time.monotonic() + 4
        while time.monotonic() < until:
            taken = chance.sample(lines, 3)
            payer, receiver = chance.sample(["P", "S", "T"], 2)
            record = shop.record(
                "redemption",
                shop.transfer(chance.randint(1, 9), payer, receiver),
                movements=[posting.Movement(line.pk, -1, 0) for line in taken],
                at=receiver,
            )
            with bound(network):
                if chance.random() < 0.3:
                    more = [shop.redemption_record(line.pk, 1, 0) for line in chance.sample(lines, 3)]
                    posting.post_many([record, *more])
                else:
                    posting.post(record)
            if number == 0:
                with bound(network):
                    posting.fold_deltas()

    assert at_once(own_shop, work) == []


def test_a_refusal_leaves_nothing(own_shop: Shop):
    line, network = sell(own_shop, 1, 10_00), own_shop.cast.network.pk
    with bound(network):
        before = LedgerEvent.objects.count()
    for _ in range(2):
        try:
            with bound(network), transaction.atomic():
                posting.post(own_shop.redemption_record(line.pk, 2, 10_00))
        except Refused:
            pass
    with bound(network):
        assert LedgerEvent.objects.count() == before
