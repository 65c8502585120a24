"""What a long statement takes: sent, read, matched with the books, and matched again; as CSV and as camt.053."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db import connection

from core.actors import SystemActor
from core.money import Money
from core.tenancy import bound
from ledger.queries.mutual import book_accounts, book_lines, claims_between
from network.bench.statements import FIRST, MONTHS, SEED, fill_journal, make_organizations
from orgs.models import Organization
from settlement.actions.reconciliation import match_again
from settlement.actions.statement import send_statement, start_statement
from settlement.actions.statement_run import run_matching, run_reading
from settlement.queries.item_totals import totals_of
from settlement.queries.items import Narrowing
from settlement.queries.reconciliation import explained, reconciliation_of
from settlement.rules.statement_csv import guessed

ACTOR = SystemActor.of("benchmark")
LAST = FIRST + timedelta(days=30 * MONTHS)
Say = Callable[[str], None]
Row = tuple[date, int, str]

_ENTRY = (
    '<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd>"
    "<SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>"
    "<RmtInf><Ustrd>Physiotherapy, entry {reference}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
)
_STATEMENT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
    "<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id><Acct><Ccy>USD</Ccy></Acct>{balances}{entries}"
    "</Stmt></BkToCstmrStmt></Document>"
)
_BALANCE = (
    '<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
    "<Dt><Dt>{on}</Dt></Dt></Bal>"
)


def run(say: Say, dsn: str, *, lines: int) -> dict[str, Any]:
    """Fill one pair's books, and match a statement of them with some mistakes in either format; seconds."""
    network_id, parent, branches = make_organizations(30)
    say(f"posting {lines:,} items of one pair")
    fill_journal(say, dsn, network_id, parent.pk, branches[:1], 6 * lines)
    found: dict[str, Any] = {"lines": lines}
    with bound(network_id):
        branch = Organization.objects.get(pk=branches[0])
        accounts = [one.pk for one in claims_between(parent.pk, branch.pk)]
        found["pair_totals_ms"] = round(1000 * _seconds(lambda: totals_of(accounts, Narrowing())), 1)
        rows = list(_with_mistakes(parent.pk, branch.pk))
        for form, content in (("csv", _csv(rows)), ("camt.053", _camt(rows))):
            say(f"{form}: {len(content) / 2**20:.1f} MiB")
            found[form] = _matched(say, branch if form == "csv" else parent, parent, branch, content)
    connection.close()
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _matched(
    say: Say, organization: Organization, parent: Organization, branch: Organization, content: bytes
) -> dict[str, Any]:
    other = parent if organization.pk == branch.pk else branch
    took: dict[str, Any] = {"mib": round(len(content) / 2**20, 1)}
    statement: Any = None

    def send() -> None:
        nonlocal statement
        statement = send_statement(
            ACTOR, organization, counterparty=other, file_name="statement", content=content
        )
        mapping = guessed(content) if statement.form == "csv" else None
        start_statement(ACTOR, statement, mapping=mapping)

    steps = {
        "sent": send,
        "read": lambda: run_reading(statement.pk),
        "matched": lambda: run_matching(statement.pk),
    }
    for name, step in steps.items():
        took[f"{name}_s"] = _seconds(step)
        say(f"  {name} in {took[f'{name}_s']} s")
    one = reconciliation_of(statement)
    why = explained(one)
    took |= {part.label: part.count for part in why.parts if part.count}
    took["unexplained_minor"] = why.rest.minor

    def again() -> None:
        match_again(ACTOR, one)
        run_matching(statement.pk)

    took["matched_again_s"] = _seconds(again)
    return took


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return round(time.perf_counter() - begun, 2)


def _with_mistakes(parent_id: int, branch_id: int) -> Iterator[Row]:
    """What the branch owes is said by the parent, in hundredths: missing, other amounts, later days, no reference."""
    chance = random.Random(SEED)
    for one in book_lines(book_accounts(branch_id, parent_id, "USD"), FIRST, LAST):
        kind = chance.randrange(100)
        if kind == 0:
            continue
        minor = one.minor + 100 if kind == 1 else one.minor
        on = one.on + timedelta(days=2) if kind == 2 else one.on
        yield on, minor, "" if kind == 3 else str(one.event_id)


def _csv(rows: list[Row]) -> bytes:
    """As the parent sees it: what the branch is owed has a plus, which is what it owes."""
    cells = (f"{on},{Money(minor, 'USD').decimal()},{reference},Redemption" for on, minor, reference in rows)
    return "\n".join(["Date,Amount,Reference,Text", *cells]).encode()


def _camt(rows: list[Row]) -> bytes:
    total = sum(minor for _, minor, _ in rows)
    balances = "".join(
        _BALANCE.format(code=code, amount=Money(abs(minor), "USD").decimal(), side=side, on=on)
        for code, minor, side, on in (
            ("OPBD", 0, "CRDT", FIRST),
            ("CLBD", total, "DBIT", LAST + timedelta(days=5)),
        )
    )
    entries = "".join(
        _ENTRY.format(
            number=number, amount=Money(minor, "USD").decimal(), side="DBIT", on=on, reference=reference
        )
        for number, (on, minor, reference) in enumerate(rows, 1)
    )
    return _STATEMENT.format(balances=balances, entries=entries).encode()
