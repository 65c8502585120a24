"""Pages of back-tests: asked for, under way, and what came of them, down to both entries of one event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from core import locale
from core.charts import Series, bar_chart
from core.clock import today_in
from core.money import Money
from core.views.base import ConsoleView, found
from core.views.cursor import cursor_page
from ledger.actions import backtest as actions
from ledger.forms.backtest import BacktestForm
from ledger.models import BackTest, BackTestEvent
from ledger.permissions import JOURNAL_VIEW, RULE_EDIT, RULE_VIEW
from ledger.queries.backtest import (
    PlaceDifference,
    backtests_for,
    by_date,
    compare,
    differences,
    differing_events,
    is_stale,
    refused_events,
)
from ledger.views.rule import RuleChange
from orgs.queries import tree

MOST_BARS = 12
DAYS = 90


class BacktestAdd(RuleChange):
    """Ask for a back-test of a draft."""

    permission = RULE_EDIT
    title = "Back-test"
    submit_label = "Run"
    consequences = ["Nothing is posted. The worker compares what was posted with what this draft would give."]

    def get_form(self, data: Any = None, files: Any = None) -> BacktestForm:
        today = today_in(tree.root().time_zone)
        return BacktestForm(data, initial={"first_on": today - timedelta(days=DAYS), "last_on": today})

    def perform(self, form: Any) -> BackTest:
        return actions.ask_backtest(self.actor, self.subject, **form.cleaned_data)

    def success_url(self, result: BackTest) -> str:
        return reverse("backtest", args=[result.pk])

    def success_message(self, result: BackTest) -> str:
        return "The back-test is under way."


class BacktestSubject(ConsoleView, abstract=True):
    """A page about one back-test."""

    permission = RULE_VIEW
    module = "rules"
    subject: BackTest

    def get_subject(self) -> BackTest:
        return found(backtests_for(self.actor), pk=self.kwargs["pk"])  # type: ignore[no-any-return]

    def permission_target(self) -> None:
        """Rules belong to the whole network."""

    def crumbs(self) -> list[dict[str, str]]:
        version = self.subject.rule_version
        return [
            {"label": "Rules", "url": reverse("rule-list")},
            {"label": version.rule.code, "url": reverse("rule", args=[version.pk])},
        ]


class BacktestPage(BacktestSubject):
    """The difference per organization, as a chart and a table, and the events behind one of them."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        test = self.subject
        places = differences(self.actor, test) if test.status == BackTest.Status.DONE else []
        context = {
            "title": "Back-test",
            "description": f"{test.rule_version}, {locale.day(test.first_on)} to {locale.day(test.last_on)}",
            "crumbs": self.crumbs(),
            "status": test.status,
            "status_label": test.get_status_display(),
            "actions": self._again(),
            "test": test,
            "is_stale": is_stale(test),
            "places": places,
            "stats": self._stats(),
            "chart": _chart(places),
            **self._events(places),
        }
        return self.page("ledger/backtest.html", context)

    def _again(self) -> list[dict[str, Any]]:
        url = reverse("backtest-add", args=[self.subject.rule_version_id])
        again = {"label": "Test again", "url": url, "icon": "history", "dialog": True}
        is_draft = self.subject.rule_version.status == "draft"
        return [again] if is_draft and self.may(RULE_EDIT) else []

    def _stats(self) -> list[dict[str, Any]]:
        test = self.subject
        figures = (
            ("Events looked at", test.total),
            ("It would have answered", test.answered),
            ("With another entry", test.differing),
            ("Refused", test.refused),
        )
        return [{"label": label, "value": locale.number(count)} for label, count in figures]

    def _events(self, places: list[PlaceDifference]) -> dict[str, Any]:
        """The events behind the organization that is asked for, or those that would be refused."""
        asked = self.request.GET.get("organization", "")
        place = next((one for one in places if str(one.organization.pk) == asked), None)
        if place is not None:
            rows = differing_events(self.subject, place.organization.pk)
            heading = f"Events in the books of {place.organization.name}"
        elif self.request.GET.get("refused"):
            rows, heading = refused_events(self.subject), "Events that would be refused"
        else:
            return {}
        page = cursor_page(by_date(rows), self.request.GET, on="on", key="number")
        shown = [
            (row, Money(row.change_at(place.organization.pk), place.currency) if place else None)
            for row in page.rows
        ]
        return {"heading": heading, "page": page, "shown": shown, "place": place}


class BacktestEvent(BacktestSubject):
    """One event: what was posted beside what the draft would give, with both reasons."""

    permission = JOURNAL_VIEW

    def get_subject(self) -> BackTest:
        test = super().get_subject()
        # An event that was not looked at is not found, whatever one may read of the others.
        rows = test.events.select_related("event__organization", "event__rule_version__rule")
        self.row: BackTestEvent = found(rows, event_id=self.kwargs["event"])
        return test

    def get(self, request: Any, pk: int, event: int) -> HttpResponse:
        row = self.row
        context = {
            "title": f"{row.event.get_kind_display()} of {locale.long_day(row.event.effective_on)}",
            "description": row.event.organization.name,
            "crumbs": [
                *self.crumbs(),
                {"label": "Back-test", "url": reverse("backtest", args=[pk])},
            ],
            "event": row.event,
            "compared": compare(self.actor, self.subject, row),
        }
        return self.page("ledger/backtest_event.html", context)


def _plain(amount: Money) -> float:
    return float(amount.decimal())


def _chart(places: list[PlaceDifference]) -> Any:
    """Where the most would change, in the currency of most of them."""
    if not places:
        return None
    currencies = [one.currency for one in places]
    currency = max(set(currencies), key=currencies.count)
    largest = sorted(
        (one for one in places if one.currency == currency),
        key=lambda one: abs(one.difference.minor),
        reverse=True,
    )[:MOST_BARS]
    return bar_chart(
        f"Earned, {currency}",
        [one.organization.code for one in largest],
        [
            Series("As posted", [_plain(one.posted) for one in largest]),
            Series("By the draft", [_plain(one.drafted) for one in largest]),
        ],
        stacked=False,
    )
