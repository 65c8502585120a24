"""Files of redemptions from the console: sent, checked by the worker, and then redeemed by it a batch at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from core import locale
from core.access import Denied
from core.actions import Act, action
from core.actors import Actor, SystemActor, UserActor
from core.clock import now
from core.errors import Refused
from core.files import MEBIBYTE, check_readable, harmless_name
from core.ports import socket
from core.progress import Told
from ledger.actions.redemption_file import BATCH, Redemptions, Result, redeem_batch
from ledger.models import RedemptionImport, RedemptionImportLine
from ledger.permissions import REDEMPTION_IMPORT
from ledger.queries.redemption_import import lines_ahead, settled_before
from ledger.rules.redemption_file import AskedLine, UnreadableError, WrongLine, read_redemptions
from orgs.queries import tree
from orgs.rules.settings import IMPORT_FILE_DAYS

if TYPE_CHECKING:
    from orgs.models import Organization

log = logging.getLogger(__name__)
MOST_BYTES = 16 * MEBIBYTE
CHECKED_TOLD = Told("redemption-import")
Status, Outcome = RedemptionImport.Status, RedemptionImportLine.Outcome
SENT, STARTED = "redemption_import.sent", "redemption_import.started"
_WORKER = SystemActor.of("an import of redemptions")


class Cancelled(Exception):  # noqa: N818 - somebody's wish
    """Somebody stopped the check while it was under way."""


@action(REDEMPTION_IMPORT, audit="redemption_import.sent")
def send_redemptions(act: Act, root: Organization, *, file_name: str, content: bytes) -> RedemptionImport:
    """Keep a file, and have the worker check what each of its lines would come to; nothing is redeemed.

    Who may: `redemption:import` at the parent organization. Refusals: a file that is too large, can't be read or has no
    line. Audit: the file's name and its SHA-256.
    """
    check_readable(file_name, len(content), MOST_BYTES)
    asked, wrong = _read(content)
    if not asked and not wrong:
        raise Refused("invalid", "The file has no redemption below its first line.", field="file")
    imported = RedemptionImport.objects.create(
        organization=root,
        file_name=harmless_name(file_name),
        content=content,
        sha256=sha256(content).hexdigest(),
        sent_by_id=act.actor.id,
        sent_by=act.actor.label,
    )
    act.about(imported)
    act.changed({}, {"file": imported.file_name, "sha256": imported.sha256})
    act.emit(SENT, import_id=imported.pk)
    return imported


@action(REDEMPTION_IMPORT, audit="redemption_import.started")
def start_redemptions(act: Act, imported: RedemptionImport) -> None:
    """Have the worker redeem the lines that are neither redeemed nor posted before, or go on where it was stopped.

    Who may: `redemption:import` at the parent organization, and still when the worker takes a batch; besides
    `entitlement:redeem` there and where each line was redeemed. What the check refused is tried again: it may be
    redeemable by now. Refusals: it is under way, nothing is left to try, its lines were deleted. Audit: the file's name.
    """
    _refuse_unless(imported, Status.CHECKED, Status.CANCELLED, Status.FAILED, Status.REDEEMED)
    if imported.lines_removed_at is not None:
        raise Refused(
            "not_permitted", f"The lines of {imported.file_name} were deleted. Send the file again."
        )
    again = imported.status in (Status.CHECKED, Status.REDEEMED)
    position = 0 if again else imported.position
    if not lines_ahead(imported, position).exists():
        raise Refused("not_permitted", "No line of this file is left to redeem.")
    _go_on(
        imported,
        Status.WAITING,
        position=position,
        note="",
        ended_at=None,
        started_by_id=act.actor.id,
        started_by=act.actor.label,
    )
    act.changed({"status": imported.status}, {"status": Status.WAITING.value, "file": imported.file_name})
    act.emit(STARTED, import_id=imported.pk)


@action(REDEMPTION_IMPORT, audit="redemption_import.stopped")
def stop_redemptions(act: Act, imported: RedemptionImport) -> None:
    """Stop the check or the redeeming of a file; the batches that were redeemed stay, and it can be gone on with.

    Who may: `redemption:import` at the parent organization. Refusals: it isn't under way. Audit: the file's name.
    """
    _refuse_unless(imported, Status.SENT, Status.WAITING)
    _go_on(imported, Status.CANCELLED, content=None, ended_at=Now())
    act.changed({"status": imported.status}, {"status": Status.CANCELLED.value, "file": imported.file_name})


@action(REDEMPTION_IMPORT, audit="redemption_import.failed")
def fail_redemptions(act: Act, imported: RedemptionImport, *, why: str) -> None:
    """Say why a file was not checked, or not redeemed any further."""
    _go_on(imported, Status.FAILED, content=None, ended_at=Now(), note=why[:500])
    act.changed({}, {"file": imported.file_name, "why": why[:500]})


@action(REDEMPTION_IMPORT, audit="redemption_import.lines_removed")
def remove_lines(act: Act, imported: RedemptionImport) -> None:
    """Delete the lines of a file that were kept long enough; what was redeemed stays in the ledger.

    Who may: `redemption:import` at the parent organization; the worker. Refusals: it is under way. Audit: the file.
    """
    _go_on(imported, imported.status, lines_removed_at=Now())
    RedemptionImportLine.objects.filter(imported=imported).delete()
    act.changed({"file": imported.file_name, "lines": imported.line_count}, {"file": None, "lines": None})


def remove_old_lines() -> int:
    """Delete the lines of the bound network that were kept as long as its setting says; returns of how many files."""
    days = IMPORT_FILE_DAYS.at(tree.root())
    worker = SystemActor.of(f"files of imports are kept for {IMPORT_FILE_DAYS.show(days)}")
    old = settled_before(now() - timedelta(days=days))
    for imported in old:
        remove_lines(worker, imported)
    return len(old)


def check_sent(ids: dict[str, int]) -> None:
    """`redemption_import.sent`: read the lines and say what each would come to, as whoever sent them."""
    imported = _found(ids, Status.SENT)
    if imported is None:
        return
    try:
        with transaction.atomic():
            _check(imported)
    except Cancelled:
        return
    except Exception:
        log.exception("import %s of redemptions failed", imported.pk)
        fail_redemptions(_WORKER, imported, why="Something went wrong on our side. Send the file again.")


def redeem_next(ids: dict[str, int]) -> None:
    """`redemption_import.started`: redeem the next batch as whoever started it, and ask for the one after it.

    What goes wrong otherwise undoes the batch alone, which the relay tries again.
    """
    imported = _found(ids, Status.WAITING, for_update=True)
    if imported is None:
        return
    lines = list(lines_ahead(imported, imported.position)[:BATCH])
    try:
        with transaction.atomic():
            person = _person(imported.started_by_id, imported.started_by)
            results = redeem_batch(
                person,
                imported.organization,
                batch=[_asked(one) for one in lines],
                file_name=imported.file_name,
            )
    except Refused as refusal:
        fail_redemptions(_WORKER, imported, why=refusal.message)
    except Denied:
        fail_redemptions(_WORKER, imported, why=f"{imported.started_by} may no longer redeem entitlements.")
    else:
        _keep(imported, lines, results)
        if len(lines) < BATCH:
            _go_on(imported, Status.REDEEMED, ended_at=Now())
        else:
            socket.outbox.put(STARTED, ids)


def _check(imported: RedemptionImport) -> None:
    asked, wrong = _read(bytes(imported.content or b""))
    redemptions = Redemptions(_person(imported.sent_by_id, imported.sent_by), posting=False)
    position = 0
    for one in _batches(wrong):
        RedemptionImportLine.objects.bulk_create(
            _unreadable(imported, position + n, line) for n, line in enumerate(one, 1)
        )
        position += len(one)
    counts = dict.fromkeys(Outcome, 0) | {Outcome.REFUSED: len(wrong)}
    for batch in _batches(asked):
        lines = [_line(imported, position + n, result) for n, result in enumerate(redemptions.take(batch), 1)]
        redemptions.records.clear()
        RedemptionImportLine.objects.bulk_create(lines)
        for line in lines:
            counts[Outcome(line.outcome)] += 1
        position += len(lines)
        _tell(imported, 100 * position // (len(asked) + len(wrong)))
    checked = RedemptionImport.objects.filter(pk=imported.pk, status=Status.SENT)
    if not checked.update(
        status=Status.CHECKED,
        content=None,
        ended_at=Now(),
        line_count=position,
        open_count=counts[Outcome.OPEN],
        repeated_count=counts[Outcome.REPEATED],
        refused_count=counts[Outcome.REFUSED],
    ):
        raise Cancelled


def _tell(imported: RedemptionImport, percent: int) -> None:
    """Tells how far it is to whoever looks, and hears whether somebody stopped it."""
    CHECKED_TOLD.remember(imported.pk, percent)
    if not RedemptionImport.objects.filter(pk=imported.pk, status=Status.SENT).exists():
        raise Cancelled


def _keep(
    imported: RedemptionImport, lines: Sequence[RedemptionImportLine], results: Sequence[Result]
) -> None:
    """What became of a batch, on its lines and in the counts."""
    change = dict.fromkeys(Outcome, 0)
    for line, result in zip(lines, results, strict=True):
        change[Outcome(line.outcome)] -= 1
        line.outcome, line.code, line.text = (
            _outcome(result, Outcome.REDEEMED),
            result.code,
            result.text[:500],
        )
        change[Outcome(line.outcome)] += 1
    redeemed = [line.pk for line in lines if line.outcome == Outcome.REDEEMED]
    RedemptionImportLine.objects.filter(pk__in=redeemed).update(outcome=Outcome.REDEEMED, code="", text="")
    others = [line for line in lines if line.outcome != Outcome.REDEEMED]
    RedemptionImportLine.objects.bulk_update(others, ["outcome", "code", "text"])
    RedemptionImport.objects.filter(pk=imported.pk).update(
        position=lines[-1].position if lines else F("position"),
        **{f"{outcome}_count": F(f"{outcome}_count") + number for outcome, number in change.items()},
    )


def _read(content: bytes) -> tuple[list[AskedLine], list[WrongLine]]:
    try:
        return read_redemptions(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused(
            "invalid",
            f"The file is no UTF-8: byte {locale.number(error.start + 1)} can't be read.",
            field="file",
        ) from None
    except UnreadableError as error:
        raise Refused("invalid", str(error), field="file") from None


def _batches(every: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (every[start : start + BATCH] for start in range(0, len(every), BATCH))


def _unreadable(imported: RedemptionImport, position: int, line: WrongLine) -> RedemptionImportLine:
    return RedemptionImportLine(
        imported=imported,
        position=position,
        number=line.number,
        key=line.key,
        outcome=Outcome.REFUSED,
        code="invalid",
        text=line.problem[:500],
    )


def _line(imported: RedemptionImport, position: int, result: Result) -> RedemptionImportLine:
    asked = result.line
    return RedemptionImportLine(
        imported=imported,
        position=position,
        number=asked.number,
        key=asked.key,
        entitlement=asked.entitlement,
        service=asked.service,
        quantity=asked.quantity,
        on=asked.on,
        organization=asked.organization,
        patient=asked.patient,
        outcome=_outcome(result, Outcome.OPEN),
        code=result.code,
        text=result.text[:500],
    )


def _outcome(result: Result, otherwise: str) -> str:
    if result.code:
        return Outcome.REFUSED
    return Outcome.REPEATED if result.is_repeated else otherwise


def _asked(line: RedemptionImportLine) -> AskedLine:
    assert line.quantity is not None
    assert line.on is not None
    return AskedLine(
        line.number,
        line.key,
        line.entitlement,
        line.service,
        line.quantity,
        line.on,
        line.organization,
        line.patient,
    )


def _person(pk: int | None, name: str) -> Actor:
    return _WORKER if pk is None else UserActor.of(pk, name)


def _found(ids: dict[str, int], status: str, *, for_update: bool = False) -> RedemptionImport | None:
    """The import, unless it has gone on meanwhile or the same event was handled before."""
    rows = RedemptionImport.objects.filter(pk=ids["import_id"], status=status).select_related("organization")
    return (rows.select_for_update(of=("self",)) if for_update else rows).first()


def _go_on(imported: RedemptionImport, status: str, **values: object) -> None:
    """Go on from the state that was seen, unless somebody has gone on from it."""
    seen = RedemptionImport.objects.filter(
        pk=imported.pk, status=imported.status, lines_removed_at=imported.lines_removed_at
    )
    if not seen.update(status=status, **values):
        raise _not_now(imported)


def _refuse_unless(imported: RedemptionImport, *states: str) -> None:
    if imported.status not in states:
        raise _not_now(imported)


def _not_now(imported: RedemptionImport) -> Refused:
    current = RedemptionImport.objects.only("status").get(pk=imported.pk)
    return Refused(
        "not_permitted",
        f"This import is in the state “{current.get_status_display()}” by now. Look at it again.",
    )
