"""Pages of breakage: what is expected never to be used, what of it is booked, and runs by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.clock import today_in
from core.errors import Refused
from core.views.base import ConsoleView
from core.views.form import FormPage
from ledger.actions.breakage import run_holder
from ledger.forms.breakage import BreakageForm
from ledger.models import LedgerEvent
from ledger.permissions import BREAKAGE_RUN, JOURNAL_VIEW, STATEMENT_VIEW
from ledger.queries.breakage import Plan, percents_set, plans_of, runs_of
from ledger.queries.period import closed_through
from ledger.queries.statement import books_for
from ledger.rules.report import month_end, months_before
from ledger.rules.settings import BREAKAGE_MONTHLY
from orgs.queries.access import organizations_for

if TYPE_CHECKING:
    from orgs.models import Organization


class OfBreakage(ConsoleView, abstract=True):
    """Breakage of what one organization owes, as of a day."""

    module = "finance"
    nav = "breakage"

    def usual(self) -> dict[str, str]:
        """The first of the actor's books, at the end of last month."""
        first = books_for(self.actor).values_list("code", flat=True).first()
        last_month = months_before(today_in(self.request.network.time_zone), 1)
        return {"organization": first or "", "on": month_end(last_month).isoformat()}


class BreakagePage(OfBreakage):
    """Every package of a holder that expects breakage: its figures, what the next run would post, and the last runs."""

    permission = STATEMENT_VIEW

    def get(self, request: Any) -> HttpResponse:
        form = BreakageForm(request.GET or self.usual(), books=books_for(self.actor))
        about = {
            "title": "Breakage",
            "description": "What of prepaid care is expected never to be used, and how much of it is revenue already.",
            "filter_form": form,
        }
        if not form.is_valid():
            return self.page("ledger/breakage.html", about, status=422)
        place, on = form.cleaned_data["organization"], form.cleaned_data["on"]
        plans = plans_of(place, on)
        closed = closed_through(place)
        context = {
            "rows": self._rows(plans),
            "runs": runs_of(place),
            "is_monthly": BREAKAGE_MONTHLY.at(place),
            "closed": closed if closed and closed >= on else None,
            "on": on,
            "place": place,
            "actions": self._buttons(place, on) if any(plan.step for plan in plans) else [],
            "journal_url": self._journal(place),
        }
        return self.page("ledger/breakage.html", about | context)

    def _rows(self, plans: list[Plan]) -> list[dict[str, Any]]:
        set_by = percents_set([plan.package for plan in plans])
        return [
            {
                "plan": plan,
                "percent": locale.number(plan.package.breakage_percent.normalize()),  # type: ignore[union-attr]
                "set_by": set_by.get(plan.package.pk),
            }
            for plan in plans
        ]

    def _buttons(self, place: Organization, on: date) -> list[dict[str, Any]]:
        if not self.may(BREAKAGE_RUN, place):
            return []
        query = urlencode({"organization": place.code, "on": on.isoformat()})
        url = f"{reverse('breakage-run')}?{query}"
        return [{"label": "Run", "url": url, "icon": "play", "style": "primary", "dialog": True}]

    def _journal(self, place: Organization) -> str:
        if not self.may(JOURNAL_VIEW, place):
            return ""
        query = {"organization": place.code, "kind": LedgerEvent.Kind.BREAKAGE}
        return f"{reverse('journal')}?{urlencode(query)}"


class BreakageRun(OfBreakage, FormPage):
    """Bring a holder's breakage up to a day, after what it would post was shown."""

    permission = BREAKAGE_RUN
    title = "Run breakage"
    submit_label = "Run"
    keyed: ClassVar[bool] = True

    def get_form(self, data: Any = None, files: Any = None) -> BreakageForm:
        books = organizations_for(self.actor, BREAKAGE_RUN).exclude(kind="third_party").order_by("lft")
        asked = {key: self.request.GET[key] for key in ("organization", "on") if key in self.request.GET}
        return BreakageForm(data, books=books, initial=asked or self.usual())

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "In the holder\u2019s own books, every package at once.",
            "consequences": self._preview() or ["What is to be booked of each package becomes an entry."],
            "cancel_url": reverse("breakage"),
        }

    def _preview(self) -> list[str]:
        """What would be posted, where the address says whose and when."""
        books = organizations_for(self.actor, BREAKAGE_RUN).exclude(kind="third_party")
        asked = BreakageForm(self.request.GET, books=books)
        if not self.request.GET or not asked.is_valid():
            return []
        plans = plans_of(asked.cleaned_data["organization"], asked.cleaned_data["on"])
        return [
            f"{plan.package.name}: {plan.booked} booked becomes {plan.target}, so {plan.step} is posted."
            for plan in plans
            if plan.step
        ]

    def perform(self, form: Any) -> tuple[dict[str, Any], list[LedgerEvent]]:
        said = form.cleaned_data
        done = run_holder(self.actor, said["organization"], on=said["on"], key=self.idempotency_key())
        if not done:
            raise Refused("not_permitted", f"Nothing is to be booked as of {locale.day(said['on'])}.")
        return said, done

    def success_url(self, result: tuple[dict[str, Any], list[LedgerEvent]]) -> str:
        said = result[0]
        query = {"organization": said["organization"].code, "on": said["on"].isoformat()}
        return f"{reverse('breakage')}?{urlencode(query)}"

    def success_message(self, result: tuple[dict[str, Any], list[LedgerEvent]]) -> str:
        return f"Breakage of {locale.counted(len(result[1]), 'package', 'packages')} was booked."
