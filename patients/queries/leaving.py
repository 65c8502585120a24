"""What leaving the network means to patients, and what organizations take along of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from content.queries.item import asked_by
from content.rules.body import items_of
from core import locale
from core.access import allowed
from core.actors import Actor
from core.registries import LeaveEffect, Leavers, LeaveStep, RecordTable
from patients.models import FilledForm, Patient, PatientIdentifier, Registration
from patients.permissions import PATIENT_VIEW
from work.queries.file import stored_file

CHUNK = 1000


def effects_of_leaving(actor: Actor, leavers: Leavers) -> Iterator[LeaveEffect]:
    """Whom the network keeps: nobody is taken out of it, and nobody's registration is taken back."""
    at_home = Count("pk", filter=Q(home_organization__in=leavers.ids))
    counts = _patients(leavers).order_by().aggregate(known=Count("pk"), at_home=at_home)
    if counts["known"]:
        may = allowed(actor, PATIENT_VIEW, leavers.top)
        people = locale.counted(counts["known"], "patient")
        yield LeaveEffect(
            LeaveStep.WORK,
            f"{people} known there stay in the network’s records",
            ((f"{locale.number(counts['at_home'])} of them have their home organization there", ""),)
            + ((("Patients", reverse("patient-list")),) if may else ()),
            "Their records go along in its file, and they are served elsewhere as before.",
        )


def own_records(leavers: Leavers) -> Iterator[RecordTable]:
    """Patients who are registered there, their identifiers and registrations, and what was filled there for them."""

    def whose() -> QuerySet[Patient, int]:
        return _patients(leavers).values_list("pk", flat=True)

    yield RecordTable(
        "patients",
        "Patients registered there.",
        "patient, given name, family name, birth date, gender, state, phone, e-mail, communication consent, address, "
        "city, state or province, postal code, country, home organization",
        _people(leavers),
        patient_ids=whose,
    )
    yield RecordTable(
        "identifiers",
        "Their identifiers; of medical record numbers those that were given there.",
        "patient, kind, value, given by",
        _identifiers(leavers),
    )
    yield RecordTable(
        "registrations",
        "Since when each patient is known at which of the organizations.",
        "patient, organization, since, who",
        _registrations(leavers),
    )
    yield RecordTable(
        "forms",
        "Forms that were filled there, one line for each answer, with the question as it was asked.",
        "form, patient, organization, name, version, state, filled, who, question, answer",
        _forms(leavers),
        _attachments(leavers),
        patient_ids=lambda: _filled(leavers).order_by().values_list("patient", flat=True).distinct(),
    )


def _patients(leavers: Leavers) -> QuerySet[Patient]:
    here = Registration.objects.filter(organization__in=leavers.ids, patient=OuterRef("pk"))
    return Patient.objects.filter(Exists(here)).order_by("pk")


def _filled(leavers: Leavers) -> QuerySet[FilledForm]:
    return FilledForm.objects.filter(organization__in=leavers.ids).order_by("pk")


def _people(leavers: Leavers) -> Iterator[Sequence[Any]]:
    for row in _patients(leavers).iterator(CHUNK):
        yield (
            row.pk,
            row.given_name,
            row.family_name,
            row.birth_date,
            row.get_gender_display(),
            row.get_status_display(),
            row.phone,
            row.email,
            row.get_communication_consent_display(),
            row.address,
            row.city,
            row.state,
            row.postal_code,
            row.country,
            leavers.codes.get(row.home_organization_id, "elsewhere"),
        )


def _identifiers(leavers: Leavers) -> Iterator[Sequence[Any]]:
    given = Q(assigner=None) | Q(assigner__in=leavers.ids)
    rows = PatientIdentifier.objects.filter(given, patient__in=_patients(leavers).values("pk"))
    for row in rows.order_by("patient", "pk").iterator(CHUNK):
        yield row.patient_id, row.get_system_display(), row.value, leavers.codes.get(row.assigner_id or 0, "")


def _registrations(leavers: Leavers) -> Iterator[Sequence[Any]]:
    rows = Registration.objects.filter(organization__in=leavers.ids).order_by("patient", "pk")
    for row in rows.iterator(CHUNK):
        yield row.patient_id, leavers.codes[row.organization_id], row.registered_at, row.registered_by


def _forms(leavers: Leavers) -> Iterator[Sequence[Any]]:
    asked = asked_by(_filled(leavers).order_by().values_list("content_version", flat=True).distinct())
    for row in _filled(leavers).iterator(CHUNK):
        form = asked[row.content_version_id]
        about = (
            row.pk,
            row.patient_id,
            leavers.codes[row.organization_id],
            form.name,
            form.number,
            row.get_status_display(),
            row.filled_at,
            row.filled_by,
        )
        questions = {item["linkId"]: item["text"] for item in items_of(form.body)}
        answers = {**row.answers, **row.scores}
        for link_id, answer in answers.items():
            yield *about, questions.get(link_id, link_id), _said(answer)
        if not answers:
            yield *about, "", ""


def _said(answer: Any) -> str:
    """An answer as text; of a file the name that it has among the files."""
    if _is_file(answer):
        return _file_name(answer)
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def _attachments(leavers: Leavers) -> Iterator[tuple[str, bytes]]:
    for row in _filled(leavers).iterator(CHUNK):
        for answer in row.answers.values():
            file = stored_file(answer["file"]) if _is_file(answer) else None
            if file is not None:
                yield _file_name(answer), bytes(file.content)


def _is_file(answer: Any) -> bool:
    return isinstance(answer, dict) and "file" in answer


def _file_name(answer: dict[str, Any]) -> str:
    return f"{answer['file']}-{answer['name']}"
