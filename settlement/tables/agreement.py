"""Tables and filters of netting agreements and bank accounts."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet

from core.tables import ExtraColumn, FileColumn, MoneyColumn, TemplateColumn, WhenColumn
from settlement.models import BankAccount, NettingAgreement


class AgreementFilter(django_filters.FilterSet):
    """Search by name or legal basis; by method."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name or legal basis"}),
    )
    method = django_filters.ChoiceFilter(choices=NettingAgreement.Method.choices, empty_label="Any method")

    class Meta:
        model = NettingAgreement
        fields = ["q", "method"]

    def search(self, rows: QuerySet[NettingAgreement], name: str, value: str) -> QuerySet[NettingAgreement]:
        return rows.filter(Q(name__icontains=value[:100]) | Q(legal_basis__icontains=value[:100]))


class AgreementTable(tables.Table):
    """One agreement a row."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "netting" record.pk %}">{{ record.name }}</a>'
        "<small>{{ record.legal_basis }}</small>",
        order_by=("name", "pk"),
        file="name",
    )
    legal_basis = ExtraColumn(verbose_name="Legal basis")
    organization = ExtraColumn(verbose_name="Kept by", accessor="organization__name")
    method = tables.Column(order_by=("method", "pk"))
    minimum = MoneyColumn(verbose_name="Smallest payment", order_by=("minimum_minor", "pk"))
    payment_days = tables.Column(
        verbose_name="Days to pay", attrs={"cell": {"class": "num"}}, order_by=("payment_days", "pk")
    )
    starts_on = WhenColumn(verbose_name="From", order_by=("starts_on", "pk"))
    ends_on = WhenColumn(verbose_name="Until", order_by=("ends_on", "pk"))
    signed_by = ExtraColumn(verbose_name="Signed by")

    caption = "Netting agreements"
    row_header = "name"
    noun = "agreements"
    empty_title = "No netting agreements yet"
    empty_text = (
        "Nothing is netted without one on record: who may set off against whom, and on which legal basis."
    )

    class Meta:
        order_by = ("name",)


class BankAccountFilter(django_filters.FilterSet):
    """Search by organization or holder; those in use or closed."""

    q = django_filters.CharFilter(
        method="search",
        label="Search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Organization or holder"}),
    )
    state = django_filters.ChoiceFilter(
        choices=[("open", "In use"), ("closed", "Closed")],
        method="in_state",
        empty_label="All",
        label="State",
    )

    class Meta:
        model = BankAccount
        fields = ["q", "state"]

    def search(self, rows: QuerySet[BankAccount], name: str, value: str) -> QuerySet[BankAccount]:
        return rows.filter(Q(organization__name__icontains=value[:100]) | Q(holder__icontains=value[:100]))

    def in_state(self, rows: QuerySet[BankAccount], name: str, value: str) -> QuerySet[BankAccount]:
        return rows.filter(is_closed=value == "closed")


class BankAccountTable(tables.Table):
    """One account a row, its number masked, in files too."""

    organization = TemplateColumn(
        '<span class="cell-name">{{ record.organization.name }}</span><small>{{ record.holder }}</small>',
        order_by=("organization__name", "pk"),
        file="organization__name",
    )
    holder = FileColumn()
    currency = tables.Column(order_by=("currency", "pk"))
    masked = tables.Column(verbose_name="Account", orderable=False)
    bank = tables.Column(accessor="bic", default="–", verbose_name="BIC", orderable=False)
    bank_code = ExtraColumn(verbose_name="Bank code")
    status = TemplateColumn(
        '{% load caretree %}{% if record.is_closed %}{% status_pill "closed" "Closed" %}{% else %}{% status_pill "active" "In use" %}{% endif %}',
        attrs={"cell": {"class": "status"}},
        order_by=("is_closed", "pk"),
        verbose_name="Status",
        file="is_closed",
        empty_values=(),
    )
    acts = TemplateColumn(
        '{% if record.may_close %}{% url "bank-account-close" record.pk as close_url %}'
        '{% include "components/icon_button.html" with label="Close" icon="ban" url=close_url dialog=True style="danger" only %}{% endif %}',
        verbose_name="Actions",
        orderable=False,
        empty_values=(),
        attrs={"cell": {"class": "row-actions"}},
        file="pk",
    )

    caption = "Bank accounts"
    row_header = "organization"
    noun = "accounts"
    empty_title = "No bank accounts yet"
    empty_text = "Payment files need to know where organizations pay from and are paid."

    class Meta:
        order_by = ("organization",)
