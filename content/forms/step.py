"""One item of a program's draft, in the dialog of the builder."""

from __future__ import annotations

from typing import Any

from django import forms

from content.queries.references import forms_at, services_named
from content.rules.body import LONGEST_TEXT, Body, Item, fresh_link_id
from content.rules.program import DUE, LONGEST_DAYS, UNITS


class StepForm(forms.Form):
    """What an item of one type may say. `item` is the one to edit, None for a new one."""

    use_required_attribute = False
    text = forms.CharField(max_length=LONGEST_TEXT, label="Name")
    help = forms.CharField(
        max_length=LONGEST_TEXT, required=False, label="Description", widget=forms.Textarea(attrs={"rows": 2})
    )
    wide = {"text", "help", "content"}

    def __init__(
        self, kind: str, body: Body, organization_id: int, data: Any = None, *, item: Item | None = None
    ) -> None:
        self.kind, self.body, self.item = kind, body, item
        super().__init__(data, initial=item or {"day": 1, "unit": "weeks"})
        if kind in ("goal", "note"):
            self.fields["text"].label = {"goal": "Goal", "note": "Note"}[kind]
        self.fields |= self._own(organization_id)
        if kind in DUE:
            self.fields |= {
                "day": forms.IntegerField(
                    min_value=1,
                    max_value=LONGEST_DAYS,
                    label="Day of the phase",
                    help_text="The first is day 1.",
                ),
                "every": forms.IntegerField(
                    min_value=1,
                    max_value=LONGEST_DAYS,
                    required=False,
                    label="Again every",
                    help_text="Until the phase ends; empty for once.",
                ),
            }
            self.fields["every"].suffix = "days"  # type: ignore[attr-defined]

    def _own(self, organization_id: int) -> dict[str, forms.Field]:
        """The fields of the item's type."""
        if self.kind == "phase":
            units = [(one, one) for one in UNITS]
            return {
                "duration": forms.IntegerField(min_value=1, max_value=LONGEST_DAYS, label="Lasts"),
                "unit": forms.ChoiceField(choices=units, label="Counted in"),
            }
        if self.kind == "form":
            offered = [(one.code, f"{one.name} ({one.code})") for one in forms_at(organization_id).values()]
            gone = self.item and self.item["content"] not in dict(offered)
            if self.item and gone:
                offered.append((self.item["content"], f"{self.item['content']} (not filled here)"))
            return {
                "content": forms.ChoiceField(choices=[("", "Choose a form"), *offered], label="Which form")
            }
        if self.kind == "service":
            return {"service": forms.CharField(max_length=40, label="Code of the service")}
        if self.kind == "appointment":
            return {
                "with": forms.CharField(
                    max_length=LONGEST_TEXT, required=False, label="With", help_text="Such as: dietitian."
                )
            }
        return {}

    def clean_service(self) -> str:
        code: str = self.cleaned_data["service"]
        if code not in services_named([code]):
            raise forms.ValidationError(f"There is no service “{code}”. Take a code from the catalog.")
        return code

    def made(self) -> Item:
        """The item as it was typed; the program's rules judge it."""
        data = self.cleaned_data
        link_id = self.item["linkId"] if self.item else fresh_link_id(self.body, data["text"])
        said = {name: value for name, value in data.items() if value not in (None, "")}
        return {"linkId": link_id, "type": self.kind} | said
