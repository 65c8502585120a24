"""Statements: keeping the file, reading its lines, and beginning their reconciliation."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db.models.functions import Now

from core import locale
from core.actions import Act, action
from core.actors import SystemActor
from core.clock import now
from core.errors import Refused
from core.money import Money
from ledger.queries.mutual import book_balance
from settlement.actions.matching import match_lines
from settlement.models import Reconciliation, StatementImport, StatementLine, StatementMapping
from settlement.permissions import RECONCILIATION_MATCH
from settlement.queries.reconciliation import statements_older_than
from settlement.rules.camt053 import is_xml, read_camt
from settlement.rules.settings import STATEMENT_FILE_DAYS
from settlement.rules.statement_csv import Mapping, guessed, preview, read_csv
from settlement.rules.statement_file import MOST_BYTES, Statement, Unreadable

if TYPE_CHECKING:
    from orgs.models import Organization

CHUNK = 5000
Form = StatementImport.Form


class BadLines(Refused):
    """Some lines can't be read; `problems` says which, and what is wrong with each."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        count = locale.counted(len(problems), "line")
        super().__init__(
            "invalid", f"{count} can’t be read. Correct the columns, or the file, and try again."
        )
        self.problems = problems


@action(RECONCILIATION_MATCH, audit="statement.sent")
def send_statement(
    act: Act, organization: Organization, *, counterparty: Organization | None, file_name: str, content: bytes
) -> StatementImport:
    """Keep a statement's file; the same file once more gives the first.

    Who may: `reconciliation:match` at the organization. Refusals: too large, neither CSV nor camt.053, balances of a
    camt.053 that don't fit its entries. Audit: the file's name and its SHA-256.
    """
    check_file(file_name, len(content))
    digest = sha256(content).hexdigest()
    currency = organization.currency
    same = StatementImport.objects.filter(
        organization=organization, counterparty=counterparty, currency=currency, sha256=digest
    )
    if (first := same.first()) is not None:
        act.nothing_happened()
        return first
    form = Form.CAMT if is_xml(content) else Form.CSV
    try:
        if form == Form.CAMT:
            read_camt(content, currency)
        else:
            preview(content, guessed(content))
    except Unreadable as wrong:
        raise Refused("invalid", str(wrong), field="file") from None
    statement = StatementImport.objects.create(
        organization=organization,
        counterparty=counterparty,
        currency=currency,
        form=form,
        file_name="".join(char for char in file_name if char.isprintable())[-200:] or "file",
        content=content,
        sha256=digest,
        sent_by_id=act.actor.id,
        sent_by=act.actor.label,
    )
    act.about(statement)
    act.changed({}, {"file": statement.file_name, "sha256": digest})
    return statement


def check_file(file_name: str, size: int) -> None:
    if size > MOST_BYTES:
        said = locale.number(round(size / 2**20, 1))
        raise Refused(
            "file_too_large",
            f"“{file_name}” has {said} MiB; at most {MOST_BYTES // 2**20} MiB are read. Split it by period.",
            field="file",
        )


@action(RECONCILIATION_MATCH, audit="statement.read")
def read_statement(
    act: Act,
    statement: StatementImport,
    *,
    mapping: Mapping | None = None,
    since: date | None = None,
    until: date | None = None,
    opening: Money | None = None,
) -> Reconciliation:
    """Read the lines of a statement, and match them with the books of its period.

    Who may: `reconciliation:match` at the organization. A CSV needs its mapping, which is kept for the counterparty's
    next file; its period and opening balance, where nobody says them, are those of its lines and of the books. Refusals:
    read already, a file that was deleted, lines that can't be read (`BadLines`), lines outside the period. Audit: how
    many lines, and the period.
    """
    if statement.read_at is not None:
        raise Refused("not_permitted", "This statement was matched already; open its reconciliation.")
    read = _read(statement, mapping)
    first, last = min(line.on for line in read.lines), max(line.on for line in read.lines)
    since, until = since or read.since or first, until or read.until or last
    _check_period(since, until, first, last)
    ours = book_balance(
        statement.organization_id, statement.counterparty_id, statement.currency, since - timedelta(days=1)
    )
    said = read.opening_minor if read.opening_minor is not None else (opening or ours).minor
    moved = sum(line.minor for line in read.lines if line.currency == statement.currency)
    _keep(statement, read, since, until, said, said + moved)
    if mapping is not None:
        _remember(statement, mapping)
    reconciliation = Reconciliation.objects.create(
        statement=statement,
        organization_id=statement.organization_id,
        counterparty_id=statement.counterparty_id,
        currency=statement.currency,
        since=since,
        until=until,
        opening_minor=ours.minor,
        closing_minor=ours.minor,
        their_opening_minor=said,
        their_closing_minor=said + moved,
        begun_by=act.actor.label,
    )
    match_lines(reconciliation)
    act.changed({}, {"file": statement.file_name, "lines": len(read.lines), "since": since, "until": until})
    return reconciliation


def _read(statement: StatementImport, mapping: Mapping | None) -> Statement:
    if statement.content is None:
        raise Refused("not_permitted", "The file was deleted. Send it again.")
    content = bytes(statement.content)
    try:
        if statement.form == Form.CAMT:
            read = read_camt(content, statement.currency)
        else:
            read = read_csv(content, mapping or guessed(content), statement.currency)
    except Unreadable as wrong:
        raise Refused("invalid", str(wrong)) from None
    if read.problems:
        raise BadLines(read.problems)
    if not read.lines:
        raise Refused("invalid", "The statement has no line.")
    return read


def _check_period(since: date, until: date, first: date, last: date) -> None:
    if until < since:
        raise Refused("invalid", f"{locale.day(until)} is before {locale.day(since)}.", field="until")
    if first < since or last > until:
        raise Refused(
            "invalid",
            f"The statement has lines from {locale.day(first)} to {locale.day(last)}; the period has to take them in.",
            field="since" if first < since else "until",
        )


def _keep(
    statement: StatementImport, read: Statement, since: date, until: date, opening: int, closing: int
) -> None:
    lines = [
        StatementLine(
            statement=statement,
            number=line.number,
            on=line.on,
            amount_minor=line.minor,
            currency=line.currency,
            reference=line.reference,
            text=line.text,
        )
        for line in read.lines
    ]
    StatementLine.objects.bulk_create(lines, batch_size=CHUNK)
    StatementImport.objects.filter(pk=statement.pk).update(
        read_at=Now(),
        line_count=len(lines),
        since=since,
        until=until,
        opening_minor=opening,
        closing_minor=closing,
    )


def _remember(statement: StatementImport, mapping: Mapping) -> None:
    StatementMapping.objects.update_or_create(
        organization_id=statement.organization_id,
        counterparty_id=statement.counterparty_id,
        defaults={"mapping": mapping.stored()},
    )


@action(RECONCILIATION_MATCH, audit="statement.file_removed")
def remove_file(act: Act, statement: StatementImport) -> None:
    """Delete a file that was kept long enough; its lines stay.

    Who may: `reconciliation:match` at the organization; the worker. Audit: the file's name and its SHA-256.
    """
    StatementImport.objects.filter(pk=statement.pk, file_removed_at=None).update(
        content=None, file_removed_at=Now()
    )
    act.changed({"file": statement.file_name, "sha256": statement.sha256}, {"file": None})


def remove_old_files() -> int:
    """Delete the files of the bound network that were kept as long as their organizations say; returns how many."""
    removed = 0
    for statement in statements_older_than(now() - timedelta(days=1)):
        days = STATEMENT_FILE_DAYS.at(statement.organization)
        if statement.sent_at < now() - timedelta(days=days):
            worker = SystemActor.of(f"files of statements are kept for {STATEMENT_FILE_DAYS.show(days)}")
            remove_file(worker, statement)
            removed += 1
    return removed
