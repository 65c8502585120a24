"""Forms about settings: a field for every type of value, and what goes with a value."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from core import setting_types as types
from core.fields import NumberField
from core.settings import GROUPS, MODE_HELP, Mode, Setting, all_settings
from orgs.actions.setting import LONGEST_REASON, NewValue
from orgs.forms.organization import date_field
from orgs.forms.place import PlaceField, PlacesForm
from orgs.pictures import check_size, redrawn
from orgs.queries.whatif import Change


class LogoField(forms.FileField):
    """A picture to upload; its value is its digest, and `picture` what is kept of it."""

    widget = forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"})
    picture: bytes | None = None

    def __init__(self) -> None:
        super().__init__(
            help_text="PNG, JPEG or WebP, at most 1 MiB. It is scaled down to 640 by 160 pixels, and everything "
            "else in the file is dropped. Best on a transparent ground.",
            error_messages={"required": "Choose a picture.", "empty": "This file is empty; choose another."},
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if not isinstance(file, UploadedFile):
            return file
        try:
            check_size(str(file.name), file.size or 0)
            self.picture = redrawn(str(file.name), file.read())
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        return hashlib.sha256(self.picture).hexdigest()


YES_NO = [("true", "Yes"), ("false", "No")]


def value_field(setting: Setting[Any], currency: str = "") -> forms.Field:
    """A form field for a setting's value; what is typed is checked by the setting's own type."""
    kind = setting.type
    field: Any
    match kind:
        case types.Flag():
            field = forms.ChoiceField(choices=YES_NO)
        case types.Choice():
            field = forms.ChoiceField(choices=kind.options())
        case types.Choices():
            field = forms.MultipleChoiceField(
                choices=list(kind.choices.items()),
                required=kind.least > 0,
                widget=forms.CheckboxSelectMultiple,
            )
        case types.Whole():
            field = forms.IntegerField(min_value=kind.least, max_value=kind.most)
            field.suffix = kind.unit
            if kind.zero:
                field.help_text = f"0 means {kind.zero}."
        case types.Amount():
            field = NumberField(min_value=0, max_value=kind.most, decimal_places=3)
            field.prefix = currency
            if kind.zero:
                field.help_text = f"0 means {kind.zero}."
        case types.Words():
            field = forms.CharField(max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
            field.help_text = f"Separated by commas or spaces; nothing means {kind.none}."
        case types.Picture():
            field = LogoField()
        case _:
            longest = kind.longest if isinstance(kind, types.Text) else 500
            field = forms.CharField(max_length=longest, required=False)
    field.label = setting.label
    return field  # type: ignore[no-any-return]


def typed_value(setting: Setting[Any], value: Any) -> Any:
    """A value as its field shows it."""
    match setting.type:
        case types.Flag():
            return "true" if value else "false"
        case types.Choices():
            return list(value)
        case types.Words():
            return ", ".join(value)
        case _:
            return value


class _ValueForm(forms.Form):
    """A form with a value of one setting."""

    def __init__(self, *args: Any, setting: Setting[Any], currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.setting = setting
        self.fields["value"] = value_field(setting, currency)
        if "mode" in self.fields:
            modes = [(mode.value, f"{mode.value.capitalize()}: {MODE_HELP[mode]}") for mode in setting.modes]
            self.fields["mode"].choices = modes  # type: ignore[attr-defined]
        self.order_fields(["value"])

    def clean_value(self) -> Any:
        try:
            return self.setting.type.clean(self.cleaned_data["value"])
        except (ValueError, TypeError) as error:
            raise forms.ValidationError(str(error)) from None


def _reason(**kwargs: Any) -> forms.CharField:
    return forms.CharField(max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class SettingForm(_ValueForm):
    """A value of a setting at one organization."""

    mode = forms.ChoiceField(label="For the organizations below")
    reason = _reason(
        required=False, help_text="Needed to enforce a value or to differ from a recommended one."
    )
    starts_on = date_field(required=False, label="First day", help_text="Empty: today.")
    ends_on = date_field(required=False, label="Last day", help_text="Empty: until it is changed.")
    wide = {"value", "mode", "reason"}

    def new(self) -> NewValue:
        data = self.cleaned_data
        return NewValue(data["value"], Mode(data["mode"]), data["reason"], data["starts_on"], data["ends_on"])

    @property
    def picture(self) -> bytes | None:
        """The picture that was uploaded as the value, where it is one."""
        return getattr(self.fields["value"], "picture", None)


class WaiverForm(_ValueForm):
    """The value that a waiver asks for, why, and until when."""

    reason = _reason(help_text="Why the organization needs the exception.")
    starts_on = date_field(required=False, label="First day", help_text="Empty: today.")
    ends_on = date_field(label="Last day", help_text="Within a year; the waiver lapses by itself.")
    wide = {"value", "reason"}


class NoteForm(forms.Form):
    """Why a waiver ends."""

    note = _reason(label="Why", help_text="Those who asked can read it.")
    wide = {"note"}


class DecisionForm(forms.Form):
    """Whether a waiver is granted, and a note."""

    decision = forms.ChoiceField(choices=[("grant", "Grant it"), ("refuse", "Refuse it")], initial="grant")
    note = _reason(
        required=False, label="Note", help_text="Needed to refuse it. Those who asked can read it."
    )
    wide = {"decision", "note"}


class ApplyForm(_ValueForm, PlacesForm):
    """One value for many organizations."""

    INHERIT = "inherit"

    mode = forms.ChoiceField(label="How")
    reason = _reason(
        required=False, help_text="Needed to enforce a value or to differ from a recommended one."
    )
    wide = {"value", "mode", "reason", "organizations"}
    field_order = ["value", "mode", "reason", "organizations", "under", "kinds"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mode = self.fields["mode"]
        mode.choices = [*mode.choices, (self.INHERIT, "Inherit: remove what is assigned there")]  # type: ignore[attr-defined]
        if self.data.get(self.add_prefix("mode")) == self.INHERIT:
            self.fields["value"].required = False
        self.order_fields(self.field_order)

    def clean_value(self) -> Any:
        if self.data.get(self.add_prefix("mode")) == self.INHERIT:
            return None
        return super().clean_value()

    def change(self) -> Change:
        data = self.cleaned_data
        if data["mode"] == self.INHERIT:
            return Change(self.setting)
        return Change(self.setting, data["value"], Mode(data["mode"]), data["reason"])


class SettingFilter(forms.Form):
    """Which settings of a page are shown."""

    q = forms.CharField(
        required=False,
        label="Search",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Setting"}),
    )
    group = forms.ChoiceField(
        required=False,
        choices=[("", "All groups"), *((group.code, group.label) for group in GROUPS.values())],
    )
    changed = forms.BooleanField(required=False, label="Changed here only")

    def keeps(self, setting: Setting[Any], *, changed: bool) -> bool:
        """Does the filter leave a setting in? A filter that makes no sense leaves all in."""
        data = self.cleaned_data if self.is_valid() else {}
        if data.get("group") and setting.group.code != data["group"]:
            return False
        if data.get("changed") and not changed:
            return False
        text = f"{setting.label} {setting.key} {setting.help}".lower()
        return all(word in text for word in (data.get("q") or "").lower().split())


class PolicyFilter(SettingFilter):
    """Which settings the network's list shows."""

    changed = forms.BooleanField(required=False, label="Set somewhere only")


class CompareForm(forms.Form):
    """Which organization to compare with."""

    other = PlaceField(label="Compare with", by_code=True, empty_label="Choose an organization")
    all = forms.BooleanField(required=False, label="Show what is equal, too")


class ChooseSettingForm(forms.Form):
    """Which setting to apply to many."""

    key = forms.ChoiceField(label="Setting")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: dict[str, list[tuple[str, str]]] = {}
        for setting in all_settings():
            if not isinstance(setting.type, types.Picture):  # a picture is uploaded at one organization
                groups.setdefault(setting.group.label, []).append((setting.key, setting.label))
        self.fields["key"].choices = [("", "Choose a setting"), *groups.items()]  # type: ignore[attr-defined]
