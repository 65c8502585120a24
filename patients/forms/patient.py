"""Forms about patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from orgs.forms.place import PlaceField
from patients.actions.details import Details
from patients.actions.identifier import NewIdentifier
from patients.models import Patient, PatientIdentifier
from patients.rules.keys import IDENTIFIER_LENGTH

if TYPE_CHECKING:
    from django.db.models import QuerySet

System = PatientIdentifier.System
NAMES = [
    "given_name",
    "family_name",
    "birth_date",
    "gender",
    "phone",
    "email",
    "communication_consent",
    "address",
    "city",
    "state",
    "postal_code",
    "country",
]


def _identifier(system: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        max_length=IDENTIFIER_LENGTH, required=False, label=System(system).label, help_text=help_text
    )


class PatientForm(forms.ModelForm):
    """Names, birth date, contact and identifiers of a patient."""

    national_id = _identifier("national_id")
    passport = _identifier("passport")
    insurance = _identifier("insurance")
    mrn = _identifier("mrn", "The number that the home organization gave.")

    sections: ClassVar[list[tuple[str, str, list[str]]]] = [
        ("Is this somebody else?", "", ["confirmed"]),
        ("Person", "", ["organization", "given_name", "family_name", "birth_date", "gender", "status"]),
        (
            "Contact",
            "",
            [
                *("phone", "email", "communication_consent"),
                *("address", "city", "state", "postal_code", "country"),
            ],
        ),
        (
            "Identifiers",
            "Each belongs to one patient of the network.",
            ["national_id", "passport", "insurance", "mrn"],
        ),
    ]

    class Meta:
        model = Patient
        fields = NAMES
        widgets = {"birth_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def details(self) -> Details:
        names = [name for name in Details.__dataclass_fields__ if name in self.cleaned_data]
        return Details(**{name: self.cleaned_data[name] for name in names})

    def typed_identifiers(self) -> list[NewIdentifier]:
        """One of each kind that was typed."""
        return [
            NewIdentifier(system, self.cleaned_data[system])
            for system in System.values
            if self.cleaned_data[system]
        ]


class RegisterForm(PatientForm):
    """A new patient, and where to register them. The confirmation appears after a warning of duplicates."""

    def __init__(self, places: QuerySet[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"] = PlaceField(
            places, empty_label="Choose an organization", help_text="It becomes the home organization."
        )
        if self.is_bound and "confirmed" in self.data:
            self.ask_to_confirm()

    def ask_to_confirm(self) -> None:
        self.fields["confirmed"] = forms.BooleanField(
            required=False, label="Register anyway: this is somebody else"
        )

    def take_no_confirmation(self) -> None:
        self.fields.pop("confirmed", None)

    @property
    def confirmed(self) -> bool:
        return bool(self.cleaned_data.get("confirmed"))


class EditForm(PatientForm):
    """What can be changed of a patient."""

    class Meta(PatientForm.Meta):
        fields = [*NAMES[:4], "status", *NAMES[4:]]

    def __init__(self, patient: Patient, data: Any = None, files: Any = None) -> None:
        self.rows = list(patient.identifiers.select_related("assigner"))
        self.edited: dict[str, PatientIdentifier] = {}
        for row in sorted(self.rows, key=lambda row: row.pk):
            if row.system != System.MRN or row.assigner_id == patient.home_organization_id:
                self.edited.setdefault(row.system, row)
        initial = {name: getattr(patient, name) for name in self.Meta.fields}
        initial |= {system: row.value for system, row in self.edited.items()}
        super().__init__(data, files, initial=initial)

    def identifiers(self) -> list[NewIdentifier]:
        """What was typed, and the identifiers that the form doesn't show, such as another organization's number."""
        shown = {row.pk for row in self.edited.values()}
        kept = [
            NewIdentifier(row.system, row.value, row.assigner) for row in self.rows if row.pk not in shown
        ]
        return [*kept, *self.typed_identifiers()]
