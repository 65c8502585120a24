"""What stands between two organizations: every pair, and the items of one, to acknowledge or dispute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from core import locale
from core.errors import Refused
from core.money import Money
from core.views.base import ConsoleView, found
from core.views.form import FormPage
from core.views.list import ListPage
from ledger.queries.mutual import claims_between, claims_for, with_balance
from orgs.queries.access import organizations_for
from settlement.actions.acknowledgement import Meant, acknowledge
from settlement.actions.dispute import raise_dispute
from settlement.forms.reconciliation import DisputeForm, ItemFilter
from settlement.permissions import RECONCILIATION_ACKNOWLEDGE, RECONCILIATION_DISPUTE, RECONCILIATION_VIEW
from settlement.queries.dispute import open_disputes
from settlement.queries.item_totals import totals_of
from settlement.queries.items import FIRST, LAST, STATES, Item, Narrowing, item, item_page
from settlement.tables.reconciliation import ClaimFilter, ClaimTable
from settlement.views.parts import crumbs, said_of


class ClaimList(ListPage):
    """Every pair of which the actor holds a side, with what is due and what is disputed."""

    permission = RECONCILIATION_VIEW
    module = "finance"
    title = "Reconciliation"
    table_class = ClaimTable
    filter_class = ClaimFilter
    shipped_views = (("Disputed", "state=disputed"), ("Not settled", "state=owed"))

    def get_rows(self) -> QuerySet[Any]:
        return open_disputes(with_balance(claims_for(self.actor, RECONCILIATION_VIEW)))

    def decorate(self, records: Sequence[Any]) -> None:
        for one in records:
            one.balance = Money(one.balance_minor, one.currency)
            one.disputed = None if one.disputed_minor is None else Money(one.disputed_minor, one.currency)

    def get_context(self) -> dict[str, Any]:
        return {
            "description": "What organizations owe one another, to acknowledge or dispute before it is settled.",
            "list_title": "Between organizations",
        }


@dataclass(frozen=True)
class Between:
    """Two organizations, at either of which a permission is enough to look; each act asks at its side."""

    access_organization_ids: tuple[int, int]

    @property
    def access_organization_id(self) -> int:
        return self.access_organization_ids[0]


class ClaimSubject(ConsoleView, abstract=True):
    """A page about what stands between two organizations, found by one's due-from account with the other."""

    def get_subject(self) -> Any:
        return found(claims_for(self.actor, RECONCILIATION_VIEW), pk=self.kwargs["pk"])

    def permission_target(self) -> Between:
        return Between((self.subject.organization_id, self.subject.counterparty_id))

    def sides(self, permission: str) -> list[Any]:
        """The two organizations, as far as the actor holds the permission there."""
        ids = [self.subject.organization_id, self.subject.counterparty_id]
        return list(organizations_for(self.actor, permission).filter(pk__in=ids).order_by("lft"))

    def accounts(self) -> list[Any]:
        return claims_between(self.subject.organization_id, self.subject.counterparty_id)

    def here(self) -> str:
        return reverse("claim", args=[self.kwargs["pk"]])


def narrowing_of(form: ItemFilter) -> Narrowing:
    """What a filter asks for; nothing narrower where it asks for nonsense."""
    data = form.cleaned_data if form.is_valid() else {}
    return Narrowing(data.get("since") or FIRST, data.get("until") or LAST, data.get("state", ""))


class Claim(ClaimSubject):
    """The items between two organizations, newest first, with totals by state."""

    permission = RECONCILIATION_VIEW
    module = "finance"

    def get(self, request: Any, pk: int) -> HttpResponse:
        form = ItemFilter(request.GET)
        accounts = [one.pk for one in self.accounts()]
        narrowing = narrowing_of(form)
        page = item_page(accounts, narrowing, request.GET)
        names = {one.pk: one for one in (self.subject.organization, self.subject.counterparty)}
        may_dispute = bool(self.sides(RECONCILIATION_DISPUTE))
        context = {
            "title": f"{self.subject.organization.name} and {self.subject.counterparty.name}",
            "description": "Every event by which one owes the other. Who recorded it has agreed to it by that.",
            "crumbs": crumbs("claim-list"),
            "filter_form": form,
            "page": page,
            "rows": [_row(one, names, may_dispute) for one in page.rows],
            "stats": _stats(accounts, narrowing, names),
            "may_acknowledge": bool(self.sides(RECONCILIATION_ACKNOWLEDGE)),
            "last_event_id": max((one.event_id for one in page.rows), default=0),
            "query": request.GET.urlencode(),
            "is_all": bool(page.older or page.newest),
        }
        return self.page("settlement/claim.html", context)


def _row(one: Item, names: dict[int, Any], may_dispute: bool) -> dict[str, Any]:
    return {
        "item": one,
        "creditor": names[one.creditor_id],
        "debtor": names[one.debtor_id],
        "waits_for": [names[pk].name for pk in one.waits_for],
        "dispute_url": reverse("dispute-raise", args=[one.account_id, one.event_id])
        if may_dispute and one.dispute_id is None and one.state in STATES
        else "",
    }


def _stats(accounts: Sequence[int], narrowing: Narrowing, names: dict[int, Any]) -> list[dict[str, Any]]:
    """A figure for each creditor and state."""
    return [
        {
            "label": f"{STATES.get(one.state, one.state.capitalize())}, owed to {names[one.creditor_id].name}",
            "amount": one.amount,
            "note": "waits for agreement" if one.count is None else locale.counted(one.count, "item"),
            "tone": "warn" if one.state == "disputed" else "",
        }
        for one in totals_of(accounts, narrowing)
    ]


class ClaimAcknowledge(ClaimSubject):
    """Acknowledge the ticked items, or all that were shown by a filter, for every side that the actor may."""

    permission = RECONCILIATION_ACKNOWLEDGE
    module = "finance"

    def post(self, request: Any, pk: int) -> HttpResponse:
        sides = self.sides(RECONCILIATION_ACKNOWLEDGE)
        meant = self._meant(request.POST)
        try:
            with transaction.atomic():
                count = sum(acknowledge(self.actor, side, meant=meant) for side in sides)
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            self._say(count, [side.name for side in sides])
        return HttpResponseRedirect(f"{self.here()}?{_kept(request.POST)}")

    def _meant(self, sent: QueryDict) -> Meant:
        accounts = [one.pk for one in self.accounts()]
        if "_every" not in sent:
            return Meant(accounts, keys=list(_keys(sent.getlist("selected"))))
        narrowing = narrowing_of(ItemFilter(QueryDict(sent.get("_query", "")[:2000])))
        last = sent.get("_last", "")
        number = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else 0
        return Meant(accounts, since=narrowing.since, until=narrowing.until, last_event_id=number)

    def _say(self, count: int, names: Sequence[str]) -> None:
        if count:
            messages.success(
                self.request, f"{locale.counted(count, 'item')} acknowledged for {' and '.join(names)}."
            )
        else:
            messages.info(self.request, f"None of them waits for {' or '.join(names)}; nothing was changed.")


def _keys(typed: Iterable[str]) -> Iterable[tuple[int, int]]:
    """(event, account) of what was ticked; whatever can't be one is left out."""
    for text in typed:
        event, _, account = text.partition("-")
        if all(part.isascii() and part.isdigit() and len(part) < 19 for part in (event, account)):
            yield int(event), int(account)


def _kept(sent: QueryDict) -> str:
    """The filters that one comes back to."""
    query = QueryDict(sent.get("_query", "")[:2000], mutable=True)
    query.pop("after", None)
    return query.urlencode()


class DisputeRaise(ClaimSubject, FormPage):
    """Dispute one item, with a reason and in words."""

    permission = RECONCILIATION_DISPUTE
    module = "finance"
    title = "Dispute"
    submit_label = "Dispute"
    success = "Disputed. The other side has to answer."

    def get_subject(self) -> Any:
        claim = super().get_subject()
        self.item = item(self.kwargs["event"], claim.pk)
        return found(claims_for(self.actor, RECONCILIATION_VIEW).none(), pk=0) if self.item is None else claim

    def record_version(self) -> int | None:
        return None

    def get_form(self, data: Any = None, files: Any = None) -> DisputeForm:
        pks = [one.pk for one in self.sides(RECONCILIATION_DISPUTE)]
        sides = organizations_for(self.actor, RECONCILIATION_DISPUTE).filter(pk__in=pks).order_by("lft")
        return DisputeForm(data, files, sides=sides, initial={"side": pks[0] if pks else None})

    def get_context(self) -> dict[str, Any]:
        assert self.item is not None
        return {
            "intro": f"Entry no. {self.item.event_id} of {locale.long_day(self.item.on)}: {self.item.amount}.",
            "consequences": [
                "No settlement takes it until the dispute has ended.",
                "The other side has to answer, and is reminded of it.",
            ],
            "cancel_url": self.here(),
            "crumbs": crumbs("claim-list"),
        }

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return raise_dispute(
            self.actor,
            data["side"],
            event_id=self.kwargs["event"],
            account_id=self.subject.pk,
            reason=data["reason"],
            said=said_of(data),
        )

    def success_url(self, result: Any) -> str:
        return reverse("dispute", args=[result.pk]) if result is not None else self.here()
