"""Tables and filters of patients."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Prefetch, QuerySet

from core.actors import Actor
from core.tables import FileColumn, PageColumn, TemplateColumn
from orgs.forms.place import PlaceField
from orgs.queries.access import organizations_for, where
from patients.models import Patient, Registration
from patients.permissions import PATIENT_VIEW
from patients.queries.listed import listed_birth_date, search_hint
from patients.queries.patient import patients_at, search_patients
from patients.rules.settings import LISTED_BIRTH_DATES

MOST_PLACES = 2


class PatientFilter(django_filters.FilterSet):
    """Search by name, phone, identifier or birth date; by organization and status."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "maxlength": 100}),
    )
    status = django_filters.ChoiceFilter(choices=Patient.Status.choices, empty_label="Any status")

    class Meta:
        model = Patient
        fields = ["q", "status"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["q"].widget.attrs["placeholder"] = search_hint()

    def search(self, rows: QuerySet[Patient], name: str, value: str) -> QuerySet[Patient]:
        return search_patients(rows, value[:100])


class NetworkPatientFilter(PatientFilter):
    """The same, with the organization to choose."""

    organization = django_filters.CharFilter(method="at")

    class Meta(PatientFilter.Meta):
        fields = ["q", "organization", "status"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = organizations_for(self.request.actor, PATIENT_VIEW)
        self.form.fields["organization"] = PlaceField(
            places, required=False, empty_label="All organizations", label="Organization"
        )
        self.form.order_fields(["q", "organization", "status"])

    def at(self, rows: QuerySet[Patient], name: str, value: Any) -> QuerySet[Patient]:
        return patients_at(value.pk, rows)


def with_places(actor: Actor, rows: QuerySet[Patient]) -> QuerySet[Patient]:
    """Patients with the registrations that the actor may know of, in `places`: one more query for all."""
    known = Registration.objects.filter(where(actor, PATIENT_VIEW, "organization"))
    ordered = known.select_related("organization").order_by("registered_at", "pk")
    return rows.prefetch_related(Prefetch("registrations", ordered, to_attr="places"))


class PatientTable(tables.Table):
    """One patient a row."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "patient" record.pk %}">{{ record.full_name }}</a>'
        "<small>{{ record.phone|default:record.email }}</small>",
        order_by=("family_key", "given_key", "pk"),
        file="full_name",
    )
    birth_date = PageColumn(
        order_by=("birth_date", "family_key", "given_key", "pk"), attrs={"cell": {"class": "nowrap"}}
    )
    gender = tables.Column(orderable=False, attrs={"cell": {"class": "wide-only"}})
    places = tables.Column(verbose_name="Registered at", orderable=False)
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        orderable=False,
        attrs={"cell": {"class": "status"}},
    )

    given_name = FileColumn()
    family_name = FileColumn()
    born_on = FileColumn(accessor="birth_date", verbose_name="Birth date")
    phone = FileColumn()
    email = FileColumn()
    communication_consent = FileColumn(accessor="get_communication_consent_display")
    address = FileColumn()
    city = FileColumn()
    state = FileColumn()
    postal_code = FileColumn()
    country = FileColumn()
    identifiers = FileColumn()

    caption = "Patients"
    row_header = "name"
    noun = "patients"
    empty_title = "No patients yet"
    empty_text = "Patients appear here once they are registered at one of your organizations."

    class Meta:
        model = Patient
        fields = ("name", "birth_date", "gender", "places", "status")
        order_by = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        hidden = () if LISTED_BIRTH_DATES.at_network() != "none" else ("birth_date",)
        super().__init__(*args, exclude=(*self._meta.exclude, *hidden), **kwargs)

    def render_birth_date(self, value: date) -> str:
        return listed_birth_date(value)

    def export_places(self, record: Patient) -> str:
        return "; ".join(one.organization.name for one in getattr(record, "places", ()))

    def export_identifiers(self, record: Patient) -> str:
        return "; ".join(str(one) for one in record.identifiers.all())

    def render_places(self, value: list[Registration]) -> str:
        names = [one.organization.name for one in value]
        more = len(names) - MOST_PLACES
        return ", ".join(names[:MOST_PLACES]) + (f" and {more} more" if more > 0 else "")


class PlainPatientTable(PatientTable):
    """The same without the organizations, on the page of one."""

    class Meta(PatientTable.Meta):
        exclude = ("places",)
