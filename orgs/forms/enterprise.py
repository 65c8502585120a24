"""Forms about Parent Accounts: the advisor, opening one, its checklist, who owns its data."""

from __future__ import annotations

from typing import Any

from django import forms

from core.clock import time_zones
from core.locale import LOCALES, usual_for
from core.money import CURRENCIES
from core.setting_types import LocaleChoice
from orgs.actions.enterprise import Flow, NewAccount
from orgs.actions.network import NewNetwork
from orgs.actions.onboarding import StepDetails
from orgs.forms.organization import date_field
from orgs.rules.advisor import HIERARCHY, INDEPENDENCE, SEPARATION
from orgs.rules.settings import LOCALE


def _question(label: str, answers: dict[str, str]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(answers.items()), widget=forms.RadioSelect)


class AdvisorForm(forms.Form):
    """The three questions of the guide to secondary Parent Accounts."""

    hierarchy = _question("Does it need a hierarchy of its own?", HIERARCHY)
    independence = _question("How independently does it work?", INDEPENDENCE)
    separation = _question("Is its data meant to be apart?", SEPARATION)
    wide = {"hierarchy", "independence", "separation"}


class FlowFields(forms.Form):
    """What was agreed about data that flows in or out."""

    must_flow = forms.BooleanField(
        required=False, label="Data must flow between this Parent Account and another one"
    )
    what_flows = forms.CharField(
        required=False,
        max_length=500,
        label="What flows, and which way",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    api_owner = forms.CharField(
        required=False, max_length=200, label="Who owns the API logic and keeps it working"
    )
    on_mismatch = forms.CharField(
        required=False,
        max_length=500,
        label="How errors and mismatches are handled",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    wide = {"must_flow", "what_flows", "api_owner", "on_mismatch"}

    def flow(self) -> Flow:
        return Flow(**{name: self.cleaned_data[name] for name in Flow.__dataclass_fields__})


class DataOwnershipForm(FlowFields):
    """The data ownership record."""


class OpenAccountForm(FlowFields):
    """A Parent Account to be opened."""

    name = forms.CharField(max_length=200, help_text="As patients and staff know it.")
    code = forms.SlugField(max_length=20, help_text="Short and unique in the enterprise, such as WEST.")
    currency = forms.ChoiceField(
        choices=[("", "Choose a currency"), *((code, code) for code in sorted(CURRENCIES))]
    )
    time_zone = forms.CharField(max_length=60, help_text="For example Asia/Kolkata.")
    locale = forms.ChoiceField(
        required=False, label=LOCALE.label, help_text="Can be changed in its settings."
    )
    max_sub_depth = forms.IntegerField(
        min_value=1,
        max_value=8,
        initial=1,
        label="Levels of subs",
        help_text="Below its parent organization.",
    )
    administrator_name = forms.CharField(max_length=150, label="Name")
    administrator_email = forms.EmailField(max_length=254, label="E-mail")
    trade_offs_accepted = forms.BooleanField(label="We accept the trade-offs above")

    field_order = ["name", "code", "currency", "time_zone", "locale", "max_sub_depth"]
    wide = FlowFields.wide | {"trade_offs_accepted"}
    sections = [
        (
            "Its first administrator",
            "Gets an invitation by e-mail, and appoints the others.",
            ["administrator_name", "administrator_email"],
        ),
        (
            "Data ownership",
            "Agreed before it is opened: nothing flows by itself between Parent Accounts.",
            ["must_flow", "what_flows", "api_owner", "on_mismatch"],
        ),
        ("Trade-offs", "", ["trade_offs_accepted"]),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = ("", "As is usual with the currency")
        self.fields["locale"].choices = [usual, *LocaleChoice(LOCALES).options()]  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).upper()

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"].strip()
        if zone not in time_zones():
            raise forms.ValidationError(f"“{zone}” is not an IANA time zone, such as Asia/Kolkata.")
        return zone

    def new(self) -> NewAccount:
        data: dict[str, Any] = self.cleaned_data
        network = NewNetwork(
            data["code"],
            data["name"],
            data["currency"],
            data["time_zone"],
            data["max_sub_depth"],
            data["locale"] or usual_for(data["currency"]),
        )
        return NewAccount(
            network,
            data["administrator_name"],
            data["administrator_email"],
            self.flow(),
            data["trade_offs_accepted"],
        )


class StepForm(forms.Form):
    """A step of the checklist."""

    owner = forms.CharField(max_length=150, required=False, label="Who does it")
    due_on = date_field(required=False, label="Due on")
    metric = forms.CharField(max_length=150, required=False, label="Measure of success")
    target = forms.CharField(max_length=80, required=False)
    result = forms.CharField(max_length=80, required=False, label="Reached")
    done = forms.BooleanField(required=False, label="Done")
    wide = {"metric", "done"}

    def details(self) -> StepDetails:
        return StepDetails(**{name: self.cleaned_data[name] for name in StepDetails.__dataclass_fields__})
