"""The only place that writes patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from django.db import connection

from core.actions import Act, action
from core.clock import today_in
from core.errors import Refused, Stale
from core.settings import why
from core.tenancy import bound_network_id
from orgs.queries.access import is_allowed
from patients.actions.details import Details, details_of, fill
from patients.actions.identifier import NewIdentifier, refuse_taken, tidied, write_identifiers
from patients.actions.registration import refuse_place, refuse_where_off, write_registration
from patients.actions.required import refuse_missing
from patients.models import Patient, SearchWord
from patients.permissions import PATIENT_EDIT, PATIENT_REGISTER
from patients.queries.duplicates import Duplicates, Likeness, possible_duplicates
from patients.rules.keys import search_words
from patients.rules.modules import REGISTRATION
from patients.rules.settings import DUPLICATE_CHECK

if TYPE_CHECKING:
    from orgs.models import Organization

BIRTH_DATE_LOCK = 3


class PossibleDuplicate(Refused):
    """The person may be known already; `duplicates` says as whom. Confirming registers anyway, unless it is `final`."""

    def __init__(self, duplicates: Duplicates, *, final: str = "") -> None:
        self.duplicates = duplicates
        self.final = bool(final)
        super().__init__(
            "possible_duplicate",
            f"This person may be registered already. Compare, then open the right patient. {final}"
            if final
            else "This person may be registered already. Compare, then open the right patient, or tick “Register "
            "anyway”.",
        )


@action(PATIENT_REGISTER, audit="patient.registered")
def register_patient(
    act: Act,
    organization: Organization,
    *,
    details: Details,
    identifiers: Sequence[NewIdentifier] = (),
    confirmed: bool = False,
) -> Patient:
    """Register a new patient at an organization, which becomes the home organization.

    Who may: `patient:register` there. Refusals: invalid details, an identifier that another patient has, a
    third party or an organization that isn't active, one where registration is off (`module_off`); `PossibleDuplicate` when somebody of the network has the
    same name and birth date, phone or identifier, unless `confirmed` or as the organization's policy says; a missing
    identifier or phone where the organization asks for one. Audit: `patient.registered`.
    """
    refuse_place(organization)
    REGISTRATION.require_at(organization, field="organization")
    patient = Patient(home_organization_id=organization.pk)
    fill(patient, details, today=today_in(organization.time_zone))
    given = tidied(identifiers, home=organization)
    refuse_missing(organization, phone=patient.phone, identifiers=given)
    refuse_taken(given)
    check = DUPLICATE_CHECK.at(organization)
    if check == "refuse" or (check == "warn" and not confirmed):
        _lock_birth_date(patient.birth_date)
        _refuse_duplicate(
            act, patient, given, final=why(DUPLICATE_CHECK, organization) if check == "refuse" else ""
        )
    patient.save(force_insert=True)
    write_registration(act.actor, patient, organization)
    written = write_identifiers(patient, given)
    _index(patient)
    act.about(patient)
    act.changed({}, asdict(details_of(patient)) | {"identifiers": written, "at": organization.name})
    return patient


@action(PATIENT_EDIT, audit="patient.edited")
def edit_patient(
    act: Act,
    patient: Patient,
    *,
    details: Details,
    identifiers: Sequence[NewIdentifier] | None = None,
    version: int,
) -> Patient:
    """Change a patient's details, and all of the identifiers unless they are None.

    Who may: `patient:edit` at an organization where the patient is registered. Refusals: stale version, invalid
    details, an identifier that another patient has, taking away the last identifier or the phone where the home
    organization asks for one. Audit: old and new values.
    """
    current = _locked(patient, version)
    home = current.home_organization
    old = asdict(details_of(current))
    had_phone = bool(current.phone)
    fill(current, details, today=today_in(home.time_zone))
    if had_phone:
        refuse_missing(home, phone=current.phone)
    if identifiers is not None:
        before = sorted(str(one) for one in current.identifiers.all())
        given = tidied(identifiers, home=home)
        if before:
            refuse_missing(home, identifiers=given)
        refuse_taken(given, besides=current.pk)
        act.changed({"identifiers": before}, {"identifiers": write_identifiers(current, given)})
    current.version += 1
    current.save()
    _index(current)
    act.changed(old, asdict(details_of(current)))
    return current


@action(PATIENT_EDIT, audit="patient.home_changed")
def set_home_organization(act: Act, patient: Patient, *, to: Organization, version: int) -> Patient:
    """Make another organization a patient's home; the patient is registered there too.

    Who may: `patient:edit` at the present home organization and `patient:register` at the new one. Refusals:
    the same home, a third party, an organization that isn't active, a stale version. Audit: old and new home.
    """
    current = _locked(patient, version)
    old = current.home_organization
    if not is_allowed(act.actor, PATIENT_EDIT, old.pk):
        raise Refused(
            "not_permitted",
            "Only the present home organization can hand the patient over.",
            field="organization",
        )
    if not is_allowed(act.actor, PATIENT_REGISTER, to.pk):
        raise Refused("not_permitted", f"You may not register patients at {to.name}.", field="organization")
    if old.pk == to.pk:
        raise Refused("not_permitted", f"{to.name} is the home organization already.", field="organization")
    refuse_place(to)
    if to.pk not in current.access_organization_ids:
        refuse_where_off(act.actor, to)
    write_registration(act.actor, current, to)
    current.home_organization_id = to.pk
    current.version += 1
    current.save(update_fields=["home_organization", "version"])
    act.changed({"home_organization": old.name}, {"home_organization": to.name})
    return current


def _lock_birth_date(birth_date: date) -> None:
    """Registrations of one birth date wait for each other, so that a double click warns instead of doubling."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
            [BIRTH_DATE_LOCK, f"{bound_network_id()}:{birth_date}"],
        )


def _refuse_duplicate(act: Act, patient: Patient, given: Sequence[NewIdentifier], *, final: str) -> None:
    values = tuple(one.value for one in given)
    like = Likeness(patient.given_name, patient.family_name, patient.birth_date, patient.phone, values)
    duplicates = possible_duplicates(act.actor, like)
    if duplicates:
        raise PossibleDuplicate(duplicates, final=final)


def _locked(patient: Patient, version: int) -> Patient:
    locked = Patient.objects.select_for_update(of=("self",)).select_related("home_organization")
    current = locked.get(pk=patient.pk)
    if current.version != version:
        raise Stale("patient")
    return current


def _index(patient: Patient) -> None:
    """Rewrite the words by which the patient is found, touching only what differs."""
    values = list(patient.identifiers.values_list("value", flat=True))
    wanted = search_words(patient.given_name, patient.family_name, patient.phone, values)
    words = SearchWord.objects.filter(patient=patient)
    present = set(words.values_list("word", flat=True))
    words.filter(word__in=present - wanted).delete()
    SearchWord.objects.bulk_create(
        SearchWord(patient=patient, word=word) for word in sorted(wanted - present)
    )
