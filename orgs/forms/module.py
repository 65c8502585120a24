"""Forms about modules and EMR profiles: which, where, on or off, and why."""

from __future__ import annotations

from typing import Any

from django import forms

from core.modules import AREAS, everything, module_of
from orgs.actions.module import LONGEST_REASON, Switching
from orgs.forms.place import PlacesForm
from orgs.rules.structure import KIND_LABELS, THIRD_PARTY

ON, OFF = "on", "off"


class SwitchForm(PlacesForm):
    """Modules to be switched at organizations."""

    state = forms.ChoiceField(choices=[(OFF, "Switch off"), (ON, "Switch on")], label="What", initial=OFF)
    modules = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="Modules and EMR profiles")
    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed to switch off. Whoever opens a page of it reads why.",
    )
    wide = {"modules", "organizations", "reason"}
    field_order = ["state", "modules", "organizations", "under", "kinds", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_modules = [one for one in KIND_LABELS.items() if one[0] != THIRD_PARTY]
        self.fields["kinds"].choices = with_modules  # type: ignore[attr-defined]
        groups: dict[str, list[tuple[str, str]]] = {label: [] for label in AREAS.values()}
        for module in everything():
            groups[AREAS[module.area]].append((module.code, module.label))
        self.fields["modules"].choices = list(groups.items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        is_silent = not (data.get("reason") or "").strip() and "reason" not in self.errors
        if data.get("state") == OFF and is_silent:
            self.add_error("reason", "Say why it is switched off; its people read it.")
        return data

    def switching(self) -> Switching:
        data = self.cleaned_data
        return Switching(
            tuple(module_of(code) for code in data["modules"]), data["state"] == ON, data["reason"]
        )
