"""One item of a draft, in the dialog of the form builder."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from content.rules.body import (
    BEHAVIORS,
    CHOOSING,
    COUNTED,
    LONGEST_OPTION,
    LONGEST_TEXT,
    METHODS,
    MOST_CONDITIONS,
    MOST_OPTIONS,
    OPERATORS,
    UNASKED,
    Body,
    Item,
    fresh_link_id,
)
from content.rules.overlay import REWORDED
from core import locale
from core.fields import NumberField
from core.files import KINDS

MOST_DECIMALS = 4


class Offered(forms.TextInput):
    """A line of text to type, with what it may be offered below it."""

    def __init__(self, options: list[str]) -> None:
        super().__init__()
        self.options = options

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        list_id = f"{name}_offered"
        field = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        options = format_html_join("", "<option>{}</option>", ((one,) for one in self.options))
        return format_html('{}<datalist id="{}">{}</datalist>', field, list_id, options)


class ItemForm(forms.Form):
    """What an item of one type may say. `item` is the one to edit, None for a new one; `before` stand before it."""

    use_required_attribute = False
    text = forms.CharField(max_length=LONGEST_TEXT, label="Question")
    help = forms.CharField(max_length=LONGEST_TEXT, required=False, label="Help")
    wide = {"text", "help", "answerOption", "of", "bands", "accept"}

    def __init__(
        self, kind: str, body: Body, before: list[Item], data: Any = None, *, item: Item | None = None
    ) -> None:
        self.kind, self.body, self.item = kind, body, item
        super().__init__(data, initial=_initial(item) if item else {"decimals": 0, "min": 0, "max": 10})
        self.asked = [one for one in before if one["type"] not in UNASKED]
        self.counted = [one for one in before if one["type"] in COUNTED]
        if kind == "decimal" and item is None:
            self.initial = {"decimals": 0}
        self.fields["text"].label = {"group": "Title", "score": "Name"}.get(kind, "Question")
        if kind not in UNASKED:
            self.fields["required"] = forms.BooleanField(required=False, label="An answer is required")
        self.fields |= self._own()
        if self.asked:
            self.fields |= self._conditions()
        rows = [tuple(f"{part}_{n}" for part in ("question", "operator", "answer")) for n in self._numbers()]
        rows.append(("behavior",))
        conditions = {name for row in rows for name in row}
        self.sections: list[tuple[str, str, list[Any]]] = [
            ("", "", [name for name in self.fields if name not in conditions])
        ]
        if self.asked:
            self.sections.append(("Shown when", "Leave it empty to show it always.", [*rows]))

    def _numbers(self) -> range:
        return range(1, MOST_CONDITIONS + 1)

    def _own(self) -> dict[str, forms.Field]:
        """The fields of the item's type."""
        if self.kind in CHOOSING:
            return {
                "answerOption": forms.CharField(
                    widget=forms.Textarea(attrs={"rows": 5}),
                    label="Options",
                    help_text="One a line.",
                    max_length=MOST_OPTIONS * (LONGEST_OPTION + 2),
                )
            }
        if self.kind == "decimal":
            return {
                "unit": forms.CharField(max_length=20, required=False, label="Unit"),
                "decimals": forms.IntegerField(min_value=0, max_value=4, label="Decimals", required=False),
                "min": _number("Least", required=False),
                "max": _number("Most", required=False),
            }
        if self.kind == "attachment":
            return {
                "accept": forms.MultipleChoiceField(
                    choices=KINDS.items(),
                    widget=forms.CheckboxSelectMultiple,
                    label="Kinds of files",
                    help_text="Told by what is in the file, not by its name.",
                    error_messages={"required": "No kind of file is accepted. Choose at least one."},
                    initial=list(KINDS),
                )
            }
        if self.kind == "scale":
            return {
                "min": forms.IntegerField(min_value=-100, max_value=1000, label="From"),
                "max": forms.IntegerField(min_value=-100, max_value=1000, label="To"),
                "minLabel": forms.CharField(max_length=60, required=False, label="What the first means"),
                "maxLabel": forms.CharField(max_length=60, required=False, label="What the last means"),
            }
        if self.kind == "score":
            return {
                "method": forms.ChoiceField(choices=METHODS.items(), label="Counted as"),
                "of": forms.MultipleChoiceField(
                    choices=[(one["linkId"], one["text"]) for one in self.counted],
                    widget=forms.CheckboxSelectMultiple,
                    label="Of",
                    help_text="Numbers and scales that stand before." if self.counted else "",
                    error_messages={
                        "required": "Nothing is counted. Choose numbers or scales; add them first if there are none."
                    },
                ),
                "bands": forms.CharField(
                    widget=forms.Textarea(attrs={"rows": 3}),
                    required=False,
                    label="Bands",
                    help_text="One a line: its first number and its name, such as “4 Moderate”.",
                    max_length=MOST_OPTIONS * (LONGEST_OPTION + 22),
                ),
            }
        return {}

    def _conditions(self) -> dict[str, forms.Field]:
        questions = [("", "Always"), *((one["linkId"], one["text"]) for one in self.asked)]
        options = list(dict.fromkeys(option for one in self.asked for option in one.get("answerOption", ())))
        found: dict[str, forms.Field] = {}
        for n in self._numbers():
            found[f"question_{n}"] = forms.ChoiceField(
                choices=questions, required=False, label=f"Question {n}"
            )
            found[f"operator_{n}"] = forms.ChoiceField(
                choices=OPERATORS.items(), required=False, label="Comparison", initial="="
            )
            found[f"answer_{n}"] = forms.CharField(
                max_length=LONGEST_TEXT, required=False, label="Answer", widget=Offered(options)
            )
        found["behavior"] = forms.ChoiceField(
            choices=BEHAVIORS.items(), required=False, label="If there are several", initial="all"
        )
        return found

    def made(self) -> Item:
        """The item as it was typed; the body's rules judge it."""
        data = self.cleaned_data
        link_id = self.item["linkId"] if self.item else fresh_link_id(self.body, data["text"])
        item: Item = {"linkId": link_id, "type": self.kind, "text": data["text"]}
        if data["help"]:
            item["help"] = data["help"]
        if data.get("required"):
            item["required"] = True
        for name in ("unit", "decimals", "min", "max", "minLabel", "maxLabel", "method", "of", "accept"):
            if data.get(name) not in (None, ""):
                item[name] = str(data[name]) if isinstance(data[name], Decimal) else data[name]
        if "answerOption" in data:
            item["answerOption"] = _lines(data["answerOption"])
        if data.get("bands"):
            item["bands"] = data["bands"]
        conditions = self._made_conditions()
        if conditions:
            item |= {"enableWhen": conditions, "enableBehavior": data["behavior"] or "all"}
        return item

    def _made_conditions(self) -> list[dict[str, str]]:
        data, found = self.cleaned_data, []
        for n in self._numbers() if self.asked else ():
            if data[f"question_{n}"]:
                condition = {"question": data[f"question_{n}"], "operator": data[f"operator_{n}"] or "="}
                if condition["operator"] != "exists":
                    condition["answer"] = self._compared(condition["question"], data[f"answer_{n}"])
                found.append(condition)
        return found

    def _compared(self, question: str, typed: str) -> str:
        """The answer to compare with: of a number, the plain one."""
        is_number = any(one["linkId"] == question for one in self.counted)
        return _read(typed) if is_number and typed else typed

    def clean_bands(self) -> list[dict[str, str]]:
        found = []
        for line in _lines(self.cleaned_data["bands"]):
            start, _, label = line.partition(" ")
            if not label.strip():
                raise forms.ValidationError(
                    f"“{line[:60]}” is no band. Write its first number and its name, such as “4 Moderate”."
                )
            found.append({"from": _read(start), "label": label.strip()})
        return found


class RewordForm(forms.Form):
    """What an override may say differently of a shared item."""

    use_required_attribute = False
    text = forms.CharField(max_length=LONGEST_TEXT, label="Question")
    help = forms.CharField(max_length=LONGEST_TEXT, required=False, label="Help")
    wide = {"text", "help"}

    def __init__(self, item: Item, data: Any = None) -> None:
        self.item = item
        super().__init__(data, initial=item)
        if item["type"] not in UNASKED:
            self.fields["required"] = forms.BooleanField(required=False, label="An answer is required")

    def made(self) -> Item:
        """The item in these words; the rest stays as it is shared."""
        shared = {key: value for key, value in self.item.items() if key not in REWORDED}
        return shared | {key: value for key, value in self.cleaned_data.items() if value}


def _number(label: str, **options: Any) -> NumberField:
    return NumberField(label=label, max_digits=14, decimal_places=MOST_DECIMALS, **options)


def _read(typed: str) -> str:
    try:
        return locale.read_number(typed, MOST_DECIMALS)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from None


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _initial(item: Item) -> dict[str, Any]:
    start = {**item, "answerOption": "\n".join(item.get("answerOption", []))}
    start |= {name: Decimal(item[name]) for name in ("min", "max") if isinstance(item.get(name), str)}
    start["bands"] = "\n".join(
        f"{locale.editable(band['from'])} {band['label']}" for band in item.get("bands", [])
    )
    start["behavior"] = item.get("enableBehavior", "all")
    for n, condition in enumerate(item.get("enableWhen", []), 1):
        start |= {f"{key}_{n}": condition.get(key, "") for key in ("question", "operator", "answer")}
    return start
