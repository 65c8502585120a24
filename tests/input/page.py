"""Reading a page as a browser does: its forms, their fields, and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Field:
    """One control: its kind and what it would send."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form that posts."""

    action: str
    fields: dict[str, Field] = field(default_factory=dict)

    def data(self) -> dict[str, list[str]]:
        return {
            name: list(one.values) for name, one in self.fields.items() if one.kind != "file" and one.values
        }


class Reader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._open: Field | None = None
        self._text: list[str] | None = None
        self._untouched = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", "")) if given.get("method", "").lower() == "post" else None
            if self._form:
                self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "option" and self._open:
            self._option(self._open, given)
        elif tag in ("input", "select", "textarea", "button") and given.get("name"):
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        kind = given.get("type", "text") if tag in ("input", "button") else tag
        if kind == "submit" or (tag == "button" and kind == "text"):
            return
        found = self._form.fields.setdefault(given["name"], Field(given["name"], kind))
        if tag == "input":
            if kind not in ("checkbox", "radio") or "checked" in given:
                found.values.append(given.get("value", "on" if kind == "checkbox" else ""))
        else:
            found.kind = "multiple" if "multiple" in given else kind
            self._open, self._untouched = found, True
            self._text = [] if tag == "textarea" else None

    def _option(self, select: Field, given: dict[str, str]) -> None:
        """What is selected, or the first one where nothing is."""
        if "selected" in given:
            select.values[:] = [*([] if self._untouched else select.values), given.get("value", "")]
            self._untouched = False
        elif select.kind == "select" and not select.values:
            select.values.append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open and self._text is not None:
            self._open.values.append("".join(self._text).removeprefix("\n"))
            self._open = self._text = None
        elif tag == "select":
            self._open = None
        elif tag == "form":
            self._form = None


def forms_of(body: str) -> list[Form]:
    """Every form of a page that posts."""
    reader = Reader()
    reader.feed(body)
    return reader.forms


def form_for(body: str, path: str) -> Form | None:
    """The form of a page that posts to a path, or the only one there."""
    found = forms_of(body)
    named = (
        found
        if len(found) == 1
        else [form for form in found if form.action.partition("?")[0] in (path.partition("?")[0], "")]
    )
    return max(named, key=lambda form: len(form.fields), default=None)
