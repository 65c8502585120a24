"""Forms about modules and EMR profiles: which, where, on or off, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from core.modules import AREAS, everything, module_of
from orgs.actions.module import LONGEST_REASON, Switching
from orgs.forms.place import PlaceField, PlacesField
from orgs.models import Organization
from orgs.rules.structure import KIND_LABELS

ON, OFF = "on", "off"


class SwitchForm(forms.Form):
    """Modules to be switched at organizations."""

    state = forms.ChoiceField(choices=[(OFF, "Switch off"), (ON, "Switch on")], label="What", initial=OFF)
    modules = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="Modules and EMR profiles")
    organizations = PlacesField(None, required=False, label="Organizations")
    under = PlaceField(required=False, label="Or everything below", empty_label="–")
    kinds = forms.MultipleChoiceField(
        choices=[one for one in KIND_LABELS.items() if one[0] != "third_party"],
        required=False,
        label="Of these kinds only",
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed to switch off. Whoever opens a page of it reads why.",
    )
    wide = {"modules", "organizations", "reason"}
    error_messages = {"nowhere": "Choose organizations, or one below which all are meant."}

    def __init__(self, *args: Any, places: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organizations"].set_places(places)  # type: ignore[attr-defined]
        self.fields["under"].set_places(places)  # type: ignore[attr-defined]
        groups: dict[str, list[tuple[str, str]]] = {label: [] for label in AREAS.values()}
        for module in everything():
            groups[AREAS[module.area]].append((module.code, module.label))
        self.fields["modules"].choices = list(groups.items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("organizations") and not data.get("under") and not self.errors:
            raise forms.ValidationError(self.error_messages["nowhere"])
        if (
            data.get("state") == OFF
            and not (data.get("reason") or "").strip()
            and "reason" not in self.errors
        ):
            self.add_error("reason", "Say why it is switched off; its people read it.")
        return data

    def switching(self) -> Switching:
        data = self.cleaned_data
        return Switching(
            tuple(module_of(code) for code in data["modules"]), data["state"] == ON, data["reason"]
        )

    def chosen(self) -> list[Organization]:
        """The organizations that were named, or that lie below the one that was, of the kinds asked for."""
        data = self.cleaned_data
        rows = {row.pk: row for row in data["organizations"]}
        if data["under"]:
            above, places = data["under"], self.fields["under"].queryset  # type: ignore[attr-defined]
            below = places.filter(lft__range=(above.lft, above.rght)).exclude(pk=above.pk)
            rows |= {row.pk: row for row in below}
        kinds = set(data["kinds"]) or set(KIND_LABELS)
        return [row for row in rows.values() if row.kind in kinds]
