"""Why a filled form was an error."""

from __future__ import annotations

from django import forms


class ErrorForm(forms.Form):
    """What went wrong."""

    reason = forms.CharField(
        max_length=500,
        label="What went wrong",
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
        help_text="Such as: filled for the wrong patient.",
    )
    wide = {"reason"}
