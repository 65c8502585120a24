"""Remittance statements as files: PDF and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from core.money import Money
from core.paper import TOTAL, Column, Paper, PaperHead, Row
from core.views.download import safe_cell
from settlement.models import Remittance
from settlement.queries.remittance import SECTION_LABELS, lines_of, money_moved, sections_of
from settlement.queries.run import pairs_of, payments_of

CSV_HEADER = ("part", "day", "event", "what", "with", "amount", "currency")
#: A statement on paper is read by people; whoever needs more lines reads the file.
MOST_LINES = 1000


def file_name(one: Remittance) -> str:
    """What its files are called, without what they are."""
    return f"remittance-{one.run.number}-{one.organization.code}"


def csv_rows(one: Remittance) -> Iterator[tuple[Any, ...]]:
    """Every line, then the net and its payments; organizations by their codes, which stay."""
    currency = one.run.currency
    for line in lines_of(one).iterator(2000):
        yield (
            SECTION_LABELS[line.section],
            line.effective_on,
            line.event_id,
            line.event.get_kind_display(),
            line.counterparty.code,
            line.amount.decimal(),
            currency,
        )
    yield ("Net", one.run.cutoff_on, "", "", "", one.net.decimal(), currency)
    for payment in payments_of(one):
        other, amount = _payment(one, payment)
        yield ("Payment", one.run.pay_on or "", payment.reference, "", other.code, amount.decimal(), currency)
    for each in money_moved(one):
        yield (each.label, each.on, each.reference, "", each.other.code, each.amount.decimal(), currency)


def csv_of(one: Remittance) -> bytes:
    """The same as a file of its own."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_HEADER)
    writer.writerows([safe_cell(cell) for cell in row] for row in csv_rows(one))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def remittance_pdf(one: Remittance, head: PaperHead) -> bytes:
    """The statement on paper: what it comes to, with whom, how it is paid, and the claims."""
    run = one.run
    paper = Paper(
        "Remittance statement",
        head,
        made_at=run.approved_at or run.proposed_at,
        subtitle=f"{one.organization.name} ({one.organization.code})",
    )
    paper.facts(
        [
            ("Settlement", str(run.number)),
            ("Until", run.cutoff_on),
            ("Netting", run.get_method_display()),
            ("Due", run.pay_on),
            ("Receives" if one.net.minor >= 0 else "Pays", f"{abs(one.net).format()} {run.currency}"),
        ]
    )
    _sums(paper, one)
    _moved(paper, one)
    _with_whom(paper, one)
    _claims(paper, one)
    return paper.pdf()


def _sums(paper: Paper, one: Remittance) -> None:
    """The parts of the statement, the net, and its payments: no fees are taken."""
    currency = one.run.currency
    parts = [Row([section.label, section.total]) for section in sections_of(one)]
    paper.heading("In sum")
    paper.table(
        [Column("Part", 3), Column(currency, amount=True)],
        [*parts, Row(["Fees", Money(0, currency)]), Row(["Net", one.net], TOTAL)],
    )
    payments = [
        Row([payment.reference, other.name, amount])
        for payment in payments_of(one)
        for other, amount in [_payment(one, payment)]
    ]
    if payments:
        paper.heading("Payments: received, or − paid")
        paper.table([Column("Reference"), Column("With", 3), Column(currency, amount=True)], payments)


def _moved(paper: Paper, one: Remittance) -> None:
    """What was paid by the time that the statement was made, and what came back."""
    rows = [Row([each.on, each.label, each.other.name, each.amount]) for each in money_moved(one)]
    if rows:
        paper.heading("Money that moved")
        columns = [Column("Day"), Column("What", 2), Column("With", 3), Column(one.run.currency, amount=True)]
        paper.table(columns, rows)


def _with_whom(paper: Paper, one: Remittance) -> None:
    currency = one.run.currency
    rows = []
    for pair in pairs_of(one)[:MOST_LINES]:
        is_first = pair.first_id == one.organization_id
        other = pair.second if is_first else pair.first
        owes, owed = pair.first_owes_minor, pair.second_owes_minor
        if not is_first:
            owes, owed = owed, owes
        rows.append(Row([other.name, *(Money(minor, currency) for minor in (owed, owes, owed - owes))]))
    columns = [Column("Organization", 3), *(Column(name, amount=True) for name in ("Is owed", "Owes", "Net"))]
    paper.heading("With whom")
    paper.table(columns, rows)


def _claims(paper: Paper, one: Remittance) -> None:
    lines = list(lines_of(one)[: MOST_LINES + 1])
    columns = [
        Column("Day"), Column("What", 2), Column("With", 2), Column("Part", 2), Column(one.run.currency, amount=True),
    ]  # fmt: skip
    paper.heading("Claims")
    paper.table(
        columns,
        [
            Row(
                [
                    line.effective_on,
                    f"{line.event.get_kind_display()}, no. {line.event_id}",
                    line.counterparty.name,
                    SECTION_LABELS[line.section],
                    line.amount,
                ]
            )
            for line in lines[:MOST_LINES]
        ],
    )
    if len(lines) > MOST_LINES:
        paper.text(f"The first {MOST_LINES} claims. The CSV file of this statement has all.")


def _payment(one: Remittance, payment: Any) -> tuple[Any, Money]:
    """The other side of a payment, and its amount as the organization sees it."""
    if payment.receiver_id == one.organization_id:
        return payment.payer, payment.amount
    return payment.receiver, -payment.amount
