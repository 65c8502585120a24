"""Every command of the ledger in any order, each with what the model says of it: done, or refused by which code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from core.errors import Refused
from core.money import Money
from core.tenancy import bound
from ledger.actions.breakage import run_breakage
from ledger.actions.catalog import edit_service
from ledger.actions.exchange import enter_rates
from ledger.actions.expiry import expire
from ledger.actions.period import approve_reopening, close_period, request_reopening
from ledger.actions.refund import Units, refund
from ledger.actions.sale import Payment
from ledger.actions.tax import add_tax_code
from ledger.actions.top_up import top_up_entitlement
from ledger.actions.upgrade import upgrade_entitlement
from ledger.actions.void import void
from ledger.models import LedgerEvent, Sale
from ledger.rules.quoted import Quoted
from ledger.rules.settings import TAX_POINT
from ledger.rules.tax import Method, TaxPoint
from orgs.actions.organization import add_organization
from orgs.actions.setting import NewValue, assign_setting
from settlement.actions.agreement import Signed, sign_agreement
from settlement.actions.payment import settle_run
from settlement.actions.run import Proposal, approve_run, propose_run
from settlement.models import NettingAgreement
from settlement.queries.content import content_hash
from tests.cast import details
from tests.ledger.machine.model import (
    EURO,
    PACKAGES,
    PERCENT,
    SHARES,
    TAXED,
    EventModel,
    LineModel,
    Model,
    SaleModel,
    euros,
    in_euros,
    rounded,
    share_of,
    tax_in,
)
from tests.ledger.market import SYSTEM, Market, open_market

PLACES = "PSTQRE"
FIRST = date(2026, 1, 15)
SERVICES = ["PHYSIO", "PHYSIO", "CONSULT", "LAB"]
NOT_VOIDED = {"expiry", "breakage", "settlement"}
HOW_OFTEN = {
    "sell": 4, "top_up": 2, "redeem": 9, "refund": 3, "void": 5, "upgrade": 2, "expire": 4, "breakage": 3, "settle": 2,
    "retry": 2, "close": 2, "reopen": 1,
}  # fmt: skip
WEIGHTED = [what for what, times in HOW_OFTEN.items() for _ in range(times)]


@contextmanager
def undone():
    """A savepoint that is rolled back."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


class LedgerCommands(RuleBasedStateMachine):
    """Each example runs in a savepoint of the test's transaction and is rolled back."""

    world: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(bound(self.world.network.pk))
        self.stack.enter_context(undone())
        self.market: Market = open_market(self.world)
        tax_and_trade_abroad(self.market)
        for code in ("SHORT", "LARGE"):
            price, days, parts = PACKAGES[code]
            said = {
                service: (units, Money(minor, "USD").decimal()) for service, (units, minor) in parts.items()
            }
            self.market.add_package(
                code, Money(price, "USD").decimal(), said, holder=self.world["P"], valid_days=days
            )
        parties = [self.world[place] for place in PLACES]
        sign_agreement(SYSTEM, self.world["P"], signed=agreement_of(parties))
        self.model, self.keys, self.steps = Model(), count(1), count(1)
        self.sales: dict[int, Sale] = {}
        self.calls: list[tuple[Callable[[], LedgerEvent], int]] = []
        self.begin()

    def begin(self) -> None:
        """What a machine that adds to this one prepares."""

    def teardown(self) -> None:
        self.stack.close()

    @initialize(point=st.sampled_from(TaxPoint))
    def start(self, point: TaxPoint) -> None:
        assign_setting(SYSTEM, self.world["P"], setting=TAX_POINT, new=NewValue(point))
        self.at_sale = point is TaxPoint.SALE
        self.sell("P", "CHECKUP", 1, 0, FIRST)

    @rule(seed=st.integers(0, 2**64 - 1))
    def act(self, seed: int) -> None:
        """One step. Chance comes from a seed: drawn one by one, the choices repeat themselves too often."""
        chance = Random(f"{seed} {next(self.steps)}")
        what, at, quantity = chance.choice(WEIGHTED), chance.choice(PLACES), chance.randint(1, 3)
        day = FIRST + timedelta(
            days=chance.randint(25, 60) if chance.random() < 0.8 else chance.randint(0, 60)
        )
        sale = chance.choice(sorted(self.sales))
        service = chance.choice(SERVICES)
        if what == "sell":
            early = FIRST + timedelta(days=chance.randint(0, 35))
            self.sell(at, chance.choice(sorted(PACKAGES)), quantity, chance.randrange(1000), early)
        elif what == "top_up":
            units = {chance.choice(SERVICES): chance.randint(0, 4), service: quantity}
            self.top_up(sale, units, at, day)
        elif what == "redeem":
            self.redeem(sale, service, quantity, at, day)
        elif what == "refund":
            self.refund(sale, chance.choice([service, service, None]), quantity, at, day)
        elif what == "void":
            self.void(chance.choice(sorted(self.model.events)), day)
        elif what == "upgrade":
            self.upgrade(sale, at, day)
        elif what == "expire":
            self.expire(sale, day)
        elif what == "breakage":
            self.breakage(chance.choice(sorted(PACKAGES)), chance.choice([0, 5, 20, 50, 90]), day)
        elif what == "settle":
            self.settle(day, day + timedelta(days=chance.randint(0, 5)))
        elif what == "close" and len(self.calls) > 4:
            self.close(at, chance.choice([1, 2, 2]), chance.random() < 0.5)
        elif what == "reopen":
            self.reopen(at, chance.choice([1, 2]), chance.random() < 0.5)
        else:
            self.retry(*chance.choice(self.calls))

    # The commands

    def sell(self, at: str, package: str, quantity: int, off: int, on: date) -> None:
        key, due = self.key(), PACKAGES[package][0] * quantity - off
        units = {name: quantity * one for name, (one, _) in PACKAGES[package][2].items()}

        def call() -> Sale:
            return self.market.sell(
                package, at=at, quantity=quantity, discount=Money(off, "USD"), payments=paid(at, due, on), on=on,
                key=key,
            )  # fmt: skip

        if self.model.is_closed({at, "P"}, on):
            self.refused("period_closed", call)
            return
        self.sold(call, package, units, due, EventModel("sale", on, frozenset({at, "P"})), at, due)

    def top_up(self, pk: int, units: dict[str, int], at: str, on: date) -> None:
        """More units of a sale, or of what it tops up, at their part of the package's price."""
        key, first = self.key(), self.model.first(pk)
        price, _, parts = PACKAGES[first.package]
        whole = sum(many * minor for many, minor in parts.values())
        part = sum(many * parts[name][1] for name, many in units.items())
        due = rounded(Fraction(price * part, whole))

        def call() -> Sale:
            return top_up_entitlement(
                SYSTEM, self.world[at], entitlement=self.sales[pk].entitlement, units=units,
                payments=paid(at, due, on), on=on, key=key,
            )  # fmt: skip

        if first.voided or on < first.on:
            self.refused("not_permitted", call)
        elif on > first.expires_on:
            self.refused("entitlement_expired", call)
        elif self.model.is_closed({at, "P"}, on):
            self.refused("period_closed", call)
        else:
            event = EventModel("sale", on, frozenset({at, "P"}))
            self.sold(call, first.package, units, due, event, at, due)
            sale = self.model.sales[max(self.sales)]
            sale.expires_on, sale.tops_up = first.expires_on, self.model.sales[pk].tops_up or pk

    def upgrade(self, pk: int, at: str, on: date) -> None:
        old, key = self.model.sales[pk], self.key()
        price = PACKAGES["LARGE"][0]
        given = [(pk, name, line.left, line.open) for name, line in old.lines.items() if line.left]
        back = [
            (pk, name, line.left, line.tax_step(line.left)) for name, line in old.lines.items() if line.left
        ]
        worth = sum(minor for *_, minor in given + back)

        def call() -> Sale:
            return upgrade_entitlement(
                SYSTEM, self.world[at], entitlement=self.sales[pk].entitlement,
                package=self.market.packages["LARGE"], payments=paid(at, price - worth, on), on=on, key=key,
            )  # fmt: skip

        if old.voided or not given:
            self.refused("entitlement_exhausted", call)
        elif on < old.on or on > old.expires_on or worth > price:
            self.refused("not_permitted", call)
        elif self.model.is_closed({at, "P"}, on):
            self.refused("period_closed", call)
        else:
            event = EventModel("upgrade", on, frozenset({at, "P"}), given, tax_back=back)
            event.booked = self.reversing(old.package, sum(minor for *_, minor in given))
            units = {name: many for name, (many, _) in PACKAGES["LARGE"][2].items()}
            self.sold(call, "LARGE", units, price, event, at, price - worth)

    def sold(
        self, call: Callable[[], Sale], package: str, units: dict[str, int], total: int, event: EventModel, at: str,
        due: int,
    ) -> None:  # fmt: skip
        """Make a sale or an upgrade and take it down.

        What is allocated is proportional, each part to less than one unit; tax due at the sale is taken out of it.
        """
        sale, on = call(), event.on
        lines = sale.entitlement.lines.select_related("service")
        parts = {line.service.code: line.total_minor for line in lines}
        tax = total - sum(parts.values())
        gross = parts | ({TAXED: parts[TAXED] + tax} if tax else {})
        assert tax == (tax_in(gross.get(TAXED, 0)) if self.at_sale else 0)
        weights = {name: many * PACKAGES[package][2][name][1] for name, many in units.items() if many}
        assert set(parts) == set(weights)
        for name, weight in weights.items():
            assert abs(gross[name] - Fraction(total * weight, sum(weights.values()))) < 1
        self.sales[sale.pk] = sale
        self.model.sales[sale.pk] = SaleModel(
            package,
            on,
            on + timedelta(days=PACKAGES[package][1] - 1),
            {name: LineModel(units[name], minor, gross[name] - minor) for name, minor in parts.items()},
        )
        event.sold, event.cash, event.tax = sale.pk, {at: due}, tax
        event.dues = [] if at == "P" else [("P", at, due)]
        self.record(sale.event, event)
        self.calls.append((lambda: call().event, sale.event_id))

    def redeem(self, pk: int, service: str, quantity: int, at: str, on: date) -> None:
        sale, key = self.model.sales[pk], self.key()
        if service not in sale.lines:
            return
        line = sale.lines[service]

        def call() -> LedgerEvent:
            return self.market.redeem(self.sales[pk], service, quantity, at=at, on=on, key=key)

        if on < sale.on:
            self.refused("not_permitted", call)
        elif on > sale.expires_on:
            self.refused("entitlement_expired", call)
        elif sale.voided or quantity > line.left:
            self.refused("entitlement_exhausted", call)
        elif self.model.is_closed({at, "P"}, on):
            self.refused("period_closed", call)
        else:
            step = line.step(quantity)
            event = EventModel("redemption", on, frozenset({at, "P"}), [(pk, service, quantity, step)])
            event.booked = self.reversing(sale.package, step)
            event.tax = 0 if self.at_sale or service != TAXED else tax_in(step)
            if at != "P":
                event.shared = (at, share_of(step - event.tax, SHARES[at]))
                event.dues = [(at, "P", event.shared[1])]
            self.done(call, event)

    def refund(self, pk: int, service: str | None, quantity: int, at: str, on: date) -> None:
        sale, key = self.model.sales[pk], self.key()
        if service and service not in sale.lines:
            return
        units = [Units(self.market.line(self.sales[pk], service), quantity)] if service else None
        left = {name: line.left for name, line in sale.lines.items() if line.left}
        wanted = {service: quantity} if service else left

        def call() -> LedgerEvent:
            return refund(
                SYSTEM, self.world[at], entitlement=self.sales[pk].entitlement, units=units, reason="asked", on=on,
                key=key,
            )  # fmt: skip

        if on < sale.on:
            self.refused("not_permitted", call)
        elif sale.voided or not wanted or any(n > left.get(name, 0) for name, n in wanted.items()):
            self.refused("over_refund", call)
        elif self.model.is_closed({at, "P"}, on):
            self.refused("period_closed", call)
        else:
            taken = [(pk, name, n, sale.lines[name].step(n)) for name, n in wanted.items()]
            back = [(pk, name, n, sale.lines[name].tax_step(n)) for name, n in wanted.items()]
            given = sum(minor for *_, minor in taken + back)
            event = EventModel("refund", on, frozenset({at, "P"}), taken, tax_back=back, cash={at: -given})
            event.dues = [] if at == "P" else [(at, "P", given)]
            event.booked = self.reversing(sale.package, sum(minor for *_, minor in taken))
            self.done(call, event)

    def expire(self, pk: int, on: date) -> None:
        sale, key = self.model.sales[pk], self.key()

        def call() -> LedgerEvent:
            return expire(SYSTEM, self.sales[pk].entitlement, on=on, key=key)

        taken = [(pk, name, line.left, line.open) for name, line in sale.lines.items() if line.left]
        if sale.voided or on <= sale.expires_on:
            self.refused("not_permitted", call)
        elif not taken:
            self.refused("entitlement_exhausted", call)
        elif self.model.is_closed({"P"}, on):
            self.refused("period_closed", call)
        else:
            open_minor = sum(minor for *_, minor in taken)
            before = min(self.model.booked[sale.package], open_minor)
            self.done(
                call,
                EventModel("expiry", on, frozenset("P"), taken, booked=(sale.package, -before)),
            )
            self.model.expired += open_minor

    def breakage(self, package: str, percent: int, on: date) -> None:
        key, model = self.key(), self.model

        def call() -> LedgerEvent:
            return run_breakage(
                SYSTEM, self.world["P"], package=self.market.packages[package], expected_percent=Fraction(percent),
                on=on, key=key,
            )  # fmt: skip

        if all(sale.package != package for sale in model.sales.values()):
            self.refused("not_permitted", call)
        elif model.is_closed({"P"}, on):
            self.refused("period_closed", call)
        else:
            change = model.breakage_target(package, percent, on) - model.booked[package]
            self.done(call, EventModel("breakage", on, frozenset("P"), booked=(package, change)))

    def void(self, pk: int, on: date) -> None:
        told, key, model = self.model.events[pk], self.key(), self.model

        def call() -> LedgerEvent:
            return void(SYSTEM, LedgerEvent.objects.get(pk=pk), reason="mistake", on=on, key=key)

        in_use = told.sold is not None and not told.voided and model.sales[told.sold].is_used
        if told.kind in NOT_VOIDED or on < told.on or in_use:
            self.refused("not_permitted", call)
        elif told.voided:
            self.refused("already_reversed", call)
        elif model.is_closed(told.places, on):
            self.refused("period_closed", call)
        else:
            newest = told.sold or told.taken[0][0]
            package = model.sales[newest].package
            taken = model.sales[newest].total if told.sold else 0
            taken -= sum(minor for one, *_, minor in told.taken if model.sales[one].package == package)
            model.booked[package] -= model.excess(package, taken)
            event = call()
            told.voided = True
            model.apply(told, -1, on)
            self.calls.append((call, event.pk))

    def settle(self, cutoff: date, on: date) -> None:
        """Propose, approve and pay at once: who is owed more than they owe gets the difference."""
        dues, keys = self.model.open_dues(cutoff), (self.key(), self.key())
        if not dues:
            return
        proposal = Proposal(cutoff, "multilateral", [self.world[place] for place in PLACES], "USD")

        def call() -> LedgerEvent:
            run = propose_run(SYSTEM, self.world["P"], proposal=proposal, key=keys[0])
            if run.event_id is None:
                approve_run(self.world.actor("finance"), run, seen_hash=content_hash(run))
            event = settle_run(SYSTEM, run, on=on, key=keys[1]).event
            assert event is not None
            return event

        owed = self.model.owed(dues)
        net: Counter[str] = Counter()
        for (creditor, debtor), minor in owed.items():
            net[creditor] += minor
            net[debtor] -= minor
        places = frozenset("P").union(*owed)
        if self.model.is_closed(places, on):
            self.refused("period_closed", call)
            return
        self.done(call, EventModel("settlement", on, places, cash=dict(net)))
        for one in dues:
            one.settled = True
        self.model.gained += rounded(
            sum((one.owed_to("E") * (euros(on) - euros(one.since)) for one in dues), Fraction(0))
        )

    def close(self, at: str, month: int, below: bool) -> None:
        close_period(SYSTEM, self.world[at], month=date(2026, month, 1), below=below)
        last = date(2026, month + 1, 1) - timedelta(days=1)
        for place in _inside(at, below):
            self.model.closed[place] = max(last, self.model.closed.get(place, date.min))

    def reopen(self, at: str, month: int, below: bool) -> None:
        """Asked by one person and opened by another: the month and every later one."""
        first, closed = date(2026, month, 1), self.model.closed
        asked = {"month": first, "below": below, "reason": "a late invoice"}
        if closed.get(at, date.min) < first:
            self.refused(
                "not_permitted",
                lambda: request_reopening(self.world.actor("finance"), self.world[at], **asked),
            )
            return
        request = request_reopening(self.world.actor("finance"), self.world[at], **asked)
        self.refused("not_permitted", lambda: approve_reopening(self.world.actor("finance"), request))
        approve_reopening(SYSTEM, request)
        for place in _inside(at, below):
            if closed.get(place, date.min) >= first:
                closed[place] = first - timedelta(days=1)

    def retry(self, call: Callable[[], LedgerEvent], pk: int) -> None:
        """Any call again, however late: its first result, and nothing happens; its key serves nothing else."""
        before = LedgerEvent.objects.count()
        event = call()
        assert event.pk == pk
        self.refused("idempotency_conflict", lambda: self.market.sell(quantity=9, key=event.key))
        assert LedgerEvent.objects.count() == before

    # Parts of them

    def key(self) -> str:
        return f"k{next(self.keys)}"

    def reversing(self, package: str, taken: int) -> tuple[str, int] | None:
        too_much = self.model.excess(package, taken)
        return (package, -too_much) if too_much else None

    def done(self, call: Callable[[], LedgerEvent], event: EventModel) -> None:
        posted = call()
        self.record(posted, event)
        self.calls.append((call, posted.pk))

    def record(self, posted: LedgerEvent, event: EventModel) -> None:
        self.model.events[posted.pk] = event
        self.model.apply(event)

    def refused(self, code: str, call: Callable[[], object]) -> None:
        with pytest.raises(Refused) as refusal, transaction.atomic():
            call()
        assert refusal.value.code == code, refusal.value.message


def paid(at: str, minor: int, on: date) -> list[Payment]:
    """The whole of it in cash, in the currency of the place."""
    money = Money(in_euros(minor, on), "EUR") if at == "E" else Money(minor, "USD")
    return [Payment("cash", money)] if money.minor > 0 else []


def tax_and_trade_abroad(market: Market) -> None:
    """PHYSIO is taxed, and E, a sub of P, keeps euros."""
    parent, service = market.world["P"], market.services[TAXED]
    code = add_tax_code(
        SYSTEM, parent, code="GST", name="Goods and services tax", method=Method.INCLUDED,
        percent=Decimal(PERCENT), starts_on=date(2020, 1, 1),
    )  # fmt: skip
    edit_service(
        SYSTEM, service, name=service.name, category=service.category, tax_code=code, version=service.version
    )
    market.world.organizations["E"] = add_organization(
        SYSTEM, parent, kind="sub", details=details("Abroad", "E"), currency="EUR"
    )
    quoted = [
        Quoted("EUR", "USD", on, Decimal(worth.numerator) / worth.denominator, "a bank")
        for on, worth in EURO.items()
    ]
    enter_rates(SYSTEM, parent, quoted=quoted)


def _inside(at: str, below: bool) -> str:
    return {"P": PLACES, "Q": "QR"}.get(at, at) if below else at


def agreement_of(parties: list[Any]) -> Signed:
    return Signed(
        name="All with all",
        method=NettingAgreement.Method.MULTILATERAL,
        legal_basis="master agreement",
        minimum=Money(0, "USD"),
        signed_on=date(2020, 1, 1),
        signed_by="the parties",
        starts_on=date(2020, 1, 1),
        parties=parties,
    )
