"""Tables and filters of claims, disputes, reconciliations and findings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet

from core import locale
from core.clock import now
from core.tables import ExtraColumn, FileColumn, MoneyColumn, TemplateColumn, WhenColumn
from orgs.forms.place import PlaceField
from orgs.queries.access import organizations_for
from settlement.models import Dispute, Finding, Reconciliation
from settlement.permissions import RECONCILIATION_VIEW
from settlement.rules.disputes import AGES, age_band
from settlement.rules.findings import ANSWERS, NAMES, TO_DO

_STATUS = {"cell": {"class": "status"}}


def _search(placeholder: str) -> forms.TextInput:
    return forms.TextInput(attrs={"type": "search", "placeholder": placeholder, "maxlength": 60})


class PlaceFilter(django_filters.FilterSet):
    """By one of the organizations that the actor reconciles for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = organizations_for(self.request.actor, RECONCILIATION_VIEW).exclude(kind="third_party")
        self.form.fields["organization"] = PlaceField(
            places, by_code=True, required=False, empty_label="Any organization", label="Organization"
        )
        self.form.order_fields(["q", "organization", "state"])


class ClaimFilter(PlaceFilter):
    """Search by either name; by organization; disputed ones alone."""

    q = django_filters.CharFilter(method="search", label="Search", widget=_search("Name or code"))
    organization = django_filters.CharFilter(method="of")
    state = django_filters.ChoiceFilter(
        method="in_state",
        choices=[("owed", "Not settled"), ("disputed", "Disputed")],
        empty_label="Any state",
    )

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        typed = value[:60]
        sides = Q(organization__name__icontains=typed) | Q(counterparty__name__icontains=typed)
        return rows.filter(sides | Q(organization__code__iexact=typed) | Q(counterparty__code__iexact=typed))

    def of(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        return rows.filter(Q(organization=value) | Q(counterparty=value))

    def in_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(dispute_count__gt=0) if value == "disputed" else rows.exclude(balance_minor=0)


class ClaimTable(tables.Table):
    """What one organization is owed by another, a row."""

    creditor = TemplateColumn(
        '<a class="cell-name" href="{% url "claim" record.pk %}">{{ record.organization.name }}</a>',
        verbose_name="Owed to",
        order_by=("organization__name", "pk"),
        file="organization.name",
    )
    debtor = tables.Column(
        accessor="counterparty__name", verbose_name="Owed by", order_by=("counterparty__name", "pk")
    )
    balance = MoneyColumn(verbose_name="Due", order_by=("balance_minor", "pk"))
    disputed = MoneyColumn(verbose_name="Disputed", order_by=("disputed_minor", "pk"))
    dispute_count = tables.Column(
        verbose_name="Disputes",
        order_by=("dispute_count", "balance_minor", "pk"),
        attrs={"cell": {"class": "num"}},
    )
    disputed_since = WhenColumn(verbose_name="Oldest dispute", order_by=("disputed_since", "pk"))

    caption = "Between organizations"
    row_header = "creditor"
    noun = "pairs"
    empty_title = "Nothing is owed"
    empty_text = "Redemptions away from the holder make organizations owe one another."

    class Meta:
        order_by = ("-dispute_count",)


class DisputeFilter(PlaceFilter):
    """By organization, age, and whether they are open."""

    organization = django_filters.CharFilter(method="of")
    state = django_filters.ChoiceFilter(
        method="in_state",
        choices=[("open", "Open"), ("late", "Answer is late"), ("ended", "Ended")],
        empty_label="Any state",
    )
    age = django_filters.ChoiceFilter(
        method="of_age", choices=[(str(first), label) for first, _, label in AGES], empty_label="Any age"
    )

    class Meta:
        model = Dispute
        fields: list[str] = []

    def of(self, rows: QuerySet[Dispute], name: str, value: Any) -> QuerySet[Dispute]:
        return rows.filter(Q(side=value) | Q(other=value))

    def in_state(self, rows: QuerySet[Dispute], name: str, value: str) -> QuerySet[Dispute]:
        if value == "late":
            return rows.filter(closed_at=None, answer_by__lt=now().date())
        return rows.filter(closed_at__isnull=value == "open")

    def of_age(self, rows: QuerySet[Dispute], name: str, value: str) -> QuerySet[Dispute]:
        first, last = next((first, last) for first, last, _ in AGES if str(first) == value)
        rows = rows.filter(closed_at=None, opened_at__lt=now() - timedelta(days=first) + timedelta(days=1))
        return rows if last is None else rows.filter(opened_at__gte=now() - timedelta(days=last + 1))


class DisputeTable(tables.Table):
    """One dispute a row."""

    entry = TemplateColumn(
        '<a class="cell-name" href="{% url "dispute" record.pk %}">No. {{ record.event_id }}</a>'
        "<small>{{ record.get_reason_display }}</small>",
        order_by=("event_id", "pk"),
        file="event_id",
    )
    reason = FileColumn(accessor="get_reason_display")
    side = tables.Column(accessor="side__name", verbose_name="Disputed by", order_by=("side__name", "pk"))
    other = tables.Column(accessor="other__name", verbose_name="With", order_by=("other__name", "pk"))
    amount = MoneyColumn(order_by=("amount_minor", "pk"))
    opened_at = WhenColumn(verbose_name="Since", order_by=("opened_at", "pk"))
    age = tables.Column(accessor="opened_at", verbose_name="Age", order_by=("opened_at", "pk"))
    awaits = TemplateColumn(
        "{% load caretree %}{% if record.is_open %}{{ record.awaits.name }}"
        "<small>by {% when record.answer_by %}</small>{% else %}–{% endif %}",
        verbose_name="Has to answer",
        order_by=("answer_by", "pk"),
        file="awaits.name",
    )
    status = TemplateColumn(
        "{% load caretree %}{% if record.is_open %}"
        "{% if record.is_late %}{% status_pill 'late' 'Answer is late' 'bad' %}{% else %}{% status_pill 'disputed' 'Open' 'warn' %}{% endif %}"
        "{% else %}{% status_pill record.outcome record.get_outcome_display %}{% endif %}",
        verbose_name="State",
        orderable=False,
        attrs=_STATUS,
    )

    caption = "Disputes"
    row_header = "entry"
    noun = "disputes"
    empty_title = "No disputes"
    empty_text = "An item that a side doesn’t agree to is disputed where it stands between the two."

    def render_age(self, record: Dispute) -> str:
        days = ((record.closed_at or now()) - record.opened_at).days
        return f"{locale.counted(days, 'day')}" if record.closed_at else age_band(days)


class ReconciliationFilter(PlaceFilter):
    """By organization, and whether they are signed off."""

    organization = django_filters.CharFilter(field_name="organization")
    state = django_filters.ChoiceFilter(
        method="in_state", choices=[("open", "Open"), ("signed", "Signed off")], empty_label="Any state"
    )

    class Meta:
        model = Reconciliation
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Reconciliation], name: str, value: str) -> QuerySet[Reconciliation]:
        return rows.filter(is_signed=value == "signed")


class ReconciliationTable(tables.Table):
    """One reconciliation a row."""

    with_whom = TemplateColumn(
        '<a class="cell-name" href="{% url "reconciliation" record.pk %}">{{ record.with_whom }}</a>'
        "<small>{{ record.statement.file_name }}</small>",
        verbose_name="With",
        order_by=("counterparty__name", "pk"),
        file="with_whom",
    )
    organization = tables.Column(
        accessor="organization__name", verbose_name="Books of", order_by=("organization__name", "pk")
    )
    since = WhenColumn(verbose_name="From", order_by=("since", "pk"))
    until = WhenColumn(verbose_name="Until", order_by=("until", "pk"))
    closing = MoneyColumn(verbose_name="Closing here", order_by=("closing_minor", "pk"))
    difference = MoneyColumn(verbose_name="Difference", orderable=False)
    waiting_count = tables.Column(
        verbose_name="Waiting", order_by=("waiting_count", "pk"), attrs={"cell": {"class": "num"}}
    )
    begun_by = ExtraColumn(verbose_name="Begun by")
    signed_by = ExtraColumn(verbose_name="Signed by", empty_values=("",))
    status = TemplateColumn(
        "{% load caretree %}{% if record.is_signed %}{% status_pill 'signed' 'Signed off' 'ok' %}"
        "{% else %}{% status_pill 'open' 'Open' 'warn' %}{% endif %}",
        verbose_name="State",
        orderable=False,
        attrs=_STATUS,
    )

    caption = "Reconciliations"
    row_header = "with_whom"
    noun = "reconciliations"
    empty_title = "No reconciliations yet"
    empty_text = "Send a statement of a counterparty or of the bank, and it is matched with the books."

    class Meta:
        order_by = ("-until",)


class FindingFilter(django_filters.FilterSet):
    """Search by what the lines say; by name and by answer."""

    q = django_filters.CharFilter(method="search", label="Search", widget=_search("Entry, reference or text"))
    name = django_filters.ChoiceFilter(choices=list(NAMES.items()), empty_label="Any finding")
    answer = django_filters.ChoiceFilter(
        method="answered", choices=[("waiting", "Waiting"), *ANSWERS.items()], empty_label="Any answer"
    )

    class Meta:
        model = Finding
        fields = ["q", "name", "answer"]

    def search(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        typed = value[:60].strip()
        said = Q(theirs__reference__icontains=typed) | Q(theirs__text__icontains=typed)
        if typed.isascii() and typed.isdigit() and len(typed) < 19:
            said |= Q(our_lines__event=int(typed))
        return rows.filter(pk__in=Finding.objects.filter(said).values("pk"))

    def answered(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        return rows.filter(answer="" if value == "waiting" else value)


class FindingTable(tables.Table):
    """One finding a row: what it is, the lines here on the left, those there on the right."""

    name = TemplateColumn(
        '<span class="cell-name">{{ record.get_name_display }}</span><small>{{ record.reason }}</small>',
        verbose_name="Finding",
        order_by=("name", "on", "pk"),
        file="get_name_display",
    )
    reason = FileColumn()
    ours = TemplateColumn(
        template_name="settlement/finding_ours.html", verbose_name="Here", order_by=("ours_minor", "pk")
    )
    theirs = TemplateColumn(
        template_name="settlement/finding_theirs.html", verbose_name="There", order_by=("theirs_minor", "pk")
    )
    here = FileColumn(accessor="ours", verbose_name="Amount here")
    there = FileColumn(accessor="theirs_amount", verbose_name="Amount there")
    difference = MoneyColumn(orderable=False)
    confidence = TemplateColumn(
        "{{ record.confidence }}%",
        verbose_name="Sure",
        order_by=("confidence", "pk"),
        attrs={"cell": {"class": "num wide-only"}},
        file="confidence",
    )
    to_do = FileColumn(verbose_name="What to do")
    note = FileColumn()
    answered_by = FileColumn(verbose_name="Answered by")
    status = TemplateColumn(
        "{% load caretree %}{% if record.answer %}{% status_pill record.answer record.get_answer_display %}"
        "{% else %}{% status_pill 'waiting' 'Waiting' 'warn' %}{% endif %}",
        verbose_name="Answer",
        order_by=("answer", "on", "pk"),
        attrs=_STATUS,
    )
    buttons = TemplateColumn(
        template_name="settlement/finding_buttons.html",
        verbose_name="Actions",
        orderable=False,
        attrs={"cell": {"class": "row-actions"}},
    )

    caption = "Findings"
    row_header = "name"
    noun = "findings"
    empty_title = "Nothing to compare"
    empty_text = "Neither the books nor the statement have a line in these days."

    class Meta:
        order_by = ("status",)

    def export_to_do(self, record: Finding) -> str:
        return "" if record.answer else TO_DO[record.name]
