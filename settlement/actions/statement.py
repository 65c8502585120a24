"""Statements: keeping the file, having the worker read and match it, and putting that aside."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db.models.functions import Now

from core import locale
from core.actions import Act, action
from core.actors import SystemActor
from core.clock import now
from core.errors import Refused
from core.files import check_readable, harmless_name
from core.money import Money
from core.progress import Told
from settlement.models import Reconciliation, StatementImport, StatementMapping
from settlement.permissions import RECONCILIATION_MATCH
from settlement.queries.reconciliation import statements_older_than
from settlement.rules.camt053 import check_camt, is_xml, read_camt
from settlement.rules.settings import STATEMENT_FILE_DAYS
from settlement.rules.statement_csv import Mapping, guessed, preview, read_csv
from settlement.rules.statement_file import MOST_BYTES, SMALL_BYTES, Statement, Unreadable

if TYPE_CHECKING:
    from orgs.models import Organization

STATEMENT_TOLD = Told("statement")
Form, Status = StatementImport.Form, StatementImport.Status


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

    Who may: `reconciliation:match` at the organization. Refusals: too large, neither CSV nor camt.053, and of a small
    camt.053 whatever the worker would find wrong. Audit: the file's name and its SHA-256.
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
        _look_at(content, form, currency)
    except Unreadable as wrong:
        raise Refused("invalid", str(wrong), field="file") from None
    statement = StatementImport.objects.create(
        organization=organization,
        counterparty=counterparty,
        currency=currency,
        form=form,
        file_name=harmless_name(file_name),
        content=content,
        sha256=digest,
        sent_by_id=act.actor.id,
        sent_by=act.actor.label,
    )
    act.about(statement)
    act.changed({}, {"file": statement.file_name, "sha256": digest})
    return statement


def check_file(file_name: str, size: int) -> None:
    check_readable(file_name, size, MOST_BYTES, "Split it by period.")


def _look_at(content: bytes, form: str, currency: str) -> None:
    """Raises `Unreadable` for what is no statement at all; what takes longer is left to the worker."""
    if form == Form.CSV:
        preview(content, guessed(content))
    elif len(content) <= SMALL_BYTES:
        read_camt(content, currency)
    else:
        check_camt(content)


@action(RECONCILIATION_MATCH, audit="statement.started")
def start_statement(
    act: Act,
    statement: StatementImport,
    *,
    mapping: Mapping | None = None,
    since: date | None = None,
    until: date | None = None,
    opening: Money | None = None,
) -> None:
    """Have the worker read a statement and match it with the books of its period.

    Who may: `reconciliation:match` at the organization, and still when the worker begins. A CSV needs its mapping, which
    is kept for the counterparty's next file; its period and opening balance, where nobody says them, are the months of
    its lines and those of the books. Refusals: it was read already or is being, its file was deleted, and of a small
    file whatever the worker would refuse. Audit: the file's name.
    """
    _refuse_unless(statement, Status.SENT, Status.FAILED, Status.CANCELLED)
    if statement.read_at is not None:
        raise Refused("not_permitted", "This statement was read already. Go on with matching it.")
    if len(statement.content or b"") <= SMALL_BYTES:
        check_period(read_file(statement, mapping), since, until)
    asked = {
        "mapping": mapping.stored() if mapping else None,
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
        "opening": opening.minor if opening else None,
    }
    if mapping is not None:
        _remember(statement, mapping)
    _start(act, statement, asked=asked)
    act.emit("statement.started", statement_id=statement.pk)


@action(RECONCILIATION_MATCH, audit="statement.started")
def resume_statement(act: Act, statement: StatementImport) -> None:
    """Have the worker go on with a statement that was cancelled or failed, as it was started; what was read is not anew.

    Who may: `reconciliation:match` at the organization. Refusals: it is neither, it was never started. Audit: the file.
    """
    _refuse_unless(statement, Status.FAILED, Status.CANCELLED)
    if statement.read_at is not None:
        start_matching(act, statement)
        return
    if not statement.asked:
        raise Refused("not_permitted", "Say first what its columns have.")
    _start(act, statement)
    act.emit("statement.started", statement_id=statement.pk)


def start_matching(act: Act, statement: StatementImport) -> None:
    """Have the worker match a statement that was read, for an act that may."""
    _start(act, statement)
    act.emit("statement.read", statement_id=statement.pk)


def _start(act: Act, statement: StatementImport, **values: Any) -> None:
    set_status(
        statement,
        Status.WAITING,
        note="",
        problems=[],
        started_by_id=act.actor.id,
        started_by=act.actor.label,
        **values,
    )
    STATEMENT_TOLD.remember(statement.pk, 0)
    act.changed({"status": statement.status}, {"status": Status.WAITING.value, "file": statement.file_name})


@action(RECONCILIATION_MATCH, audit="statement.cancelled")
def cancel_statement(act: Act, statement: StatementImport) -> None:
    """Stop reading or matching a statement; of the step that is under way nothing stays.

    Who may: `reconciliation:match` at the organization. Effect: it can be resumed; one that was being matched again
    keeps the findings that it had. Refusals: it isn't under way.
    """
    _refuse_unless(statement, Status.WAITING)
    is_again = Reconciliation.objects.filter(statement=statement).exists()
    status = Status.MATCHED if is_again else Status.CANCELLED
    set_status(statement, status)
    act.changed({"status": statement.status}, {"status": status.value, "file": statement.file_name})


@action(RECONCILIATION_MATCH, audit="statement.failed")
def fail_statement(
    act: Act, statement: StatementImport, *, why: str, problems: list[tuple[int, str]]
) -> None:
    """Say why a statement that was started was not read, or not matched; it can be started again."""
    is_again = Reconciliation.objects.filter(statement=statement).exists()
    set_status(
        statement, Status.MATCHED if is_again else Status.FAILED, note=why[:500], problems=problems[:200]
    )
    act.changed({}, {"file": statement.file_name, "why": why[:500]})


def set_status(statement: StatementImport, status: str, **values: Any) -> None:
    """Go on from the state that was seen, unless somebody has gone on from it."""
    rows = StatementImport.objects.filter(pk=statement.pk, status=statement.status)
    if not rows.update(status=status, **values):
        raise _not_now(statement)


def _refuse_unless(statement: StatementImport, *states: str) -> None:
    if statement.status not in states:
        raise _not_now(statement)


def _not_now(statement: StatementImport) -> Refused:
    current = StatementImport.objects.only("status").get(pk=statement.pk)
    return Refused(
        "not_permitted",
        f"This statement is in the state “{current.get_status_display()}” by now. Look at it again.",
    )


def read_file(statement: StatementImport, mapping: Mapping | None) -> Statement:
    """What the file says, line by line; refuses what can't be read, with every bad line by its number."""
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


def check_period(read: Statement, since: date | None, until: date | None) -> tuple[date, date]:
    """The days of a statement: as somebody says, as it says itself, or the months of its lines, which it has to hold."""
    first, last = min(line.on for line in read.lines), max(line.on for line in read.lines)
    since = since or read.since or first.replace(day=1)
    until = until or read.until or _end_of_month(last)
    if until < since:
        raise Refused("invalid", f"{locale.day(until)} is before {locale.day(since)}.", field="until")
    if first < since or last > until:
        raise Refused(
            "invalid",
            f"The statement has lines from {locale.day(first)} to {locale.day(last)}; the period has to take them in.",
            field="since" if first < since else "until",
        )
    return since, until


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


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
