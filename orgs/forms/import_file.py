"""The form that sends a file of organizations."""

from __future__ import annotations

from typing import Any

from django import forms

from core import locale
from core.files import check_readable
from orgs.imports.row import MOST_BYTES, MOST_ROWS


class ImportForm(forms.Form):
    """The file, and what happens when some of it is wrong."""

    file = forms.FileField(
        allow_empty_file=True,
        widget=forms.FileInput(
            attrs={"accept": ".csv,.json,text/csv,application/json,application/fhir+json"}
        ),
    )
    mode = forms.ChoiceField(
        label="When some lines have errors",
        choices=[
            ("all", "Import nothing"),
            ("branch", "Leave out their branches"),
        ],
        initial="all",
        widget=forms.RadioSelect,
    )
    wide = {"file", "mode"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = (
            f"CSV or a FHIR Bundle, at most {locale.number(MOST_ROWS)} organizations and {MOST_BYTES // 2**20} MiB. "
            "Its format is recognized."
        )

    def sent(self) -> dict[str, Any]:
        """The file's name and content and how to import it; raises `Refused` when it is too large."""
        file = self.cleaned_data["file"]
        check_readable(file.name, file.size, MOST_BYTES)
        return {
            "file_name": file.name,
            "content": file.read(),
            "per_branch": self.cleaned_data["mode"] == "branch",
        }
