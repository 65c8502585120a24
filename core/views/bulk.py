"""Pages that do one thing with several rows chosen in a list: they say to how many, and do all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from zlib import crc32

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import cached_property

from core import locale
from core.access import foresee
from core.errors import Refused, Stale
from core.views.chosen import Chosen
from core.views.form import FormPage

SHOWN = 25
MATCH_NOW = "Other rows match now than when you looked. Nothing was changed; look again at what is listed."


class BulkPage(FormPage, abstract=True):
    """One act on the rows that were ticked, or on all that match a list's filters, among those that the actor sees.

    Subclasses give the rows, why a row takes no part, and the action for one; `nouns` is one and several of them,
    `done` what they are afterwards. What can't be done to one of them is done to none. Each is an action of its own
    with its line in the trail, so `most` bounds how many one request takes; an act that writes them together in a few
    statements overrides `do_all`, and takes more.
    """

    form_class = forms.Form
    template = "console/bulk.html"
    nouns: ClassVar[tuple[str, str]]
    done: ClassVar[str]
    list_route: ClassVar[str]
    effects: ClassVar[Sequence[str]] = ()
    most: ClassVar[int] = 500

    def get_rows(self) -> QuerySet[Any]:
        """What the actor sees, ordered."""
        raise NotImplementedError

    def why_not(self, record: Any) -> str:
        """Why a row takes no part: "is archived already"; empty where it does."""
        return ""

    def name_of(self, record: Any) -> str:
        return str(record)

    def do(self, record: Any, form: Any) -> Any:
        """Call the action for one row."""
        raise NotImplementedError

    def get_form(self, data: Any = None, files: Any = None) -> Any:
        return self.form_class(data)

    @cached_property
    def chosen(self) -> Chosen:
        return Chosen.among(self.get_rows(), self.request, self.list_route)

    @cached_property
    def found(self) -> list[Any]:
        """The chosen rows that the actor sees, at most one more than can take part."""
        records = list(self.chosen.rows[: self.most + 1])
        foresee(self.actor, records)
        return records

    @property
    def too_many(self) -> str:
        """What to say where more were chosen than can take part; empty where they aren't."""
        if len(self.found) <= self.most:
            return ""
        most = f"at most {locale.number(self.most)} can be {self.done} at once"
        if self.chosen.is_every:
            return f"{self.counted(self.chosen.rows.count())} match, and {most}. Narrow the list, then select all again."
        return f"You ticked more, and {most}. Tick fewer."

    @cached_property
    def reasons(self) -> list[tuple[Any, str]]:
        """Every chosen row that the actor sees, with why it is left out."""
        return [] if self.too_many else [(record, self._why_not(record)) for record in self.found]

    def _why_not(self, record: Any) -> str:
        return self.why_not(record) if self.may(self.permission, record) else "isn’t yours to change"

    @property
    def taking_part(self) -> list[Any]:
        return [record for record, reason in self.reasons if not reason]

    def counted(self, count: int) -> str:
        return locale.counted(count, *self.nouns)

    def version_of(self, record: Any) -> Any:
        """What changes with a row's content."""
        return getattr(record, "version", "")

    def record_version(self) -> int:
        """Of what was seen: which rows take part, and their versions."""
        seen = ",".join(f"{one.pk}:{self.version_of(one)}" for one in self.taking_part)
        return crc32(seen.encode())

    def _compare_version(self) -> None:
        if self.request.POST.get("_version") != str(self.record_version()):
            raise Stale("selection", MATCH_NOW if self.chosen.is_every else "")

    def get_context(self) -> dict[str, Any]:
        taking_part = self.taking_part
        left_out = [(self.name_of(record), reason) for record, reason in self.reasons if reason]
        context = {
            "description": f"{self.counted(len(taking_part))} will be {self.done}",
            "taking_part": [self.name_of(one).removesuffix(",") for one in taking_part[:SHOWN]],
            "more": max(0, len(taking_part) - SHOWN),
            "left_out": left_out[:SHOWN],
            "more_left_out": max(0, len(left_out) - SHOWN),
            "unknown": max(0, self.chosen.ticked - len(self.found)),
            "consequences": list(self.effects) if taking_part else [],
            "cancel_url": self.success_url(None),
            "submit_label": f"{self.submit_label} {self.counted(len(taking_part))}",
        }
        return context if taking_part else context | {"blockers": [{"text": self.nothing_to_do()}]}

    def nothing_to_do(self) -> str:
        if self.too_many:
            return self.too_many
        those = "match" if self.chosen.is_every else "you ticked"
        return f"None of the {self.nouns[1]} that {those} can be {self.done}. Go back and choose others."

    def perform(self, form: Any) -> int:
        if not self.taking_part:
            raise Refused("too_many" if self.too_many else "nothing", self.nothing_to_do())
        with transaction.atomic():
            self.do_all(self.taking_part, form)
        return len(self.taking_part)

    def do_all(self, records: Sequence[Any], form: Any) -> None:
        """Call the action for each row."""
        for record in records:
            self._do(record, form)

    def _do(self, record: Any, form: Any) -> None:
        try:
            self.do(record, form)
        except Refused as refusal:
            if refusal.field in form.fields:
                raise
            raise Refused(
                refusal.code, f"{self.name_of(record)}: {refusal.message} Nothing was changed."
            ) from refusal

    def success_url(self, result: Any) -> str:
        return self.chosen.origin.address

    def success_message(self, result: int) -> str:
        return f"{self.counted(result)} {'is' if result == 1 else 'are'} {self.done} now."
