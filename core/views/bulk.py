"""Pages that do one thing with several ticked rows of a list: they say to how many, and do all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from zlib import crc32

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from core.errors import Refused, Stale
from core.views.export import keys_of
from core.views.form import FormPage
from core.views.list import query_to_keep

MOST = 500
SHOWN = 25


class BulkPage(FormPage, abstract=True):
    """One act on the rows whose keys come as `selected`, among those that the actor sees.

    Subclasses give the rows, why a row takes no part, and the action for one; `nouns` is one and several of them,
    `done` what they are afterwards. What can't be done to one of them is done to none.
    """

    form_class = forms.Form
    template = "console/bulk.html"
    nouns: ClassVar[tuple[str, str]]
    done: ClassVar[str]
    list_route: ClassVar[str]
    effects: ClassVar[Sequence[str]] = ()

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
    def ticked(self) -> list[str]:
        return list(dict.fromkeys(self.request.GET.getlist("selected")))[: MOST + 1]

    @cached_property
    def reasons(self) -> list[tuple[Any, str]]:
        """Every ticked row that the actor sees, with why it is left out."""
        rows = self.get_rows()
        found = rows.filter(pk__in=keys_of(rows.model, self.ticked[:MOST]))
        return [(record, self._why_not(record)) for record in found]

    def _why_not(self, record: Any) -> str:
        return self.why_not(record) if self.may(self.permission, record) else "isn’t yours to change"

    @property
    def taking_part(self) -> list[Any]:
        return [record for record, reason in self.reasons if not reason]

    def counted(self, count: int) -> str:
        return f"{count:,} {self.nouns[count != 1]}"

    def record_version(self) -> int:
        """Of what was seen: which rows take part, and their versions."""
        seen = ",".join(f"{one.pk}:{getattr(one, 'version', '')}" for one in self.taking_part)
        return crc32(seen.encode())

    def _compare_version(self) -> None:
        if self.request.POST.get("_version") != str(self.record_version()):
            raise Stale("selection")

    def get_context(self) -> dict[str, Any]:
        taking_part = self.taking_part
        left_out = [(self.name_of(record), reason) for record, reason in self.reasons if reason]
        context = {
            "description": f"{self.counted(len(taking_part))} will be {self.done}",
            "taking_part": [self.name_of(one) for one in taking_part[:SHOWN]],
            "more": max(0, len(taking_part) - SHOWN),
            "left_out": left_out,
            "unknown": len(self.ticked) - len(self.reasons),
            "consequences": list(self.effects) if taking_part else [],
            "cancel_url": self.success_url(None),
            "submit_label": f"{self.submit_label} {self.counted(len(taking_part))}",
        }
        return context if taking_part else context | {"blockers": [{"text": self.nothing_to_do()}]}

    def nothing_to_do(self) -> str:
        return f"None of the {self.nouns[1]} that you ticked can be {self.done}. Go back and tick others."

    def perform(self, form: Any) -> int:
        if len(self.ticked) > MOST:
            raise Refused("too_many", f"At most {MOST} can be {self.done} at once. Tick fewer.")
        if not self.taking_part:
            raise Refused("nothing", self.nothing_to_do())
        with transaction.atomic():
            for record in self.taking_part:
                self._do(record, form)
        return len(self.taking_part)

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
        kept = query_to_keep(QueryDict(self.request.GET.get("_query", "")[:2000]))
        return f"{reverse(self.list_route)}?{kept or 'view='}"

    def success_message(self, result: int) -> str:
        return f"{self.counted(result)} {'is' if result == 1 else 'are'} {self.done} now."
