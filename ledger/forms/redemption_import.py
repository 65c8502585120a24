"""The form that sends a file of redemptions."""

from __future__ import annotations

from typing import Any

from django import forms

from core import locale
from core.files import MEBIBYTE, check_readable
from ledger.actions.redemption_import import MOST_BYTES
from ledger.rules.redemption_file import MOST_LINES


class RedemptionImportForm(forms.Form):
    """The file."""

    file = forms.FileField(allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))
    wide = {"file"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "file"
        ].help_text = (
            f"CSV in UTF-8, at most {locale.number(MOST_LINES)} redemptions and {MOST_BYTES // MEBIBYTE} MiB."
        )

    def sent(self) -> dict[str, Any]:
        """The file's name and content; raises `Refused` when it is too large."""
        file = self.cleaned_data["file"]
        check_readable(file.name, file.size, MOST_BYTES)
        return {"file_name": file.name, "content": file.read()}
