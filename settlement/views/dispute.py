"""Disputes: the list of them, what both sides say, and how one ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse

from core import locale
from core.clock import now
from core.views.base import ConsoleView, found
from core.views.download import attachment
from core.views.form import FormPage
from core.views.list import ListPage
from ledger.queries.mutual import kind_of_event, void_of
from orgs.queries.access import organizations_for
from settlement.actions.dispute import end_dispute, write_message
from settlement.forms.reconciliation import EndForm, SaidForm
from settlement.models import Dispute
from settlement.permissions import RECONCILIATION_DISPUTE, RECONCILIATION_VIEW
from settlement.queries.dispute import disputes_for, oldest_first
from settlement.rules.disputes import age_band
from settlement.tables.reconciliation import DisputeFilter, DisputeTable
from settlement.views.parts import crumbs, said_of
from work.queries.file import stored_file


class DisputeList(ListPage):
    """Every dispute of which the actor may see a side; open ones first, the oldest of them before all."""

    permission = RECONCILIATION_VIEW
    module = "finance"
    title = "Disputes"
    table_class = DisputeTable
    filter_class = DisputeFilter
    shipped_views = (("Open", "state=open"), ("Answer is late", "state=late"))

    def get_rows(self) -> QuerySet[Dispute]:
        return oldest_first(disputes_for(self.actor))

    def decorate(self, records: Sequence[Dispute]) -> None:
        today = now().date()
        for one in records:
            one.is_late = one.is_open and one.answer_by < today  # type: ignore[attr-defined]

    def get_context(self) -> dict[str, Any]:
        return {"description": "What a side doesn’t agree to, and who has to answer."}


class DisputeSubject(ConsoleView, abstract=True):
    """A page about one dispute of which the actor may see a side."""

    subject: Dispute

    def get_subject(self) -> Dispute:
        return found(disputes_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def sides(self) -> QuerySet[Any]:
        """The sides for which the actor may speak."""
        mine = organizations_for(self.actor, RECONCILIATION_DISPUTE)
        return mine.filter(pk__in=self.subject.access_organization_ids).order_by("lft")

    def here(self) -> str:
        return reverse("dispute", args=[self.subject.pk])


class DisputePage(DisputeSubject):
    """What is disputed, what both sides said, and what comes next."""

    permission = RECONCILIATION_VIEW

    def get(self, request: Any, pk: int) -> HttpResponse:
        one = self.subject
        sides = self.sides()
        may_speak = one.is_open and self.may(RECONCILIATION_DISPUTE, one)
        context = {
            "title": str(one),
            "description": f"{one.side.name} and {one.other.name}",
            "status": "disputed" if one.is_open else one.outcome,
            "status_label": "Open" if one.is_open else one.get_outcome_display(),
            "crumbs": crumbs("dispute-list"),
            "facts": self._facts(),
            "messages_said": one.messages.select_related("side").order_by("at", "pk"),
            "said_form": SaidForm(sides=sides, initial={"side": self._speaks_for(sides)})
            if may_speak
            else None,
            "end_url": reverse("dispute-end", args=[pk]) if may_speak else "",
            "record_version": one.version,
        }
        return self.page("settlement/dispute.html", context)

    def _speaks_for(self, sides: QuerySet[Any]) -> int | None:
        """Whoever has to answer, if the actor may for them."""
        ids = list(sides.values_list("pk", flat=True))
        return self.subject.awaits_id if self.subject.awaits_id in ids else next(iter(ids), None)

    def _facts(self) -> list[dict[str, Any]]:
        one = self.subject
        days = ((one.closed_at or now()) - one.opened_at).days
        facts = [
            {
                "label": "Entry",
                "value": f"{kind_of_event(one.event_id)}, no. {one.event_id}",
                "url": self._entry(),
            },
            {"label": "Effective on", "value": locale.day(one.effective_on)},
            {"label": "Amount", "value": f"{one.amount}"},
            {"label": "Reason", "value": one.get_reason_display()},
            {"label": "Raised", "value": locale.day_and_time(one.opened_at), "note": one.opened_by},
            {"label": "Age", "value": age_band(days), "note": locale.counted(days, "day")},
        ]
        if one.is_open:
            by = f"by {locale.day(one.answer_by)}"
            facts.append({"label": "Has to answer", "value": one.awaits.name, "note": by})
        return facts

    def _entry(self) -> str:
        """Where the entry stands, for whoever may read journals somewhere; that page asks again."""
        return reverse("ledger-event", args=[self.subject.event_id]) if self.may("journal:view") else ""


class DisputeAnswer(DisputeSubject, FormPage):
    """Say something in a dispute."""

    permission = RECONCILIATION_DISPUTE
    title = "Answer"
    submit_label = "Send"
    success = "Sent. The other side has to answer now."

    def record_version(self) -> int | None:
        """What was said in the meantime stands above; nothing is overwritten by saying more."""
        return None

    def get_form(self, data: Any = None, files: Any = None) -> SaidForm:
        return SaidForm(data, files, sides=self.sides(), initial={"side": self.subject.awaits_id})

    def get_context(self) -> dict[str, Any]:
        return {"cancel_url": self.here(), "crumbs": crumbs("dispute-list"), "description": str(self.subject)}

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return write_message(self.actor, self.subject, side=data["side"], said=said_of(data))

    def success_url(self, result: Any) -> str:
        return self.here()


class DisputeEnd(DisputeSubject, FormPage):
    """End a dispute by a correction, or in agreement."""

    permission = RECONCILIATION_DISPUTE
    title = "End the dispute"
    submit_label = "End it"
    success = "The dispute has ended."

    def get_form(self, data: Any = None, files: Any = None) -> EndForm:
        void = void_of(self.subject.event_id)
        return EndForm(
            data,
            may_agree=self.may(RECONCILIATION_DISPUTE, self.subject.side),
            initial={"outcome": "corrected", "correction": void} if void else {},
        )

    def get_context(self) -> dict[str, Any]:
        return {
            "cancel_url": self.here(),
            "crumbs": crumbs("dispute-list"),
            "consequences": [
                f"{self.subject.side.name} has agreed to the entry by that, and it can be settled.",
                "Nothing more is said in it; another dispute can be raised.",
            ],
        }

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return end_dispute(
            self.actor,
            self.subject,
            outcome=data["outcome"],
            text=data["text"],
            correction_id=data["correction"],
            version=self.subject.version,
        )

    def success_url(self, result: Any) -> str:
        return self.here()


class DisputeFile(DisputeSubject):
    """A file that somebody sent along, as an attachment."""

    permission = RECONCILIATION_VIEW

    def get(self, request: Any, pk: int, message: int) -> HttpResponse:
        said = self.subject.messages.filter(pk=message).first()
        file = stored_file(said.file_id) if said is not None and said.file_id is not None else None
        if file is None:
            raise Http404("There is no such file.")
        return attachment(file)
