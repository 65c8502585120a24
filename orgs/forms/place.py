"""Choosing organizations: a list to choose from, or names and codes to type where a list would be too long."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q

from orgs.rules.structure import KIND_LABELS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from orgs.models import Organization

LONGEST_LIST = 500
LONGEST_TEXT = 4000


def is_too_long(places: QuerySet[Organization]) -> bool:
    """Whether a list of these is more than a page should carry; one of ten thousand takes seconds."""
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
            self.widget = forms.TextInput(attrs={"placeholder": "Name or code", "maxlength": 200})
            self.widget.is_required = self.required

    def prepare_value(self, value: Any) -> Any:
        if self.to_field_name == "code" and isinstance(value, int):
            value = self.queryset.filter(pk=value).first() if self.queryset is not None else None
        return super().prepare_value(value)

    def clean(self, value: Any) -> Any:
        typed = value.strip() if isinstance(value, str) else value
        if typed and isinstance(self.widget, forms.TextInput):
            assert self.queryset is not None
            typed = codes_of([typed], self.queryset).get(typed, typed)
        return super().clean(typed)


class PlacesField(forms.ModelMultipleChoiceField):
    """Several organizations of a query, given by `set_places`: ticked in a list in which one finds, or typed."""

    widget: Any = forms.CheckboxSelectMultiple
    is_searched = True  # components/field.html puts a field to find in above the list

    def set_places(self, places: QuerySet[Organization]) -> None:
        self.queryset = places.order_by("lft")
        if is_too_long(places):
            self.to_field_name = "code"
            self.is_searched = False
            self.widget = forms.TextInput(
                attrs={"placeholder": "Names or codes, separated by commas", "maxlength": LONGEST_TEXT}
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
            assert self.queryset is not None
            parts = [part.strip() for part in re.split(r"[,;\n]", value) if part.strip()]
            known = codes_of(parts, self.queryset)
            value = [code for part in parts for code in ([known[part]] if part in known else part.split())]
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


def codes_of(typed: Sequence[str], places: QuerySet[Organization]) -> dict[str, str]:
    """The codes of what was typed, a code or a name; a name that several have is none. One query."""
    rows = list(places.filter(Q(code__in=typed) | Q(name__in=typed)).values_list("name", "code"))
    times = Counter(name for name, _ in rows)
    by_name = {name: code for name, code in rows if times[name] == 1}
    return by_name | {code: code for _, code in rows if code in typed}
