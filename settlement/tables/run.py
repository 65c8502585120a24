"""Tables and filters of settlement runs, payments and remittance statements."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import F, Q, QuerySet

from core.tables import ExtraColumn, ExtraWhenColumn, MoneyColumn, TemplateColumn, WhenColumn
from settlement.models import Remittance, SettlementPayment, SettlementRun

_SEARCH = {"type": "search", "placeholder": "Organization or code"}
_NUM = {"cell": {"class": "num"}}


class RunFilter(django_filters.FilterSet):
    """By state and method."""

    status = django_filters.ChoiceFilter(choices=SettlementRun.Status.choices, empty_label="Any status")
    method = django_filters.ChoiceFilter(choices=SettlementRun.Method.choices, empty_label="Any method")

    class Meta:
        model = SettlementRun
        fields = ["status", "method"]


class RunTable(tables.Table):
    """One run a row."""

    number = TemplateColumn(
        '<a class="cell-name" href="{% url "settlement" record.pk %}">Settlement {{ record.number }}</a>'
        "<small>{{ record.organization.name }}</small>",
        verbose_name="Settlement",
        file="number",
    )
    organization = ExtraColumn(verbose_name="Run by", accessor="organization__name")
    cutoff_on = WhenColumn(verbose_name="Until", order_by=("cutoff_on", "number"))
    method = tables.Column(order_by=("method", "-number"))
    item_count = tables.Column(verbose_name="Claims", attrs=_NUM, order_by=("item_count", "number"))
    gross = MoneyColumn(verbose_name="Owed either way", order_by=("gross_minor", "number"))
    net = MoneyColumn(verbose_name="To be paid", order_by=("net_minor", "number"))
    pay_on = WhenColumn(verbose_name="Due", order_by=("pay_on", "number"))
    proposed_by_label = ExtraColumn(verbose_name="Proposed by")
    approved_by_label = ExtraColumn(verbose_name="Approved by")
    approved_at = ExtraWhenColumn(verbose_name="Approved")
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        attrs={"cell": {"class": "status"}},
        order_by=("status", "-number"),
    )

    caption = "Settlements"
    row_header = "number"
    noun = "settlements"
    empty_title = "No settlements yet"
    empty_text = (
        "A settlement nets what organizations owe one another. It needs a netting agreement on record."
    )

    class Meta:
        order_by = ("-number",)


class PartyFilter(django_filters.FilterSet):
    """Search by organization; who pays, who receives."""

    q = django_filters.CharFilter(method="search", label="Search", widget=forms.TextInput(attrs=_SEARCH))
    side = django_filters.ChoiceFilter(
        choices=[("receives", "Receives"), ("pays", "Pays"), ("even", "Even")],
        method="of_side",
        empty_label="All",
        label="Side",
    )

    class Meta:
        model = Remittance
        fields = ["q", "side"]

    def search(self, rows: QuerySet[Remittance], name: str, value: str) -> QuerySet[Remittance]:
        return rows.filter(
            Q(organization__name__icontains=value[:100]) | Q(organization__code__iexact=value[:100])
        )

    def of_side(self, rows: QuerySet[Remittance], name: str, value: str) -> QuerySet[Remittance]:
        if value == "even":
            return rows.filter(owed_minor=F("owes_minor"))
        receives = Q(owed_minor__gt=F("owes_minor"))
        return rows.filter(receives if value == "receives" else Q(owed_minor__lt=F("owes_minor")))


class PartyTable(tables.Table):
    """What a run comes to for one organization a row."""

    organization = TemplateColumn(
        '<a class="cell-name" href="{% url "remittance" record.pk %}">{{ record.organization.name }}</a>'
        "<small>{{ record.organization.code }}</small>",
        order_by=("organization__name", "pk"),
        file="organization__name",
    )
    code = ExtraColumn(accessor="organization__code")
    item_count = tables.Column(verbose_name="Claims", attrs=_NUM, order_by=("item_count", "pk"))
    owed = MoneyColumn(verbose_name="Is owed", order_by=("owed_minor", "pk"))
    owes = MoneyColumn(verbose_name="Owes", order_by=("owes_minor", "pk"))
    net = MoneyColumn(verbose_name="Receives (−: pays)", order_by=("net_minor", "pk"))
    sent_at = ExtraWhenColumn(verbose_name="Statement sent")

    caption = "Organizations"
    row_header = "organization"
    noun = "organizations"
    empty_title = "Nothing is netted"
    empty_text = "Until the cut-off day nobody owed anybody anything that could be netted."

    class Meta:
        order_by = ("organization",)


class RemittanceTable(tables.Table):
    """One remittance statement a row."""

    run = TemplateColumn(
        '<a class="cell-name" href="{% url "remittance" record.pk %}">Settlement {{ record.run.number }}</a>'
        "<small>{{ record.organization.name }}</small>",
        verbose_name="Statement",
        order_by=("run__number", "pk"),
        file="run__number",
    )
    organization = ExtraColumn(accessor="organization__name")
    until = WhenColumn(accessor="run__cutoff_on", order_by=("run__cutoff_on", "pk"))
    owed = MoneyColumn(verbose_name="Is owed", order_by=("owed_minor", "pk"))
    owes = MoneyColumn(verbose_name="Owes", order_by=("owes_minor", "pk"))
    net = MoneyColumn(verbose_name="Receives (−: pays)", order_by=("net_minor", "pk"))
    sent_at = WhenColumn(verbose_name="Sent", order_by=("sent_at", "pk"))
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.run.status record.run.get_status_display %}",
        attrs={"cell": {"class": "status"}},
        order_by=("run__status", "pk"),
        file="run__get_status_display",
    )

    caption = "Remittance statements"
    row_header = "run"
    noun = "statements"
    empty_title = "No remittance statements yet"
    empty_text = "Each settlement gives one to every organization that takes part."

    class Meta:
        order_by = ("-run",)


class PaymentTable(tables.Table):
    """One payment of a run a row."""

    reference = TemplateColumn(
        '<a class="cell-name" href="{% url "settlement-payment" record.pk %}">{{ record.reference }}</a>',
        order_by=("number",),
        file="reference",
    )
    payer = tables.Column(accessor="payer__name", verbose_name="Payer", order_by=("payer__name", "number"))
    receiver = tables.Column(
        accessor="receiver__name", verbose_name="Receiver", order_by=("receiver__name", "number")
    )
    amount = MoneyColumn(order_by=("amount_minor", "number"))
    confirmed = MoneyColumn(order_by=("confirmed_minor", "number"))
    outstanding = MoneyColumn(orderable=False)

    caption = "Payments"
    row_header = "reference"
    noun = "payments"
    empty_title = "Nothing is to be paid"
    empty_text = "What is owed either way is even."

    class Meta:
        order_by = ("reference",)


class PaymentFilter(django_filters.FilterSet):
    """Search by payer or receiver; what is outstanding."""

    q = django_filters.CharFilter(method="search", label="Search", widget=forms.TextInput(attrs=_SEARCH))
    state = django_filters.ChoiceFilter(
        choices=[("outstanding", "Outstanding"), ("confirmed", "Confirmed")],
        method="in_state",
        empty_label="All",
        label="State",
    )

    class Meta:
        model = SettlementPayment
        fields = ["q", "state"]

    def search(self, rows: QuerySet[SettlementPayment], name: str, value: str) -> QuerySet[SettlementPayment]:
        typed = value[:100]
        return rows.filter(
            Q(payer__name__icontains=typed)
            | Q(receiver__name__icontains=typed)
            | Q(payer__code__iexact=typed)
            | Q(receiver__code__iexact=typed)
        )

    def in_state(
        self, rows: QuerySet[SettlementPayment], name: str, value: str
    ) -> QuerySet[SettlementPayment]:
        paid = Q(confirmed_minor=F("amount_minor"))
        return rows.filter(paid) if value == "confirmed" else rows.exclude(paid)
