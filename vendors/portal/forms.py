"""Forms of the portal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms import formset_factory

from core.errors import Refused
from core.files import MOST_MEBIBYTES, check_size
from vendors.actions.message import TEXT_LENGTH
from vendors.actions.task import NewResult
from vendors.rules.reasons import FLAGS, REJECTION_REASONS
from vendors.rules.values import MAX_VALUES, Value


class CodeForm(forms.Form):
    """The one-time code from the mail."""

    code = forms.CharField(
        max_length=20,
        label="One-time code",
        help_text="Eight digits from the mail that was just sent.",
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}
        ),
    )


class AcceptForm(forms.Form):
    """When the result will be there, in the vendor's own zone."""

    promised_at = forms.DateTimeField(
        label="Result promised by",
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class RejectForm(forms.Form):
    """Why not: a reason from the list, and words where they help."""

    reason_code = forms.ChoiceField(
        label="Reason", choices=[("", "Choose a reason"), *REJECTION_REASONS.items()]
    )
    reason_text = forms.CharField(
        label="In words", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, note_required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_text"].required = note_required


class ReasonForm(forms.Form):
    """A reason from a list, and words where they help."""

    reason_code = forms.ChoiceField(label="Reason")
    reason_text = forms.CharField(
        label="In words", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, reasons: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason_code"].choices = [("", "Choose a reason"), *reasons.items()]  # type: ignore[attr-defined]


class WriteForm(forms.Form):
    """What is said to whoever ordered."""

    text = forms.CharField(label="Message", max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4}))
    asks = forms.BooleanField(
        required=False,
        label="I need an answer",
        help_text="What you accepted is on hold until the answer is there.",
    )


class ProposeForm(forms.Form):
    """Another time, in the vendor's own zone."""

    proposed_at = forms.DateTimeField(
        label="Result by",
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    text = forms.CharField(
        label="Why", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReplyForm(forms.Form):
    """The answer to a question of the network, or to whether a request can still be stopped."""

    agreed = forms.ChoiceField(
        label="Answer",
        choices=[("yes", "Stop it: the request is cancelled"), ("no", "It can't be stopped any more")],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label="In words", required=False, max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, cancels: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = not cancels
        if not cancels:
            del self.fields["agreed"]


class ResultForm(forms.Form):
    """The PDF and a comment of a result."""

    file = forms.FileField(
        label="Report (PDF)",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )
    comment = forms.CharField(
        label="Comment", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, most_mebibytes: int = MOST_MEBIBYTES, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most_mebibytes = most_mebibytes
        self.fields["file"].help_text = f"At most {most_mebibytes} MiB."

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is not None:
            try:
                check_size(str(file.name), file.size or 0, self.most_mebibytes)
            except Refused as refusal:
                raise forms.ValidationError(refusal.message) from None
        return file


class CorrectionForm(ResultForm):
    """A result sent anew, and why."""

    reason = forms.CharField(label="What was wrong", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("reason", "file", "comment")


class ValueForm(forms.Form):
    """One value of a result; an empty row is no value."""

    name = forms.CharField(max_length=100, label="Test", error_messages={"required": "Say what was tested."})
    value = forms.CharField(max_length=100, label="Value", error_messages={"required": "Enter the value."})
    unit = forms.CharField(max_length=40, required=False, label="Unit")
    range = forms.CharField(max_length=60, required=False, label="Reference range")
    flag = forms.ChoiceField(choices=list(FLAGS.items()), required=False, label="Flag")


FIELDS = ("name", "value", "unit", "range", "flag")
ROWS = 4  # empty rows at first, and more at a time


class ValueRows(forms.BaseFormSet):
    """The rows of values."""

    default_error_messages = {
        "missing_management_form": "The values did not arrive whole. Check them and send them again."
    }


ValueFormSet = formset_factory(ValueForm, ValueRows, extra=ROWS, max_num=MAX_VALUES, absolute_max=MAX_VALUES)


def new_result(form: ResultForm, rows: Any) -> NewResult:
    """What was entered, as the action takes it; refuses nothing by itself."""
    file = form.cleaned_data["file"]
    values = [Value(**row.cleaned_data) for row in rows if row.cleaned_data.get("name")]
    content = None if file is None else file.read()
    return NewResult(values, file.name if file else "", content, form.cleaned_data["comment"])
