"""A FHIR Questionnaire as a file."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from content.fhir import Read, read_questionnaire
from core.errors import Refused
from core.files import MEBIBYTE

MOST_SHOWN = 20


class QuestionnaireForm(forms.Form):
    """The file, and whether what has no match may be left out; `read` is what it holds."""

    use_required_attribute = False
    file = forms.FileField(
        label="Questionnaire (FHIR JSON)",
        widget=forms.FileInput(attrs={"accept": "application/fhir+json,application/json,.json"}),
        help_text="R4 or R5, at most 1 MiB.",
    )
    leave_out = forms.BooleanField(required=False, label="Leave out what has no match here")
    wide = {"file", "leave_out"}
    read: Read

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MEBIBYTE:
            raise forms.ValidationError(f"“{file.name}” is larger than 1 MiB. Split the form.")
        try:
            self.read = read_questionnaire(json.loads(file.read()))
        except (ValueError, RecursionError):
            raise forms.ValidationError(f"“{file.name}” is no JSON. Export the form anew.") from None
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from None
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        unmatched = self.read.unmatched if hasattr(self, "read") else []
        if unmatched and not data.get("leave_out"):
            more = [f"And {len(unmatched) - MOST_SHOWN} more."] if len(unmatched) > MOST_SHOWN else []
            self.add_error("file", [*unmatched[:MOST_SHOWN], *more])
        return data
