"""Forms about items, disputes, statements and reconciliations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from core.fields import NumberField
from core.files import KINDS
from core.money import Money, decimals_of
from ledger.forms.journal import PeriodForm
from orgs.forms.place import PlaceField
from settlement.queries.items import STATES
from settlement.rules.disputes import OUTCOMES, REASONS
from settlement.rules.findings import ACCEPTED, DISPUTED, NOTED
from settlement.rules.statement_csv import (
    DAYS,
    DECIMALS,
    DELIMITERS,
    ENCODINGS,
    SIGNS,
    Mapping,
    preview,
    read_csv,
)
from settlement.rules.statement_file import SMALL_BYTES, Unreadable


def _words(label: str = "In words", **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), **more)


class ItemFilter(PeriodForm):
    """Items of a state and period."""

    state = forms.ChoiceField(choices=[("", "Any state"), *STATES.items()], required=False)

    field_order = ["state", "since", "until"]


class SaidForm(forms.Form):
    """What somebody says for a side, with a file."""

    side: forms.ModelChoiceField = forms.ModelChoiceField(None, label="For", empty_label=None)
    text = _words()
    file = forms.FileField(
        required=False,
        help_text=f"{', '.join(KINDS.values())}.",
        widget=forms.FileInput(attrs={"accept": ",".join(KINDS)}),
    )
    wide = {"text", "file"}

    def __init__(self, *args: Any, sides: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["side"].queryset = sides  # type: ignore[attr-defined]


class DisputeForm(SaidForm):
    """Why an item is disputed."""

    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *REASONS.items()])

    field_order = ["side", "reason", "text", "file"]


class EndForm(forms.Form):
    """How a dispute ends."""

    outcome = forms.ChoiceField(choices=list(OUTCOMES.items()), widget=forms.RadioSelect, label="It is")
    correction = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=2**62,
        label="Number of the entry that corrects it",
        help_text="The void of the entry, or a later journal entry between the two.",
    )
    text = forms.CharField(label="In words", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    wide = {"outcome", "text"}

    def __init__(self, *args: Any, may_agree: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_agree:
            self.fields["outcome"].choices = [("corrected", OUTCOMES["corrected"])]  # type: ignore[attr-defined]
            self.fields["outcome"].initial = "corrected"


class StatementForm(forms.Form):
    """A statement's file, and whose it is."""

    organization = PlaceField(label="Books of", empty_label=None)
    counterparty = PlaceField(
        label="Statement of",
        required=False,
        empty_label="Its bank",
        help_text="Left empty: the bank of its cash.",
    )
    file = forms.FileField(
        allow_empty_file=True,
        help_text="CSV or camt.053. Its format is recognized.",
        widget=forms.FileInput(
            attrs={"accept": ".csv,.txt,.xml,text/csv,text/plain,application/xml,text/xml"}
        ),
    )
    wide = {"file"}

    def __init__(self, *args: Any, books: Any, counterparties: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].set_places(books)  # type: ignore[attr-defined]
        self.fields["counterparty"].set_places(counterparties)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("organization") and data.get("organization") == data.get("counterparty"):
            self.add_error("counterparty", "Choose another organization, or none for the bank.")
        return data


_COLUMNS = {
    "on": "Day",
    "amount": "Amount",
    "debit": "or Debit",
    "credit": "and Credit",
    "reference": "Reference (entry number)",
    "text": "Text",
    "currency": "Currency",
}


class ColumnsForm(PeriodForm):
    """How a CSV is read: written anew for the heads that it has with the delimiter that was chosen."""

    encoding = forms.ChoiceField(choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(choices=list(DELIMITERS.items()))
    decimal = forms.ChoiceField(choices=list(DECIMALS.items()), label="Decimal sign")
    days = forms.ChoiceField(choices=list(DAYS.items()), label="Days are written")
    sign = forms.ChoiceField(choices=list(SIGNS.items()), label="Signs", widget=forms.RadioSelect)
    opening = NumberField(
        required=False,
        label="Their opening balance",
        help_text="As the statement writes it. Left empty: as in the books.",
    )
    wide = {"sign"}
    sections = [
        ("The file", "", ["encoding", "delimiter", "decimal", "days", "sign"]),
        ("Its columns", "", list(_COLUMNS)),
        (
            "Its period",
            "Every entry of the books in it is compared. Left empty: the months that its lines are in.",
            ["since", "until", "opening"],
        ),
    ]

    def __init__(self, data: Any, *, content: bytes, mapping: Mapping, currency: str) -> None:
        self.content, self.currency = content, currency
        shown = self._as_typed(data, mapping)
        try:
            self.heads, self.sample = preview(content, shown)
        except Unreadable:
            self.heads, self.sample = [], []
        initial = shown.stored() if data is None else {}
        super().__init__(data, initial=initial | (self._days_of(mapping) if data is None else {}))
        self.fields["opening"].decimal_places = decimals_of(currency)  # type: ignore[attr-defined]
        choices = [("", "–"), *((head, head) for head in self.heads)]
        for name, label in _COLUMNS.items():
            self.fields[name] = forms.ChoiceField(choices=choices, required=name == "on", label=label)

    def _as_typed(self, data: Any, mapping: Mapping) -> Mapping:
        if data is None:
            return mapping
        encoding, delimiter = data.get("encoding"), data.get("delimiter")
        return Mapping(
            encoding=encoding if encoding in ENCODINGS else mapping.encoding,
            delimiter=delimiter if delimiter in DELIMITERS else mapping.delimiter,
        )

    def _days_of(self, mapping: Mapping) -> dict[str, Any]:
        """The months that the lines are in, where that is soon known."""
        if len(self.content) > SMALL_BYTES:
            return {}
        try:
            days = [line.on for line in read_csv(self.content, mapping, self.currency).lines]
        except Unreadable:
            days = []
        if not days:
            return {}
        after = (max(days).replace(day=28) + timedelta(days=4)).replace(day=1)
        return {"since": min(days).replace(day=1), "until": after - timedelta(days=1)}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not (data.get("amount") or (data.get("debit") and data.get("credit"))) and not self.errors:
            self.add_error("amount", "Choose the column of the amount, or those of debit and credit.")
        return data

    def asked(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        mapping = Mapping.read({name: data[name] for name in Mapping().stored() if name in data})
        opening = None
        if data["opening"] is not None:
            opening = Money.parse(f"{data['opening']:f}", self.currency, signed=True)
            opening = -opening if mapping.sign == "theirs" else opening
        return {"mapping": mapping, "since": data["since"], "until": data["until"], "opening": opening}


class AnswerForm(forms.Form):
    """What is done about a finding that nobody can simply confirm."""

    answer = forms.ChoiceField(widget=forms.RadioSelect, label="What is done about it")
    reason = forms.ChoiceField(
        choices=list(REASONS.items()), required=False, label="Reason of the dispute", initial="amount"
    )
    note = forms.CharField(label="In words", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    wide = {"answer", "note"}

    def __init__(self, *args: Any, may_dispute: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (ACCEPTED, "Accept it as it stands"),
            (NOTED, "Note it as timing: the next statement has it"),
        ]
        if may_dispute:
            choices.insert(1, (DISPUTED, "Dispute the entry with the counterparty"))
        else:
            del self.fields["reason"]
        self.fields["answer"].choices = choices  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Why something is opened again."""

    why = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    wide = {"why"}
