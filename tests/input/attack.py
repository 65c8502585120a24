"""One form under attack: what the page itself would send, and what went wrong so far."""

from __future__ import annotations

import re
from typing import Any

from django.core.files import File

from tests.input.given import STRANGER, Data
from tests.input.page import Form, form_for
from tests.input.routes import Entry
from tests.input.world import SAID, Answer, World

#: Fields for amounts of money, which are plain text in the page.
AMOUNTS = ("price", "discount", "second_amount", "standalone_", "amount_", "buy", "sell")
CARRIED = ("_network", "_version", "_key", "csrfmiddlewaretoken")
KEPT = {"text", "textarea", "email", "number", "date", "datetime-local", "month", "search", "amount"}
REPEATED = re.compile(r".*_[2-9]$|row-([1-9]\d*-|TOTAL|INITIAL|MIN|MAX)")


class Attack:
    """One route's form as the page shows it, and the answers to what is sent in its place."""

    def __init__(self, world: World, entry: Entry) -> None:
        self.world, self.entry = world, entry
        if entry.before:
            entry.before(world)
        self.path = entry.path(world)
        self.form = self._form()
        overlay = {
            name: value if isinstance(value, list) else [value]
            for name, value in entry.overlay(world).items()
        }
        self.right: Data = self.form.data() | overlay
        self.wrong: list[str] = []

    def _form(self) -> Form:
        """The form on the route's own page, or where its button stands."""
        on = self.entry.on
        path = self.world.path(on[0], on[1:]) if on else self.path
        page = self.world.client(self.entry.by).get(path)
        assert page.status_code == 200, f"{path} answers {page.status_code}"
        form = form_for(page.content.decode(), self.path)
        assert form is not None, f"{path} shows no form for {self.path}"
        return form

    def kind(self, name: str) -> str:
        kind = self.form.fields[name].kind if name in self.form.fields else "text"
        return "amount" if kind == "text" and name.startswith(AMOUNTS) else kind

    def fields(self, *kinds: str) -> list[str]:
        """The fields to attack, of some kinds or all; of repeated ones the first row only."""
        names = [name for name in self.form.fields if name not in CARRIED and not REPEATED.match(name)]
        return [name for name in names if not kinds or self.kind(name) in kinds]

    def send(self, data: Data, *, dialog: bool = False, **how: Any) -> Answer:
        """The form as a page sends it, or as a dialog does, whose answers are smaller."""
        for file in (one for values in data.values() for one in values if isinstance(one, File)):
            file.seek(0)  # what was sent before has read it to its end
        if dialog and self.path.startswith("/console/"):
            how["headers"] = {"HX-Request": "true"}
        return self.world.send(self.entry.by, "post", self.path, data, **how)

    def expect(self, what: str, answer: Answer, *statuses: int) -> None:
        """Note what is wrong with an answer."""
        self.wrong += [f"{what}: {wrong}" for wrong in answer.wrong]
        if statuses and answer.status not in statuses and not answer.wrong:
            told = "; ".join(re.findall(r'class="field-error">(?:<svg.*?</svg>)?([^<]*)', answer.body)[:3])
            self.wrong.append(
                f"{what}: answered {answer.status}, not {' or '.join(map(str, statuses))} {told}"
            )
        if answer.status in (409, 422) and not SAID.search(answer.body):
            self.wrong.append(f"{what}: {answer.status} without a message")

    def refused(self, what: str, answer: Answer, names: list[str]) -> None:
        """Each of the fields says for itself what is wrong with it."""
        self.expect(what, answer, self.entry.refusal)
        silent = [name for name in names if f'_{name}_error"' not in answer.body]
        if silent and answer.status == self.entry.refusal:
            self.wrong.append(f"{what}: no error beside {', '.join(silent)}")

    def kept(self, what: str, answer: Answer, data: Data) -> None:
        """After a refusal the form stands there again with what was typed."""
        if answer.status not in (409, 422) or self.entry.by == STRANGER:
            return
        shown = form_for(answer.body, self.path)
        if shown is None:
            self.wrong.append(f"{what}: the form is not shown again")
            return
        for name in self.form.fields:
            if self.kind(name) in KEPT and data.get(name) and name in shown.fields:
                typed, there = data[name][-1], "".join(shown.fields[name].values[:1])
                if there.replace("\r\n", "\n").replace("\r", "\n") != typed.replace("\r\n", "\n").replace(
                    "\r", "\n"
                ):
                    self.wrong.append(f"{what}: {name} shows {there[:40]!r}, typed was {typed[:40]!r}")

    def done(self) -> None:
        assert not self.wrong, f"{len(self.wrong)} at {self.path}\n" + "\n".join(self.wrong)
