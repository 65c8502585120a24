"""Forms about organizations."""

from __future__ import annotations

from typing import Any

from django import forms

from core import locale
from core.clock import time_zones
from core.money import CURRENCIES
from core.validators import validate_day
from orgs.actions.organization import Contract, Details
from orgs.forms.place import PlaceField, PlacesField
from orgs.models import Affiliation, Organization

MOST_MOVED = 100

_ROLE_CODES = [
    ("provider", "Provider"),
    ("diagnostics", "Diagnostics"),
    ("laboratory", "Laboratory"),
    ("imaging", "Imaging"),
    ("pharmacy", "Pharmacy"),
    ("payer", "Payer"),
    ("supplier", "Supplier"),
]


def date_field(**kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, validators=[validate_day], **kwargs)


class DetailsForm(forms.ModelForm):
    """Name, code and how to reach an organization."""

    time_zone = forms.CharField(
        max_length=60,
        help_text="For example Asia/Kolkata or America/Los_Angeles.",
        widget=forms.TextInput(attrs={"list": "zones"}),
    )

    class Meta:
        model = Organization
        fields = [
            "name",
            "code",
            "time_zone",
            "phone",
            "email",
            "address",
            "city",
            "state",
            "postal_code",
            "country",
        ]
        help_texts = {"code": "Short and unique in the network.", "country": "Two letters, as in IN or US."}

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"].strip()
        if zone not in time_zones():
            raise forms.ValidationError(f"“{zone}” is not an IANA time zone, such as Asia/Kolkata.")
        return zone

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).strip().upper()

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).strip().upper()
        if country and (len(country) != 2 or not country.isalpha()):
            raise forms.ValidationError(f"“{country}” is not a two-letter country code.")
        return country

    def details(self) -> Details:
        return Details(**{name: self.cleaned_data[name] for name in Details.__dataclass_fields__})


class ContractFields(forms.Form):
    """The terms of a partner's or third party's contract."""

    legal_basis = forms.CharField(
        max_length=200, required=False, help_text="The contract or law that the cooperation rests on."
    )
    contract_number = forms.CharField(max_length=80, required=False)
    role_codes = forms.MultipleChoiceField(
        choices=_ROLE_CODES, required=False, label="Roles", widget=forms.CheckboxSelectMultiple
    )
    starts_on = date_field(required=False, label="First day")
    ends_on = date_field(required=False, label="Last day")

    def contract(self) -> Contract:
        data = self.cleaned_data
        return Contract(
            data["legal_basis"],
            data["starts_on"],
            data["ends_on"],
            data["contract_number"],
            tuple(data["role_codes"]),
        )


class OrganizationAddForm(ContractFields, DetailsForm):
    """A new organization; a partner and a third party come with their contract."""

    kind = forms.ChoiceField(
        choices=[choice for choice in Organization.Kind.choices if choice[0] != "parent"]
    )
    currency = forms.ChoiceField(
        choices=[("", "That of the organization above"), *((code, code) for code in sorted(CURRENCIES))],
        required=False,
        help_text="In which it keeps its books. It never changes.",
    )

    field_order = ["kind", "name", "code", "time_zone", "currency"]
    sections = [
        ("How to reach it", "", ["phone", "email", "address", "city", "state", "postal_code", "country"]),
        (
            "Contract",
            "Of a partner or third party; a sub needs none.",
            ["legal_basis", "contract_number", "role_codes", "starts_on", "ends_on"],
        ),
    ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("kind") in ("partner", "third_party"):
            for name in ("legal_basis", "starts_on"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "A partner or third party needs this.")
        return data

    def new_contract(self) -> Contract | None:
        return self.contract() if self.cleaned_data["kind"] in ("partner", "third_party") else None


class AffiliationForm(ContractFields):
    """The terms of an existing contract."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["legal_basis"].required = True
        self.fields["starts_on"].required = True

    @staticmethod
    def initial_of(affiliation: Affiliation) -> dict[str, Any]:
        names = ("legal_basis", "contract_number", "role_codes", "starts_on", "ends_on")
        return {name: getattr(affiliation, name) for name in names}


class ReasonForm(forms.Form):
    """A reason that is kept in the audit trail."""

    reason = forms.CharField(
        max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept in the audit trail."
    )


class LeaveForm(ReasonForm):
    """The last day of an organization in the network, why it leaves, and its name typed out."""

    last_day = date_field(label="Last day", help_text="Today or before, and no earlier than the last entry.")
    name = forms.CharField(max_length=200, label="Its name")

    field_order = ["last_day", "name", "reason"]
    wide = {"reason"}

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization_name = organization.name
        self.fields["name"].help_text = f"Type {organization.name}, so that no other is ended by mistake."
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        typed: str = self.cleaned_data["name"]
        if " ".join(typed.split()) != " ".join(self.organization_name.split()):
            raise forms.ValidationError(f"This is not its name. Type {self.organization_name}.")
        return typed


class MoveForm(ReasonForm):
    """Where to move an organization, and why."""

    parent = PlaceField(label="New place", empty_label="Choose an organization")

    field_order = ["parent", "reason"]
    wide = {"parent", "reason"}


class MoveManyForm(MoveForm):
    """Which organizations to move, where, and why."""

    organizations = PlacesField(None, label="Organizations to move")

    field_order = ["organizations", "parent", "reason"]
    wide = {"organizations", "parent", "reason"}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = data.get("organizations")
        if chosen is not None and chosen.count() > MOST_MOVED:
            self.add_error(
                "organizations",
                f"Move at most {MOST_MOVED} at once; these are {locale.number(chosen.count())}.",
            )
        return data
