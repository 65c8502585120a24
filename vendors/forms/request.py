"""Forms about service requests."""

from __future__ import annotations

from typing import Any

from django import forms

from core.money import Money
from orgs.forms.place import PlaceField
from vendors.actions.message import TEXT_LENGTH
from vendors.actions.request import NOTE_LENGTH, NewRequest
from vendors.models import ServiceRequest
from vendors.rules.reasons import CANCEL_REASONS
from vendors.rules.turnaround import words


class SettingField(forms.ModelChoiceField):
    """A vendor's service with its price and turnaround, so that the price is seen before anything is sent."""

    def label_from_instance(self, setting: Any) -> str:
        price = Money(setting.buy_minor, setting.currency)
        return f"{setting.service.name} · {setting.vendor.name} ({setting.code}) · {price} · {words(setting.turnaround_minutes)}"


class RequestForm(forms.Form):
    """What is ordered for a patient, by which organization, of whom."""

    organization = PlaceField(label="Ordering organization", empty_label=None)
    vendor_service = SettingField(None, label="Service and vendor", empty_label="Choose a service")
    priority = forms.ChoiceField(choices=ServiceRequest.Priority.choices, initial="routine")
    clinical_note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The vendor reads it after accepting.",
    )
    wide = ("vendor_service",)

    def __init__(self, *args: Any, organizations: Any, settings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(organizations)  # type: ignore[attr-defined]
        self.fields["vendor_service"].queryset = settings  # type: ignore[attr-defined]

    def new_request(self, patient: Any, key: str) -> NewRequest:
        data = self.cleaned_data
        return NewRequest(patient, data["vendor_service"], key, data["priority"], data["clinical_note"])


class SendForm(forms.Form):
    """Sending a draft; the tick is there only when the patient has a like request."""

    duplicates_accepted = forms.BooleanField(required=False, label="This one is meant in addition")


class MessageForm(forms.Form):
    """What is said to the vendor."""

    text = forms.CharField(
        label="To the vendor",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Don't name the patient before the vendor has accepted.",
    )
    asks = forms.BooleanField(required=False, label="It needs an answer")


class AnswerForm(forms.Form):
    """The answer to a question of the vendor, or to the time that it proposes."""

    agreed = forms.ChoiceField(
        label="Answer", choices=[("yes", "Agree to this time"), ("no", "Decline")], widget=forms.RadioSelect
    )
    text = forms.CharField(
        label="In words", required=False, max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, proposes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = not proposes
        if not proposes:
            del self.fields["agreed"]


class CancelForm(forms.Form):
    """Why a request is cancelled."""

    reason_code = forms.ChoiceField(
        label="Reason", choices=[("", "Choose a reason"), *CANCEL_REASONS.items()]
    )
    reason_text = forms.CharField(
        label="In words", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
