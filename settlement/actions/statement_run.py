"""What the worker does with a statement that was started: reading it, then matching it, each a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from core.access import Denied
from core.actions import Act, action
from core.actors import Actor, SystemActor, UserActor
from core.errors import Refused
from core.progress import Progress, between, silent
from ledger.queries.mutual import book_balance
from settlement.actions.matching import match_lines
from settlement.actions.statement import (
    STATEMENT_TOLD,
    BadLines,
    check_period,
    fail_statement,
    read_file,
    set_status,
    start_statement,
)
from settlement.models import Reconciliation, StatementImport, StatementLine
from settlement.permissions import RECONCILIATION_MATCH
from settlement.queries.reconciliation import reconciliation_of
from settlement.rules.statement_csv import Mapping
from settlement.rules.statement_file import Statement

log = logging.getLogger(__name__)
CHUNK = 5000
PARSED, READ = 15, 40
Status = StatementImport.Status
_WORKER = SystemActor.of("a statement that was started")


class Cancelled(Exception):  # noqa: N818 - somebody's wish
    """Somebody cancelled it while it was under way."""


@action(RECONCILIATION_MATCH, audit="statement.read")
def read_statement(act: Act, statement: StatementImport, *, progress: Progress = silent) -> None:
    """Keep the lines of a statement that was started, as it was asked.

    Who may: `reconciliation:match` at the organization. Refusals: lines that can't be read (`BadLines`), lines outside
    the period. Audit: how many lines, and the period. After commit it is matched.
    """
    progress(1)
    asked = statement.asked
    mapping = Mapping.read(asked["mapping"]) if asked.get("mapping") else None
    read = read_file(statement, mapping)
    since, until = check_period(read, _day(asked, "since"), _day(asked, "until"))
    progress(PARSED)
    _keep(statement, read, between(progress, PARSED, READ))
    moved = sum(line.minor for line in read.lines if line.currency == statement.currency)
    opening = _opening(statement, read, since)
    set_status(
        statement,
        Status.WAITING,
        read_at=Now(),
        line_count=len(read.lines),
        since=since,
        until=until,
        opening_minor=opening,
        closing_minor=opening + moved,
    )
    act.changed({}, {"file": statement.file_name, "lines": len(read.lines), "since": since, "until": until})
    act.emit("statement.read", statement_id=statement.pk)


def _day(asked: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(asked[name]) if asked.get(name) else None


def _opening(statement: StatementImport, read: Statement, since: date) -> int:
    """What the statement says, or whoever started it, or the books."""
    asked: int | None = statement.asked.get("opening")
    if read.opening_minor is not None:
        return read.opening_minor
    return asked if asked is not None else _in_books(statement, since)


def _in_books(statement: StatementImport, since: date) -> int:
    one = statement
    before = since - timedelta(days=1)
    return book_balance(one.organization_id, one.counterparty_id, one.currency, before).minor


def _keep(statement: StatementImport, read: Statement, told: Callable[[int, int], None]) -> None:
    for start in range(0, len(read.lines), CHUNK):
        StatementLine.objects.bulk_create(
            [
                StatementLine(
                    statement=statement,
                    number=line.number,
                    on=line.on,
                    amount_minor=line.minor,
                    currency=line.currency,
                    reference=line.reference,
                    text=line.text,
                )
                for line in read.lines[start : start + CHUNK]
            ]
        )
        told(start + CHUNK, len(read.lines))


@action(RECONCILIATION_MATCH, audit="statement.matched")
def match_statement(act: Act, statement: StatementImport, *, progress: Progress = silent) -> Reconciliation:
    """Match a statement that was read with the books; one that was matched before anew, where nobody has answered.

    Who may: `reconciliation:match` at the organization. Refusals: it was signed off since. Audit: the file.
    """
    progress(READ)
    one = _reconciliation_of(statement)
    if one.is_signed:
        raise Refused("not_permitted", "This reconciliation is signed off. Reopen it with a reason first.")
    match_lines(one, lambda percent: progress(READ + percent * (100 - READ) // 100))
    set_status(statement, Status.MATCHED)
    act.changed({}, {"file": statement.file_name})
    return one


def _reconciliation_of(statement: StatementImport) -> Reconciliation:
    """The reconciliation of a statement, held until it is matched; a new one where it has none."""
    held = Reconciliation.objects.select_for_update().filter(statement=statement).first()
    if held is not None:
        return held
    since, until = statement.since, statement.until
    opening, closing = statement.opening_minor, statement.closing_minor
    if since is None or until is None or opening is None or closing is None:
        raise AssertionError("it was read")
    ours = _in_books(statement, since)
    return Reconciliation.objects.create(
        statement=statement,
        organization_id=statement.organization_id,
        counterparty_id=statement.counterparty_id,
        currency=statement.currency,
        since=since,
        until=until,
        opening_minor=ours,
        closing_minor=ours,
        their_opening_minor=opening,
        their_closing_minor=closing,
        begun_by=statement.started_by,
    )


def match_now(actor: Actor, statement: StatementImport, **asked: Any) -> Reconciliation:
    """Start a statement, and do at once what else the worker does."""
    start_statement(actor, statement, **asked)
    run_reading(statement.pk)
    run_matching(statement.pk)
    return reconciliation_of(statement)


def run_reading(statement_id: int) -> None:
    """Read what was started, as the person who started it: all of it, or nothing and a reason."""
    _run(statement_id, read_statement, is_read=False)


def run_matching(statement_id: int) -> None:
    """Match what was read, as the person who started it: all of it, or nothing and a reason."""
    _run(statement_id, match_statement, is_read=True)


def _run(statement_id: int, step: Callable[..., Any], *, is_read: bool) -> None:
    """One step, unless it was done or cancelled: whoever repeats it after a fault finds it so."""
    waiting = StatementImport.objects.filter(pk=statement_id, status=Status.WAITING)
    statement = (
        waiting.exclude(read_at__isnull=is_read).select_related("organization", "counterparty").first()
    )
    if statement is None:
        return
    try:
        with transaction.atomic():
            step(_starter(statement), statement, progress=_teller(statement))
    except Cancelled:
        return
    except Refused as refusal:
        _fail(statement, refusal.message, refusal.problems if isinstance(refusal, BadLines) else [])
    except Denied:
        _fail(statement, f"{statement.started_by} may no longer match statements here.")
    except Exception:
        log.exception("statement %s failed", statement.pk)
        _fail(statement, "Something went wrong on our side. Start it once more.")


def _starter(statement: StatementImport) -> Actor:
    if statement.started_by_id is None:
        return _WORKER
    return UserActor.of(statement.started_by_id, statement.started_by)


def _fail(statement: StatementImport, why: str, problems: list[tuple[int, str]] | tuple[()] = ()) -> None:
    still = StatementImport.objects.filter(pk=statement.pk, status=Status.WAITING)
    if still.exists():
        fail_statement(_WORKER, statement, why=why, problems=list(problems))


def _teller(statement: StatementImport) -> Progress:
    """Tells how far it is to whoever looks, and hears whether somebody cancelled it."""

    def tell(percent: int) -> None:
        STATEMENT_TOLD.remember(statement.pk, percent)
        if not StatementImport.objects.filter(pk=statement.pk, status=Status.WAITING).exists():
            raise Cancelled

    return tell
