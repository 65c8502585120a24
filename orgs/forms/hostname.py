"""The form that asks for a host name."""

from __future__ import annotations

from django import forms

from orgs.models import HostName
from orgs.rules.hostname import LONGEST, host_name


class HostNameForm(forms.Form):
    """A name, and which face answers there."""

    name = forms.CharField(
        max_length=LONGEST,
        label="Host name",
        help_text="Such as care.clinic.example, without https:// and without a port.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    face = forms.ChoiceField(label="What answers there", choices=HostName.Face.choices)
    wide = {"name"}

    def clean_name(self) -> str:
        try:
            return host_name(self.cleaned_data["name"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
