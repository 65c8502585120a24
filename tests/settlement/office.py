"""A settlement office in the cast's network: debts are posted by hand, agreements and runs are made by the actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count

from django.db.models import Sum

from core.actors import SystemActor
from core.money import Money
from ledger.actions.journal import Posting, post_journal
from ledger.actions.void import void
from ledger.models import JournalLine, LedgerEvent
from ledger.rules.accounts import Account
from settlement.actions.agreement import Signed, sign_agreement
from settlement.actions.bank_account import Typed, enter_bank_account
from settlement.actions.payment import settle_run
from settlement.actions.run import Proposal, approve_run, propose_run
from settlement.models import NettingAgreement, SettlementPayment, SettlementRun
from settlement.queries.content import content_hash
from tests.cast import Cast

FIRST = SystemActor.of("test")
SECOND = SystemActor.of("test, as a second person")
START = date(2026, 1, 1)
CUTOFF = date(2026, 1, 31)
PAID = date(2026, 2, 2)
IBANS = {
    "P": "DE89370400440532013000",
    "S": "GB29NWBK60161331926819",
    "Q": "FR1420041010050500013M02606",
    "T": "NL91ABNA0417164300",
}
_keys = count(1)


def usd(text: str) -> Money:
    return Money.parse(text, "USD", signed=True)


def new_key() -> str:
    return f"settle-{next(_keys)}"


@dataclass
class Office:
    """Organizations by the cast's codes; amounts in US dollars."""

    world: Cast

    def owe(self, debtor: str, creditor: str, amount: str, on: date = date(2026, 1, 10)) -> LedgerEvent:
        """Somebody owes somebody, in both books."""
        payer, receiver, money = self.world[debtor], self.world[creditor], usd(amount)
        return post_journal(
            FIRST,
            payer,
            postings=[
                Posting(payer, Account.EQUITY, money),
                Posting(payer, Account.DUE_TO, -money, receiver),
                Posting(receiver, Account.DUE_FROM, money, payer),
                Posting(receiver, Account.EQUITY, -money),
            ],
            reason="a service",
            on=on,
            key=new_key(),
        )

    def void(self, event: LedgerEvent, on: date) -> LedgerEvent:
        return void(SECOND, event, reason="a mistake", on=on, key=new_key())

    def agree(
        self, *codes: str, groups: tuple[str, ...] = (), minimum: str = "0.00", **more
    ) -> NettingAgreement:
        """An agreement of all with all since the beginning of the year, unless it is said otherwise."""
        signed = Signed(
            **{
                "name": f"Netting {' '.join([*codes, *groups])}",
                "method": "multilateral",
                "legal_basis": "framework agreement of 2025",
                "minimum": usd(minimum),
                "signed_on": START,
                "signed_by": "both boards",
                "starts_on": START,
                "parties": [self.world[code] for code in codes],
                "groups": [self.world[code] for code in groups],
            }
            | more
        )
        return sign_agreement(FIRST, self.world["P"], signed=signed)

    def propose(self, *codes: str, method: str = "bilateral", cutoff: date = CUTOFF, **more) -> SettlementRun:
        actor, at, key = more.pop("actor", FIRST), more.pop("at", "P"), more.pop("key", new_key())
        proposal = Proposal(cutoff, method, [self.world[code] for code in codes], **more)
        return propose_run(actor, self.world[at], proposal=proposal, key=key)

    def approve(self, run: SettlementRun, actor=SECOND) -> SettlementRun:
        return approve_run(actor, run, seen_hash=content_hash(run))

    def settle(self, run: SettlementRun, on: date = PAID) -> SettlementRun:
        return settle_run(SECOND, self.approve(run), on=on, key=new_key())

    def payments(self, run: SettlementRun) -> dict[str, str]:
        """Who pays whom how much, as scenario files write it."""
        rows = run.payments.select_related("payer", "receiver", "run")
        return {f"{one.payer.code}->{one.receiver.code}": one.amount.decimal() for one in rows}

    def payment(self, run: SettlementRun, payer: str, receiver: str) -> SettlementPayment:
        return run.payments.select_related("run").get(payer=self.world[payer], receiver=self.world[receiver])

    def balance(self, at: str, account: str, counterparty: str | None = None) -> str:
        rows = JournalLine.objects.filter(organization=self.world[at], account__code=account)
        if counterparty:
            rows = rows.filter(counterparty=self.world[counterparty])
        return Money(rows.aggregate(total=Sum("amount_minor"))["total"] or 0, "USD").decimal()

    def open_account(self, code: str, iban: str = "") -> None:
        typed = Typed(holder=f"{self.world[code].name} Ltd", iban=iban or IBANS[code])
        enter_bank_account(FIRST, self.world[code], currency="USD", typed=typed)
