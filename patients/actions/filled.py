"""The only place that writes filled forms: fill, change a draft, mark as entered in error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db.models import F

from content.queries.available import available_at
from content.queries.item import asked_by
from content.rules.answers import Answers, Upload, judge, scores
from content.rules.settings import ATTACHMENT_MEBIBYTES
from core.actions import Act, action
from core.clock import now
from core.errors import Refused, Stale
from core.idempotency import check_key
from orgs.queries.organization import hold_standing
from patients.models import FilledForm, Patient
from patients.permissions import FORM_FILL
from work.actions.file import store_file

if TYPE_CHECKING:
    from orgs.models import Organization

LONGEST_KEY = 80


@action(FORM_FILL, audit="form.filled")
def fill_form(
    act: Act,
    organization: Organization,
    *,
    patient: Patient,
    version_id: int,
    answers: Mapping[str, Any],
    complete: bool,
    key: str,
) -> FilledForm:
    """Fill what is available at an organization for a patient who is registered there, as a draft or complete.

    Who may: form:fill there. Refusals: the patient isn't registered there, a version that isn't available there (any
    more), wrong or missing answers, files that are too large or of another kind, a key that was used for other answers.
    Audit: which version, whether complete and how much was answered; not the answers. The same key and answers give
    the form that was made first.
    """
    check_key(key, LONGEST_KEY)
    asked = _fingerprint(organization, patient, version_id, answers, complete)
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)  # a double click: one after the other
    first = FilledForm.objects.filter(key=key).first()
    if first is not None:
        if first.asked_sha256 != asked:
            raise Refused(
                "idempotency_conflict", "This was kept already, with other answers. Go on with that one."
            )
        act.nothing_happened()
        return first
    hold_standing(organization)
    if organization.status != "active":
        raise Refused(
            "not_permitted", f"{organization.name} is {organization.status}; nothing is filled there."
        )
    if organization.pk not in patient.access_organization_ids:
        raise Refused("not_permitted", f"{patient.full_name} isn’t registered at {organization.name}.")
    if version_id not in {one.version_id for one in available_at(organization.pk)}:
        raise Refused(
            "not_permitted", f"This is not what {organization.name} fills any more. Choose it anew."
        )
    kept, counted = _judged(organization, version_id, answers, complete=complete)
    made = FilledForm.objects.create(
        patient=patient,
        organization_id=organization.pk,
        content_version_id=version_id,
        key=key,
        asked_sha256=asked,
        **_values(act, kept, counted, complete),
    )
    act.about(made)
    act.changed({}, {"version": version_id, "status": made.status, "answered": len(kept)})
    return made


@action(FORM_FILL, audit="form.changed")
def change_filled(
    act: Act, form: FilledForm, *, answers: Mapping[str, Any], complete: bool, version: int
) -> FilledForm:
    """Change the answers of a draft, or complete it; it keeps the version that it was begun with.

    Who may: form:fill at its organization. Refusals: no draft any more, wrong or missing answers, files that are too
    large or of another kind, changed in the meantime. Audit: whether complete and how much was answered.
    """
    if form.status != FilledForm.Status.DRAFT:
        raise Refused("not_permitted", f"It is {form.get_status_display().lower()} and never changes.")
    hold_standing(form.organization)
    if form.organization.status == "archived":
        raise Refused("not_permitted", f"{form.organization.name} is archived; its drafts stay as they are.")
    kept, counted = _judged(
        form.organization, form.content_version_id, answers, complete=complete, former=form.answers
    )
    rows = FilledForm.objects.filter(pk=form.pk, version=version)
    if not rows.update(version=F("version") + 1, **_values(act, kept, counted, complete)):
        raise Stale("form")
    old = {"status": form.status, "answered": len(form.answers)}
    form.refresh_from_db()
    act.changed(old, {"status": form.status, "answered": len(kept)})
    return form


@action(FORM_FILL, audit="form.in_error")
def mark_in_error(act: Act, form: FilledForm, *, reason: str, version: int) -> FilledForm:
    """Say that a form was entered in error, as for the wrong patient. Its answers stay, marked so.

    Who may: form:fill at its organization. Refusals: no reason, marked already, changed in the meantime. Audit: reason.
    """
    if not reason.strip():
        raise Refused("reason_missing", "Say what went wrong.", field="reason")
    if form.status == FilledForm.Status.ENTERED_IN_ERROR:
        raise Refused("not_permitted", "It is marked already.")
    rows = FilledForm.objects.filter(pk=form.pk, version=version)
    values = {"status": FilledForm.Status.ENTERED_IN_ERROR, "reason": reason.strip()[:500]}
    if not rows.update(version=F("version") + 1, **values):
        raise Stale("form")
    act.changed({"status": form.status}, values)
    form.refresh_from_db()
    return form


def _judged(
    organization: Organization,
    version_id: int,
    answers: Mapping[str, Any],
    *,
    complete: bool,
    former: Answers | None = None,
) -> tuple[Answers, dict[str, dict[str, str]]]:
    body = asked_by([version_id])[version_id].body
    kept, wrong = judge(body, answers, complete=complete)
    for link_id, message in wrong.items():
        raise Refused("invalid", message, field=f"a-{link_id}")
    for link_id, answer in kept.items():
        if isinstance(answer, Upload):
            kept[link_id] = _stored(organization, answer, field=f"a-{link_id}")
        elif isinstance(answer, dict) and answer != (former or {}).get(link_id):
            raise Refused("invalid", "That file isn’t this form’s. Choose it again.", field=f"a-{link_id}")
    return kept, scores(body, kept)


def _fingerprint(
    organization: Organization, patient: Patient, version_id: int, answers: Mapping[str, Any], complete: bool
) -> str:
    """Tells a form that is sent again from another one; a file by its name and content."""
    said = {
        link_id: [one.name, sha256(one.content).hexdigest()] if isinstance(one, Upload) else one
        for link_id, one in answers.items()
    }
    asked = [organization.pk, patient.pk, version_id, said, complete]
    return sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def _stored(organization: Organization, upload: Upload, *, field: str) -> dict[str, Any]:
    """The answer that a file is: where its content is found, and what people call it."""
    most = ATTACHMENT_MEBIBYTES.at(organization)
    file = store_file(organization.pk, upload.name, upload.content, most_mebibytes=most, field=field)
    return {"file": file.pk, "name": file.name, "size": file.size}


def _values(act: Act, answers: Answers, counted: dict[str, dict[str, str]], complete: bool) -> dict[str, Any]:
    return {
        "answers": answers,
        "scores": counted,
        "status": FilledForm.Status.COMPLETE if complete else FilledForm.Status.DRAFT,
        "filled_at": now(),
        "filled_by_id": act.actor.id,
        "filled_by": act.actor.label[:200],
    }
