"""A machine that sells, redeems anywhere, voids, refunds, retries and closes, against a model of plain dicts."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import count
from random import Random

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.errors import Refused
from core.money import Money, round_half_away
from core.tenancy import bound
from ledger.actions.period import close_period
from ledger.actions.refund import Units, refund
from ledger.actions.void import void
from ledger.models import Account, Entitlement, EntitlementLine, JournalLine, LedgerEvent
from tests.ledger.market import SYSTEM, Market, open_market

PLACES = "PSTQR"
FIRST = date(2026, 1, 15)
#: payer's share of the recognized price by where it is redeemed, when P holds the contract
SHARES = {"S": 80, "T": 80, "R": 80, "Q": 70}
SERVICES = ["PHYSIO", "PHYSIO", "CONSULT", "LAB"]
WEIGHTED = ["sell"] * 3 + ["redeem"] * 7 + ["refund"] * 2 + ["void"] * 4 + ["retry"] * 2 + ["close"] * 2
PARTS = {"CONSULT": (1, 40000), "LAB": (1, 25000), "PHYSIO": (5, 11000)}


@dataclass
class LineModel:
    """An entitlement line as plain numbers."""

    quantity: int
    total: int
    used: int = 0
    booked: int = 0

    def step(self, quantity: int) -> int:
        cumulative = round_half_away(Fraction(self.total * (self.used + quantity), self.quantity))
        return cumulative - self.booked


@dataclass
class EventModel:
    kind: str
    sale: int
    on: date
    effects: list[tuple[str, int, int]]  # service, units taken, price taken
    cash: tuple[str, int]
    places: frozenset[str]
    shared: tuple[str, int] | None = None
    voided: bool = False


@dataclass
class Model:
    """What should be so."""

    lines: dict[int, dict[str, LineModel]] = field(default_factory=dict)
    void_sales: set[int] = field(default_factory=set)
    events: dict[int, EventModel] = field(default_factory=dict)
    cash: defaultdict = field(default_factory=lambda: defaultdict(int))
    owed: defaultdict = field(default_factory=lambda: defaultdict(int))
    closed: dict[str, date] = field(default_factory=dict)

    def is_closed(self, places, on: date) -> bool:
        return any(on <= self.closed.get(place, date.min) for place in places)

    def apply(self, event: EventModel, sign: int = 1) -> None:
        for service, units, price in event.effects:
            line = self.lines[event.sale][service]
            line.used += sign * units
            line.booked += sign * price
        place, amount = event.cash
        self.cash[place] += sign * amount
        if event.shared:
            self.owed[event.shared[0]] += sign * event.shared[1]


def share_of(total: int, percent: int) -> int:
    """The place's share of a split between itself and P: largest remainder, ties to the larger weight."""
    exact = Fraction(abs(total) * percent, 100)
    part, rest = divmod(exact.numerator, exact.denominator)
    over = Fraction(rest, exact.denominator)
    if over > Fraction(1, 2) or (over == Fraction(1, 2) and percent > 50):
        part += 1
    return part if total >= 0 else -part


@contextmanager
def undone():
    """A savepoint that is rolled back."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


class LedgerMachine(RuleBasedStateMachine):
    """Each example runs in a savepoint of the test's transaction and is rolled back."""

    world = None

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(bound(self.world.network.pk))
        self.stack.enter_context(undone())
        self.market: Market = open_market(self.world)
        self.model, self.keys, self.steps, self.sales = Model(), count(1), count(1), {}
        self.calls: list = []

    def teardown(self):
        self.stack.close()

    @initialize()
    def start(self):
        self.sell("P", 1, 0, 0)

    # what can be done ------------------------------------------------------------------------------------

    @rule(seed=st.integers(0, 2**64 - 1))
    def act(self, seed):
        """One step. Chance comes from a seed: drawn one by one, the choices repeat themselves too often."""
        chance = Random(f"{seed} {next(self.steps)}")
        what, at, quantity = chance.choice(WEIGHTED), chance.choice(PLACES), chance.randint(1, 3)
        day = chance.randint(25, 60) if chance.random() < 0.8 else chance.randint(0, 60)
        pick, service = chance.randrange(1000), chance.choice(SERVICES)
        if what == "sell":
            self.sell(at, quantity, chance.randrange(1000), chance.randint(0, 35))
        elif what == "redeem":
            self.redeem(pick, service, quantity, at, day)
        elif what == "refund":
            self.refund(pick, chance.choice([service, service, None]), quantity, at, day)
        elif what == "void":
            self.void(pick, day)
        elif what == "close" and len(self.calls) > 4:
            self.close(at, chance.choice([1, 2, 2]), chance.random() < 0.5)
        else:
            self.retry(pick)

    def sell(self, at, quantity, off, day):
        on, key = FIRST + timedelta(days=day), f"k{next(self.keys)}"
        total = 90000 * quantity - off
        places = {at, "P"}
        if self.model.is_closed(places, on):
            self.refused("period_closed", lambda: self.call_sell(at, quantity, off, on, key))
            return
        sale = self.call_sell(at, quantity, off, on, key)
        self.sales[sale.pk] = sale
        weights = {service: quantity * units * price for service, (units, price) in PARTS.items()}
        parts = {
            line.service.code: line.total_minor for line in sale.entitlement.lines.select_related("service")
        }
        assert sum(parts.values()) == total
        for service, weight in weights.items():
            assert abs(parts[service] - Fraction(total * weight, sum(weights.values()))) < 1
        self.model.lines[sale.pk] = {
            service: LineModel(quantity * units, parts[service]) for service, (units, _) in PARTS.items()
        }
        self.record(sale.event, EventModel("sale", sale.pk, on, [], (at, total), frozenset(places)))
        self.calls.append((lambda: self.call_sell(at, quantity, off, on, key).event, sale.event.pk))

    def call_sell(self, at, quantity, off, on, key):
        return self.market.sell(at=at, quantity=quantity, discount=Money(off, "USD"), on=on, key=key)

    def redeem(self, pick, service, quantity, at, day):
        sale = self.pick(pick)
        line = self.model.lines[sale.pk][service]
        on, key = FIRST + timedelta(days=day), f"k{next(self.keys)}"

        def call():
            return self.market.redeem(sale, service, quantity, at=at, on=on, key=key)

        if on < sale.sold_on:
            return self.refused("not_permitted", call)
        if sale.pk in self.model.void_sales or quantity > line.quantity - line.used:
            return self.refused("entitlement_exhausted", call)
        if self.model.is_closed({at, "P"}, on):
            return self.refused("period_closed", call)
        step = line.step(quantity)
        event = call()
        shared = None if at == "P" else (at, share_of(step, SHARES[at]))
        self.record(
            event,
            EventModel(
                "redemption", sale.pk, on, [(service, quantity, step)], ("P", 0), frozenset({at, "P"}), shared
            ),
        )
        self.calls.append((call, event.pk))
        return None

    def refund(self, pick, service, quantity, at, day):
        sale = self.pick(pick)
        lines = self.model.lines[sale.pk]
        on, key = FIRST + timedelta(days=day), f"k{next(self.keys)}"
        units = [Units(self.market.line(sale, service), quantity)] if service else None
        wanted = (
            {service: quantity}
            if service
            else {
                code: line.quantity - line.used for code, line in lines.items() if line.used < line.quantity
            }
        )

        def call():
            return refund(
                SYSTEM,
                self.world[at],
                entitlement=sale.entitlement,
                units=units,
                reason="asked",
                on=on,
                key=key,
            )

        if on < sale.sold_on:
            return self.refused("not_permitted", call)
        if (
            sale.pk in self.model.void_sales
            or not wanted
            or any(taken > lines[code].quantity - lines[code].used for code, taken in wanted.items())
        ):
            return self.refused("over_refund", call)
        if self.model.is_closed({at, "P"}, on):
            return self.refused("period_closed", call)
        effects = [(code, taken, lines[code].step(taken)) for code, taken in wanted.items()]
        event = call()
        paid = sum(price for _, _, price in effects)
        self.record(event, EventModel("refund", sale.pk, on, effects, (at, -paid), frozenset({at, "P"})))
        self.calls.append((call, event.pk))
        return None

    def void(self, pick, day):
        pk = sorted(self.model.events)[pick % len(self.model.events)]
        told, on, key = self.model.events[pk], FIRST + timedelta(days=day), f"k{next(self.keys)}"

        def call():
            return void(SYSTEM, LedgerEvent.objects.get(pk=pk), reason="mistake", on=on, key=key)

        lines = self.model.lines[told.sale].values()
        if on < told.on or (told.kind == "sale" and not told.voided and any(line.used for line in lines)):
            return self.refused("not_permitted", call)
        if told.voided:
            return self.refused("already_reversed", call)
        if self.model.is_closed(told.places, on):
            return self.refused("period_closed", call)
        event = call()
        told.voided = True
        self.model.apply(told, -1)
        if told.kind == "sale":
            self.model.void_sales.add(told.sale)
        self.calls.append((call, event.pk))
        return None

    def close(self, at, month, below):
        close_period(SYSTEM, self.world[at], month=date(2026, month, 1), below=below)
        inside = {"P": PLACES, "Q": "QR"}.get(at, at) if below else at
        last = date(2026, month + 1, 1) - timedelta(days=1)
        for place in inside:
            self.model.closed[place] = max(last, self.model.closed.get(place, date.min))

    def retry(self, pick):
        """Any call again, however late: its first result, and nothing happens; its key serves nothing else."""
        call, pk = self.calls[pick % len(self.calls)]
        before = LedgerEvent.objects.count()
        assert call().pk == pk
        key = LedgerEvent.objects.get(pk=pk).key
        self.refused("idempotency_conflict", lambda: self.market.sell(quantity=9, key=key))
        assert LedgerEvent.objects.count() == before

    # what must be so -------------------------------------------------------------------------------------

    @invariant()
    def units_and_prices_are_the_model_s(self):
        for row in EntitlementLine.objects.select_related("service", "entitlement"):
            (sale,) = [each for each in self.sales.values() if each.entitlement_id == row.entitlement_id]
            line = self.model.lines[sale.pk][row.service.code]
            if sale.pk in self.model.void_sales:
                assert (row.left_units, row.open_minor) == (0, 0)
                assert row.entitlement.status == Entitlement.Status.VOID
            else:
                assert (row.used_units, row.booked_minor) == (line.used, line.booked)
                assert row.left_units or not row.open_minor

    @invariant()
    def entitlements_are_the_liability(self):
        liability = JournalLine.objects.filter(account__code="contract_liability").aggregate(
            n=Sum("amount_minor")
        )["n"]
        opened = EntitlementLine.objects.aggregate(n=Sum("open_minor"))["n"]
        assert -(liability or 0) == (opened or 0)

    @invariant()
    def every_book_balances_and_cash_is_the_model_s(self):
        sums = JournalLine.objects.order_by().values("organization").annotate(n=Sum("amount_minor"))
        assert not sums.exclude(n=0).exists()
        for place in PLACES:
            assert (
                Money.parse(self.market.balance(place, "cash"), "USD", signed=True).minor
                == self.model.cash[place]
            )

    @invariant()
    def what_one_is_owed_the_other_owes(self):
        dues = JournalLine.objects.filter(account__code__in=["due_from", "due_to"])
        pairs = defaultdict(int)
        for own, other, code, total in (
            dues.order_by().values("organization", "counterparty", "account__code").annotate(n=Sum("amount_minor"))
            .values_list("organization", "counterparty", "account__code", "n")
        ):  # fmt: skip
            pairs[(own, other) if code == "due_from" else (other, own)] += total
        assert not any(pairs.values())
        revenue = JournalLine.objects.filter(
            account__code__in=["intercompany_revenue", "service_revenue"], counterparty=self.world["P"].pk
        )
        shared = dict(revenue.order_by().values_list("organization__code").annotate(n=Sum("amount_minor")))
        assert {place: -total for place, total in shared.items() if total} == {
            place: total for place, total in self.model.owed.items() if total
        }

    @invariant()
    def every_entry_balances_and_is_numbered(self):
        wrong = (
            LedgerEvent.objects.filter(line_count__gt=0).annotate(n=Sum("lines__amount_minor")).exclude(n=0)
        )
        assert not wrong.exists()
        assert not JournalLine.objects.filter(line_no__gt=F("event__line_count")).exists()
        assert not Account.objects.filter(counterparty=F("organization")).exists()

    # helpers -----------------------------------------------------------------------------------------------

    def pick(self, number):
        return self.sales[sorted(self.sales)[number % len(self.sales)]]

    def record(self, event, told):
        self.model.events[event.pk] = told
        self.model.apply(told)

    def refused(self, code, call):
        with pytest.raises(Refused) as refusal, transaction.atomic():
            call()
        assert refusal.value.code == code, refusal.value.message


def test_the_ledger_agrees_with_plain_dicts(cast):
    LedgerMachine.world = cast
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],  # shrinking would take longer than the whole suite may
            suppress_health_check=list(HealthCheck),
        ),
    )
