"""The form that a version asks: one field for each question, judged by `content.rules.answers`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from content.rules.answers import (
    LONGEST_LINE,
    LONGEST_PARAGRAPH,
    Answers,
    Upload,
    enabled,
    judge,
    kinds_of,
    scores,
    shown,
)
from content.rules.body import COUNTED, UNASKED, Body, Item, items_of, section_of
from core import locale
from core.errors import Refused
from core.files import MOST_MEBIBYTES, check_size

PREFIX = "a-"
KEEP = "-keep"


class _Asked(forms.CharField):
    """One answer; whether it is there and right is judged for the whole form, as conditions want it."""

    def validate(self, value: Any) -> None:
        """Nothing by itself."""


class _AskedNumber(_Asked):
    """A number, typed as the locale writes it and judged as a plain one."""

    def __init__(self, *, decimals: int, **options: Any) -> None:
        super().__init__(**options)
        self.decimals = decimals

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        try:
            return locale.read_number(text, self.decimals) if text else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def plain(self, typed: str) -> str:
        """What counts while it is still typed: nothing until it is a number."""
        try:
            return self.to_python(typed)
        except forms.ValidationError:
            return ""


class _AskedSeveral(forms.Field):
    """Several answers."""

    def validate(self, value: Any) -> None:
        """Nothing by itself."""


class _FileInput(forms.FileInput):
    """A chosen file; or True when the one that is there shall be kept, by the tick beside it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return super().value_from_datadict(data, files, name) or (name + KEEP in data or None)


class _AskedFile(forms.FileField):
    """A file: one that was chosen, or the answer that is there already."""

    def __init__(self, *, most_mebibytes: int, **options: Any) -> None:
        super().__init__(**options)
        self.most_mebibytes = most_mebibytes

    def clean(self, data: Any, initial: Any = None) -> Any:
        if data is None or data is True:
            return initial if data else None
        try:
            check_size(data.name, data.size, self.most_mebibytes)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from None
        return Upload(data.name, data.read())

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial if data is True else data


@dataclass(frozen=True)
class Row:
    """One item as the page shows it: a section's head, a question's field, or a score.

    `kept` is the file that is there already, in words, `keeps` whether it shall stay; `lost` names one that was chosen
    and has to be chosen again, since a page can't hold it.
    """

    item: Item
    field: Any
    applies: bool
    section: str
    conditions: str
    score: dict[str, str] | None
    kept: str = ""
    keeps: bool = False
    lost: str = ""


class AnswerForm(forms.Form):
    """What a version asks. Unless `complete`, nothing is required yet; `answers` and `scores` are what counts."""

    use_required_attribute = False

    def __init__(
        self,
        body: Body,
        data: Any = None,
        files: Any = None,
        *,
        answers: Mapping[str, Any] | None = None,
        complete: bool = True,
        most_mebibytes: int = MOST_MEBIBYTES,
    ) -> None:
        self.body, self.complete = body, complete
        self.lost = {name: file.name for name, file in (files or {}).items()}
        self.answers: Answers = {}
        self.scores: dict[str, dict[str, str]] = {}
        super().__init__(data, files)
        for item in items_of(body):
            if item["type"] not in UNASKED:
                self.fields[PREFIX + item["linkId"]] = _field(item, most_mebibytes)
        self.initial = {
            PREFIX + key: self._start(PREFIX + key, value) for key, value in (answers or {}).items()
        }

    def _start(self, name: str, answer: Any) -> Any:
        """An answer that was kept, as its field shows it."""
        return locale.editable(answer) if isinstance(self.fields.get(name), _AskedNumber) else answer

    def _counts(self, name: str) -> Any:
        """What is typed or filled in, as the rules take it."""
        value, field = self[name].value(), self.fields[name]
        return field.plain(value) if isinstance(field, _AskedNumber) else value

    def clean(self) -> dict[str, Any]:
        known = {one.removeprefix(PREFIX) for one in self.fields}
        given = {key: self.cleaned_data.get(PREFIX + key) for key in known if PREFIX + key not in self.errors}
        self.answers, wrong = judge(self.body, given, complete=self.complete)
        for link_id, message in wrong.items():
            self.add_error(PREFIX + link_id, message)
        self.scores = scores(self.body, self.answers)
        return self.cleaned_data

    @property
    def point(self) -> str:
        """The decimal sign, for the script of the page."""
        return locale.editable(".")

    def rows(self) -> Iterator[Row]:
        """The items in order, each with what the page needs to show and hide it."""
        typed = {one.removeprefix(PREFIX): self._counts(one) for one in self.fields}
        applying = {item["linkId"] for item in enabled(self.body, typed)}
        counted = scores(self.body, typed)
        sections = section_of(items_of(self.body))
        kinds = {item["linkId"]: item["type"] for item in items_of(self.body)}
        for item in items_of(self.body):
            link_id = item["linkId"]
            name = PREFIX + link_id
            asked = name in self.fields
            kept = self.initial.get(name) if item["type"] == "attachment" else None
            yield Row(
                item,
                self[name] if asked else None,
                link_id in applying,
                sections[link_id]["linkId"] if link_id in sections else "",
                _conditions(item, kinds),
                counted.get(link_id),
                kept=shown(item, kept) if kept else "",
                keeps=typed.get(link_id) == kept,
                lost="" if name in self.errors else self.lost.get(name, ""),
            )


def _conditions(item: Item, kinds: Mapping[str, str]) -> str:
    """When the item is shown, for the script of the page; '' when always."""
    if not item.get("enableWhen"):
        return ""
    when = [one | {"counted": kinds[one["question"]] in COUNTED} for one in item["enableWhen"]]
    return json.dumps({"any": item.get("enableBehavior") == "any", "when": when})


def _field(item: Item, most_mebibytes: int) -> forms.Field:
    kind, options = item["type"], [(one, one) for one in item.get("answerOption", [])]
    common: dict[str, Any] = {
        "label": item["text"],
        "required": bool(item.get("required")),
        "help_text": item.get("help", ""),
    }
    if kind == "attachment":
        takes = f"{kinds_of(item)}, at most {most_mebibytes} MiB."
        common["help_text"] = f"{common['help_text']} {takes}".strip()
        accepted = _FileInput(attrs={"accept": ",".join(item["accept"])})
        return _AskedFile(most_mebibytes=most_mebibytes, widget=accepted, **common)
    if kind == "multichoice":
        return _AskedSeveral(widget=forms.CheckboxSelectMultiple(choices=options), **common)
    if kind != "decimal":
        return _Asked(widget=_widget(item, options), **common)
    widget = forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 20})
    field = _AskedNumber(decimals=item.get("decimals", 0), widget=widget, **common)
    if item.get("unit"):
        field.suffix = item["unit"]  # type: ignore[attr-defined]
    return field


def _widget(item: Item, options: list[tuple[str, str]]) -> forms.Widget:
    kind = item["type"]
    if kind == "choice":
        return forms.RadioSelect(choices=options)
    if kind == "scale":
        return forms.RadioSelect(choices=_steps(item), attrs={"class": "scale"})
    if kind == "text":
        return forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_PARAGRAPH})
    if kind == "date":
        return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.TextInput(attrs={"maxlength": LONGEST_LINE})


def _steps(item: Item) -> list[tuple[str, str]]:
    labels = {item["min"]: item.get("minLabel", ""), item["max"]: item.get("maxLabel", "")}
    return [
        (str(step), f"{step} {labels[step]}" if labels.get(step) else str(step))
        for step in range(item["min"], item["max"] + 1)
    ]


def typed_answers(body: Body, data: Any, start: Mapping[str, Any]) -> Answers:
    """What was typed into the form so far, as it was typed, from a query dict; files that are there stay."""
    found: Answers = {}
    for item in items_of(body):
        name = PREFIX + item["linkId"]
        if item["type"] == "attachment":
            if name + KEEP in data and item["linkId"] in start:
                found[item["linkId"]] = start[item["linkId"]]
        elif name in data and item["type"] not in UNASKED:
            found[item["linkId"]] = (
                data.getlist(name) if item["type"] == "multichoice" else data.get(name, "")
            )
    return found
