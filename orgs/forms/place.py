"""Choosing an organization: a list to choose from, or its code where a list would be too long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms

from orgs.rules.structure import KIND_LABELS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization

LONGEST_LIST = 100
LONGEST_TEXT = 4000


def is_too_long(places: QuerySet[Organization]) -> bool:
    """Whether nobody would find an organization in a list of these; a page of ten thousand takes seconds, too."""
    return places.order_by()[LONGEST_LIST : LONGEST_LIST + 1].exists()


class PlaceField(forms.ModelChoiceField):
    """One organization of a query, which may be given afterwards by `set_places`.

    `by_code` makes its values codes even in a list, for what stands in addresses.
    """

    def __init__(
        self, places: QuerySet[Organization] | None = None, *, by_code: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(None, to_field_name="code" if by_code else None, **kwargs)
        self.error_messages["invalid_choice"] = "Choose one of your organizations."
        if places is not None:
            self.set_places(places)

    def set_places(self, places: QuerySet[Organization]) -> None:
        self.queryset = places.order_by("lft")
        if is_too_long(places):
            self.to_field_name = "code"
            self.widget = forms.TextInput(attrs={"placeholder": "Code of the organization", "maxlength": 40})
            self.widget.is_required = self.required

    def prepare_value(self, value: Any) -> Any:
        if self.to_field_name == "code" and isinstance(value, int):
            value = self.queryset.filter(pk=value).first() if self.queryset is not None else None
        return super().prepare_value(value)

    def clean(self, value: Any) -> Any:
        return super().clean(value.strip() if isinstance(value, str) else value)


class PlacesField(forms.ModelMultipleChoiceField):
    """Several organizations of a query, given by `set_places`; their codes where a list would be too long."""

    def set_places(self, places: QuerySet[Organization]) -> None:
        self.queryset = places.order_by("lft")
        if is_too_long(places):
            self.to_field_name = "code"
            self.widget = forms.TextInput(
                attrs={"placeholder": "Codes, separated by commas", "maxlength": LONGEST_TEXT}
            )
            self.error_messages["invalid_choice"] = "There is no organization %(value)s among yours."

    def prepare_value(self, value: Any) -> Any:
        ids = [one for one in value if isinstance(one, int)] if isinstance(value, list) else []
        if self.to_field_name != "code" or not ids:
            return super().prepare_value(value)
        assert self.queryset is not None
        return ", ".join(self.queryset.filter(pk__in=ids).values_list("code", flat=True))

    def clean(self, value: Any) -> Any:
        if isinstance(value, str):
            value = [code for code in re.split(r"[\s,;]+", value) if code]
        return super().clean(value)


class PlacesForm(forms.Form):
    """Organizations by name, or all that lie below one, or those of some kinds among them."""

    organizations = PlacesField(None, required=False, label="Organizations")
    under = PlaceField(required=False, label="Or everything below", empty_label="–")
    kinds = forms.MultipleChoiceField(
        choices=list(KIND_LABELS.items()),
        required=False,
        label="Of these kinds only",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, places: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = places
        self.fields["organizations"].set_places(places)  # type: ignore[attr-defined]
        self.fields["under"].set_places(places)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("organizations") and not data.get("under") and not self.errors:
            raise forms.ValidationError("Choose organizations, or one below which all are meant.")
        return data

    def chosen(self) -> list[Organization]:
        """The organizations that were named, or that lie below the one that was, of the kinds asked for."""
        data = self.cleaned_data
        rows = {row.pk: row for row in data["organizations"]}
        above = data["under"]
        if above:
            below = self.places.filter(lft__range=(above.lft, above.rght)).exclude(pk=above.pk)
            rows |= {row.pk: row for row in below.order_by("lft")}
        kinds = set(data["kinds"]) or set(KIND_LABELS)
        return [row for row in rows.values() if row.kind in kinds]
