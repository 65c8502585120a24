"""Forms about saved views."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator

from people.actions.saved_view import ViewDetails
from people.models.saved_view import LONGEST_NAME


class ViewForm(forms.Form):
    """A view's name, and whether it opens by itself and is for everybody."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        validators=[
            RegexValidator(
                r"^[^\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]*$", "Use letters, digits and signs only."
            )
        ],
        help_text="As it stands in the menu: “Suspended in the north”.",
    )
    is_default = forms.BooleanField(required=False, label="Open this list with it")
    is_shared = forms.BooleanField(required=False, label="Share with everybody of the network")
    shows_this = forms.BooleanField(
        required=False,
        label="Show what the list shows now",
        help_text="Filters, order and columns, from now on; reports that are sent by this view follow.",
    )

    def __init__(self, *args: object, may_share: bool, is_new: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if is_new:
            del self.fields["shows_this"]
        if not may_share:
            del self.fields["is_shared"]

    def details(self) -> ViewDetails:
        data = self.cleaned_data
        return ViewDetails(data["name"], data["is_default"], data.get("is_shared", False))
