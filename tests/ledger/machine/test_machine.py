"""A machine that sells, tops up, upgrades, redeems anywhere, taxed and abroad, refunds, expires, takes breakage, voids, nets and settles, retries,
closes and opens again, against a model of plain dicts: after every step, what is in the tables is what should be so."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date, timedelta
from random import Random

from django.db.models import F, Sum
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from core.actors import UserActor
from core.money import Money
from ledger.models import Account, BreakagePool, Entitlement, EntitlementLine, JournalLine, LedgerEvent
from ledger.queries.journal import lines_for
from ledger.queries.replay import replay
from ledger.queries.statement import AccountBalance, balances_of, statement
from ledger.queries.verify import verify_ledger
from orgs.actions.membership import NewMembership, grant_membership
from tests.cast import make_user
from tests.ledger.machine.machine import FIRST, PLACES, LedgerCommands
from tests.ledger.market import SYSTEM

#: So many examples; `make test-nightly` runs more.
SEEDS = int(os.environ.get("CARETREE_SEEDS", "20"))


class LedgerMachine(LedgerCommands):
    """The commands, and what must be so after each of them."""

    seen: Counter[str] = Counter()

    def begin(self) -> None:
        self.replayed = 0
        self.told: dict[str, tuple[date, object]] = {}

    def teardown(self) -> None:
        assert list(verify_ledger()) == []
        self.consolidation_in_two_steps_is_that_in_one()
        self.a_partner_reads_its_own_books_and_no_others()
        for event in self.model.events.values():
            self.seen[event.kind] += 1
            self.seen["void"] += event.voided
        self.seen["gain abroad"] += bool(self.model.gained)
        self.seen["top-up"] += any(sale.tops_up for sale in self.model.sales.values())
        super().teardown()

    @invariant()
    def units_and_prices_are_the_model_s(self) -> None:
        codes = {sale.entitlement_id: pk for pk, sale in self.sales.items()}
        for row in EntitlementLine.objects.select_related("service", "entitlement"):
            sale = self.model.sales[codes[row.entitlement_id]]
            line = sale.lines[row.service.code]
            if sale.voided:
                assert (row.left_units, row.open_minor) == (0, 0)
                assert row.entitlement.status == Entitlement.Status.VOID
            else:
                assert (row.used_units, row.booked_minor) == (line.used, line.booked)
                assert row.left_units or not row.open_minor
            assert row.entitlement.expires_on == sale.expires_on

    @invariant()
    def entitlements_less_breakage_are_the_liability(self) -> None:
        opened = EntitlementLine.objects.aggregate(n=Sum("open_minor"))["n"] or 0
        assert self.minor("contract_liability") == sum(self.model.booked.values()) - opened

    @invariant()
    def breakage_is_the_model_s(self) -> None:
        pools = {
            pool.package.code: (pool.open_minor, pool.booked_minor)
            for pool in BreakagePool.objects.select_related("package")
        }
        booked = self.model.booked
        assert pools == {code: (self.model.open_of(code), booked[code]) for code in pools}
        assert not any(minor for code, minor in booked.items() if code not in pools)
        # What expired stays revenue, though it was booked before; the rest is what is booked now.
        assert -self.minor("breakage_revenue") == sum(booked.values()) + self.model.expired

    @invariant()
    def every_book_balances_and_cash_is_the_model_s(self) -> None:
        sums = JournalLine.objects.order_by().values("organization", "account__currency")
        sums = sums.annotate(n=Sum("amount_minor"))
        assert not sums.exclude(n=0).exists()
        for place in PLACES:
            found = Money.parse(self.market.balance(place, "cash"), "USD", signed=True).minor
            assert found == self.model.cash[place]

    @invariant()
    def what_one_is_owed_the_other_owes(self) -> None:
        owed = self.model.owed(self.model.open_dues())
        assert self.pairs("due_from") == owed
        assert self.pairs("due_to") == {
            (debtor, creditor): -minor for (creditor, debtor), minor in owed.items()
        }
        assert not self.pairs("netting_clearing")

    @invariant()
    def tax_and_gains_are_the_model_s(self) -> None:
        assert -self.minor("tax_payable") == self.model.tax
        assert -self.minor("fx_gain_loss") == self.model.gained

    @invariant()
    def shares_are_the_model_s(self) -> None:
        revenue = JournalLine.objects.filter(
            account__code__in=["intercompany_revenue", "service_revenue"], counterparty=self.world["P"].pk
        )
        shared = dict(revenue.order_by().values_list("organization__code").annotate(n=Sum("amount_minor")))
        assert {place: -total for place, total in shared.items() if total} == {
            place: total for place, total in self.model.shares.items() if total
        }

    @invariant()
    def every_entry_balances_is_numbered_and_is_computed_again(self) -> None:
        wrong = LedgerEvent.objects.filter(line_count__gt=0).annotate(n=Sum("lines__amount_minor"))
        assert not wrong.exclude(n=0).exists()
        assert not JournalLine.objects.filter(line_no__gt=F("event__line_count")).exists()
        assert not Account.objects.filter(counterparty=F("organization")).exists()
        fresh = LedgerEvent.objects.filter(pk__gt=self.replayed).select_related("rule_version__rule", "voids")
        for event in fresh.exclude(kind="settlement").order_by("pk"):
            posted = event.lines.order_by("line_no").values_list("organization_id", "amount_minor")
            assert [(line.organization_id, line.amount_minor) for line in replay(event)] == list(posted)
            self.replayed = event.pk

    @invariant()
    def what_is_closed_stays_as_it_was(self) -> None:
        """A closed book says at its last closed day what it said when it closed, whatever is posted since."""
        for place, last in self.model.closed.items():
            told = (last, statement(self.world[place], last))
            if self.told.get(place, (None,))[0] != last:
                self.told[place] = told
            assert self.told[place] == told

    def consolidation_in_two_steps_is_that_in_one(self) -> None:
        """Any two halves of the group, each without what it owes itself, then both without what they owe each other."""
        group, until = {self.world[place].pk for place in "PSTE"}, FIRST + timedelta(days=80)
        half = set(Random(len(self.model.events)).sample(sorted(group), 2))
        rows: list[AccountBalance] = []
        for inside in (half, group - half):
            rows += [row for row in balances_of(sorted(inside), until) if row.counterparty_id not in inside]
        found: Counter[tuple[str, str]] = Counter()
        for row in rows:
            if row.counterparty_id not in group:
                found[row.account, row.balance.currency] += row.balance.minor
        at_once = {
            (row.type.account.value, one.currency): row.consolidated.minor
            for one in statement(self.world["P"], until, consolidated=True)
            for part in one.parts
            for row in part.rows
        }
        assert {key: n for key, n in found.items() if n} == {key: n for key, n in at_once.items() if n}

    def a_partner_reads_its_own_books_and_no_others(self) -> None:
        user = make_user("Quincy Quay", "quincy@harbor.example")
        officer = NewMembership(role="finance_officer", starts_on=date(2020, 1, 1))
        grant_membership(SYSTEM, self.world["Q"], user=user, new=officer)
        own = JournalLine.objects.filter(organization__code__in=["Q", "R"]).values_list("pk", flat=True)
        seen = lines_for(UserActor.of(user.pk, user.name)).values_list("pk", flat=True)
        assert set(seen) == set(own)

    def minor(self, account: str) -> int:
        rows = JournalLine.objects.filter(account__code=account)
        return rows.aggregate(n=Sum("amount_minor"))["n"] or 0

    def pairs(self, account: str) -> dict[tuple[str, str], int]:
        """(whose books, of whom) -> what stands on the account, without what comes to nothing."""
        codes = {self.world[place].pk: place for place in PLACES}
        rows = JournalLine.objects.filter(account__code=account).order_by()
        sums = rows.values_list("organization", "counterparty").annotate(n=Sum("amount_minor"))
        return {(codes[own], codes[other]): minor for own, other, minor in sums if minor}


def test_the_ledger_agrees_with_plain_dicts(cast):
    LedgerMachine.world = cast
    LedgerMachine.seen = Counter()
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=SEEDS,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],  # shrinking would take longer than the whole suite may
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {kind for kind, times in LedgerMachine.seen.items() if times} == {
        "sale", "redemption", "refund", "upgrade", "expiry", "breakage", "settlement", "void",
        "gain abroad", "top-up",
    }  # fmt: skip
