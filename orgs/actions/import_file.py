"""Files of organizations that are sent, looked through, and then imported by the worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from itertools import islice

from django.db import transaction
from django.db.models.functions import Now

from core.access import Denied
from core.actions import Act, action
from core.actors import SystemActor, UserActor
from core.clock import now
from core.errors import Refused
from core.files import check_readable, harmless_name
from orgs.actions.imports import Changed, import_organizations
from orgs.imports.plan import Change, Plan, plan
from orgs.imports.progress import IMPORT_TOLD
from orgs.imports.recognize import FORMS, recognized
from orgs.imports.row import ERROR, MOST_BYTES, WARNING, Read, Row, Unreadable
from orgs.models import ImportLine, Organization, OrganizationImport
from orgs.permissions import ORGANIZATION_IMPORT
from orgs.queries import tree
from orgs.queries.import_file import files_untouched_since
from orgs.queries.imports import known_organizations
from orgs.rules.settings import IMPORT_FILE_DAYS

log = logging.getLogger(__name__)
CHUNK = 2000
Status, Outcome = OrganizationImport.Status, ImportLine.Outcome


class Cancelled(Exception):  # noqa: N818 - somebody's wish
    """Somebody cancelled the import while it was under way."""


@action(ORGANIZATION_IMPORT, audit="organization_import.sent")
def send_import(
    act: Act, root: Organization, *, file_name: str, content: bytes, per_branch: bool
) -> OrganizationImport:
    """Keep a file below the network's parent organization, and make its dry run; writes no organization.

    Who may: `organization:import` at the parent organization. Refusals: a file that can't be read. Audit: the file's
    name and what it would do.
    """
    check_readable(file_name, len(content), MOST_BYTES)
    try:
        form, read = recognized(content)
    except Unreadable as wrong:
        raise Refused("invalid", str(wrong), field="file") from None
    made = plan(read, known_organizations(), per_branch=per_branch)
    imported = OrganizationImport.objects.create(
        organization=root,
        file_name=harmless_name(file_name),
        form=FORMS[form],
        content=content,
        sha256=sha256(content).hexdigest(),
        per_branch=per_branch,
        made_by_id=act.actor.id,
        made_by=act.actor.label,
        **_result(made),
    )
    _write_lines(imported, made)
    act.about(imported)
    act.changed({}, {"file": imported.file_name, "new": len(made.new), "changed": len(made.changed)})
    return imported


@action(ORGANIZATION_IMPORT, audit="organization_import.compared")
def compare_again(act: Act, imported: OrganizationImport, *, per_branch: bool) -> None:
    """Make the dry run anew, with the organizations as they are now.

    Who may: `organization:import` at the parent organization. Refusals: one that is under way or done, a file that was
    deleted. Audit: how.
    """
    _refuse_unless(imported, Status.CHECKED, Status.FAILED, Status.CANCELLED)
    _refuse_without_file(imported)
    _compare(imported, recognized(imported.file_bytes)[1], per_branch=per_branch)
    act.changed({}, {"file": imported.file_name, "per_branch": per_branch})


@action(ORGANIZATION_IMPORT, audit="organization_import.started")
def start_import(act: Act, imported: OrganizationImport, *, shown: str) -> None:
    """Have the worker import exactly what the dry run with the fingerprint `shown` said.

    Who may: `organization:import` at the parent organization, and still when the worker begins. Refusals: another dry
    run than the one shown, errors without `per_branch`, nothing to do, another import of the network under way, a file
    that was deleted.
    """
    _refuse_unless(imported, Status.CHECKED)
    _refuse_without_file(imported)
    if imported.fingerprint != shown:
        raise Refused("changed", "The file was compared again in the meantime. Look at the new dry run.")
    if imported.refused_count and not imported.per_branch:
        raise Refused(
            "invalid", "The file has errors. Correct them, or leave out the branches that have one."
        )
    if not imported.writes:
        raise Refused("nothing", "There is nothing to import: 0 changes.")
    checked = OrganizationImport.objects.filter(pk=imported.pk, status=Status.CHECKED, fingerprint=shown)
    if not checked.update(
        status=Status.WAITING, note="", started_by_id=act.actor.id, started_by=act.actor.label
    ):
        raise _not_now(imported)
    act.changed({"status": imported.status}, {"status": Status.WAITING.value, "file": imported.file_name})
    IMPORT_TOLD.remember(imported.pk, 0)
    act.emit("organization_import.started", import_id=imported.pk)


@action(ORGANIZATION_IMPORT, audit="organization_import.cancelled")
def cancel_import(act: Act, imported: OrganizationImport) -> None:
    """Put a dry run aside, or stop an import that isn't done; what it wrote so far is undone.

    Who may: `organization:import` at the parent organization. Refusals: one that has ended.
    """
    _refuse_unless(imported, Status.CHECKED, Status.WAITING)
    _end(imported, Status.CANCELLED, from_status=imported.status)
    act.changed({"status": imported.status}, {"status": Status.CANCELLED.value, "file": imported.file_name})


@action(ORGANIZATION_IMPORT, audit="organization_import.failed")
def fail_import(act: Act, imported: OrganizationImport, *, why: str) -> None:
    """Say why an import that was started wrote nothing; it can be compared and started again."""
    _end(imported, Status.FAILED, from_status=Status.WAITING, note=why[:500])
    act.changed({}, {"file": imported.file_name, "why": why[:500]})


@action(ORGANIZATION_IMPORT, audit="organization_import.file_removed")
def remove_file(act: Act, imported: OrganizationImport) -> None:
    """Delete a file that was kept long enough, and the lines of its dry run, which repeat it; the rest stays.

    Who may: `organization:import` at the parent organization; the worker. Refusals: it is being imported, it is deleted
    already. Audit: the file's name and its SHA-256.
    """
    settled = OrganizationImport.objects.filter(pk=imported.pk, file_removed_at=None)
    if not settled.exclude(status=Status.WAITING).update(content=None, file_removed_at=Now()):
        raise _not_now(imported)
    ImportLine.objects.filter(imported=imported).delete()
    act.changed({"file": imported.file_name, "sha256": imported.sha256}, {"file": None})


def remove_old_files() -> int:
    """Delete the files of the bound network that were kept as long as its setting says; returns how many."""
    days = IMPORT_FILE_DAYS.at(tree.root())
    worker = SystemActor.of(f"files of imports are kept for {IMPORT_FILE_DAYS.show(days)}")
    old = files_untouched_since(now() - timedelta(days=days))
    for imported in old:
        remove_file(worker, imported)
    return len(old)


def run_import(imported: OrganizationImport) -> None:
    """Import what was started, as the person who started it: all of it, or nothing and a reason."""
    person = UserActor.of(imported.started_by_id or 0, imported.started_by)
    try:
        with transaction.atomic():
            read = recognized(imported.file_bytes)[1]
            import_organizations(
                person,
                imported.organization,
                read=read,
                per_branch=imported.per_branch,
                shown=imported.fingerprint,
                progress=_teller(imported),
            )
            _end(imported, Status.IMPORTED, from_status=Status.WAITING)
    except Cancelled:
        return
    except Changed as changed:
        _compare(imported, read, per_branch=imported.per_branch, note=changed.message)
    except Refused as refusal:
        _fail(imported, refusal.message)
    except Denied:
        _fail(imported, f"{imported.started_by} may no longer import organizations.")
    except Exception:
        log.exception("import %s failed", imported.pk)
        _fail(imported, "Something went wrong on our side. Compare the file again and start it once more.")


def _fail(imported: OrganizationImport, why: str) -> None:
    fail_import(SystemActor.of("an import that was started"), imported, why=f"Nothing was imported. {why}")


def _teller(imported: OrganizationImport) -> Callable[[int], None]:
    """Tells how far it is to whoever looks, and hears whether somebody cancelled it."""

    def tell(percent: int) -> None:
        IMPORT_TOLD.remember(imported.pk, percent)
        if not OrganizationImport.objects.filter(pk=imported.pk, status=Status.WAITING).exists():
            raise Cancelled

    return tell


def _end(imported: OrganizationImport, status: str, *, from_status: str, note: str = "") -> None:
    """End it, unless somebody ended it first."""
    rows = OrganizationImport.objects.filter(pk=imported.pk, status=from_status)
    if not rows.update(status=status, ended_at=Now(), note=note):
        raise Cancelled if status == Status.IMPORTED else _not_now(imported)


def _refuse_unless(imported: OrganizationImport, *states: str) -> None:
    if imported.status not in states:
        raise _not_now(imported)


def _refuse_without_file(imported: OrganizationImport) -> None:
    """Refuse what has no file any more; what has one keeps it until this is committed."""
    with_file = OrganizationImport.objects.filter(pk=imported.pk, file_removed_at=None)
    if with_file.select_for_update().values_list("pk").first() is None:
        raise Refused("not_permitted", f"{imported.file_name} was deleted. Send the file again.")


def _not_now(imported: OrganizationImport) -> Refused:
    current = OrganizationImport.objects.only("status").get(pk=imported.pk)
    return Refused(
        "not_permitted",
        f"This import is in the state “{current.get_status_display()}” by now. Look at it again.",
    )


def _compare(imported: OrganizationImport, read: Read, *, per_branch: bool, note: str = "") -> None:
    made = plan(read, known_organizations(), per_branch=per_branch)
    OrganizationImport.objects.filter(pk=imported.pk).update(
        status=Status.CHECKED, ended_at=None, per_branch=per_branch, note=note, **_result(made)
    )
    ImportLine.objects.filter(imported=imported).delete()
    _write_lines(imported, made)


def _result(made: Plan) -> dict[str, int | str]:
    return {
        "fingerprint": made.fingerprint,
        "new_count": len(made.new),
        "changed_count": len(made.changed),
        "equal_count": made.equal,
        "refused_count": made.refused,
        "warning_count": sum(one.level == WARNING for one in made.problems),
        "left_out_count": len(made.withheld),
    }


def _write_lines(imported: OrganizationImport, made: Plan) -> None:
    lines = _lines(imported, made)
    while chunk := list(islice(lines, CHUNK)):
        ImportLine.objects.bulk_create(chunk)


def _lines(imported: OrganizationImport, made: Plan) -> Iterator[ImportLine]:
    """Errors first, then what is worth a look, what is left out, changed and new."""
    problems = sorted(made.problems, key=lambda one: one.number)
    errors = [one for one in problems if one.level == ERROR]
    warnings = [one for one in problems if one.level == WARNING]
    told = {one.code for one in errors}
    left_out = [code for code in made.withheld if code not in told]
    every = [
        *((Outcome.ERROR, one.sort, one.where, one.code, one.value, one.text) for one in errors),
        *((Outcome.WARNING, one.sort, one.where, one.code, one.value, one.text) for one in warnings),
        *((Outcome.LEFT_OUT, "left_out", "", code, "", "Its branch has an error.") for code in left_out),
        *((Outcome.CHANGED, "", one.row.where, one.row.code, "", _changes(one)) for one in made.changed),
        *(
            (Outcome.NEW, "", row.where, row.code, row.values.get("name", ""), _addition(row))
            for row in made.new
        ),
    ]
    for position, (outcome, sort, place, code, value, text) in enumerate(every, start=1):
        yield ImportLine(
            imported=imported,
            position=position,
            outcome=outcome,
            sort=sort,
            place=place[:120],
            code=code[:60],
            value=value[:200],
            text=text[:1000],
        )


def _changes(one: Change) -> str:
    return "; ".join(f"{name}: {old or '–'} → {new or '–'}" for name, (old, new) in one.fields.items())


def _addition(row: Row) -> str:
    return f"{row.kind.replace('_', ' ').capitalize()} under {row.parent}"
