"""Choosing an organization: a list to choose from, or its code where a list would be too long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms

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
