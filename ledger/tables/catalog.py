"""Tables and filters of services and packages."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet

from core.search_key import prefix
from core.tables import ExtraColumn, MoneyColumn, TemplateColumn, WhenColumn
from ledger.models import Package, PriceChange, Service

_SEARCH = forms.TextInput(attrs={"type": "search", "placeholder": "Name"})


class ServiceFilter(django_filters.FilterSet):
    """By name and status."""

    q = django_filters.CharFilter(method="search", label="Search", widget=_SEARCH)
    status = django_filters.ChoiceFilter(choices=Service.Status.choices, empty_label="Any status")

    class Meta:
        model = Service
        fields = ["q", "status"]

    def search(self, rows: QuerySet[Service], name: str, value: str) -> QuerySet[Service]:
        return rows.filter(prefix("search_key", value[:100]))


class ServiceTable(tables.Table):
    """One service a row."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "service" record.pk %}">{{ record.name }}</a><small>{{ record.code }}</small>',
        order_by=("name", "pk"),
        file="name",
    )
    code = ExtraColumn()
    category = tables.Column(default="–", order_by=("category", "name", "pk"))
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        attrs={"cell": {"class": "status"}},
        order_by=("status", "name", "pk"),
    )

    caption = "Services"
    noun = "services"
    empty_title = "No services yet"
    empty_text = "Add the first service, set its price, then put it into a package."

    class Meta:
        order_by = ("name",)


class PackageFilter(django_filters.FilterSet):
    """By name and status."""

    q = django_filters.CharFilter(method="search", label="Search", widget=_SEARCH)
    status = django_filters.ChoiceFilter(choices=Package.Status.choices, empty_label="Any status")

    class Meta:
        model = Package
        fields = ["q", "status"]

    def search(self, rows: QuerySet[Package], name: str, value: str) -> QuerySet[Package]:
        return rows.filter(prefix("search_key", value[:100]))


class PackageTable(tables.Table):
    """One package a row."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "package" record.pk %}">{{ record.name }}</a><small>{{ record.code }}</small>',
        order_by=("name", "pk"),
        file="name",
    )
    code = ExtraColumn()
    holder = tables.Column(
        accessor="holder__name", default="Whoever sells it", verbose_name="Care owed by", orderable=False
    )
    price_minor = MoneyColumn(accessor="price", verbose_name="Price", order_by=("price_minor", "pk"))
    status = TemplateColumn(
        "{% load caretree %}{% status_pill record.status record.get_status_display %}",
        attrs={"cell": {"class": "status"}},
        order_by=("status", "name", "pk"),
    )

    caption = "Packages"
    noun = "packages"
    empty_title = "No packages yet"
    empty_text = "Bundle services at one price and put them on sale."

    class Meta:
        order_by = ("name",)


class PriceChangeTable(tables.Table):
    """One change of many prices a row."""

    made_at = WhenColumn(verbose_name="When", order_by=("made_at", "pk"))
    what = tables.Column(verbose_name="What", orderable=False)
    organization = tables.Column(accessor="organization__name", verbose_name="At and below", orderable=False)
    starts_on = WhenColumn(verbose_name="From", orderable=False)
    made_by = tables.Column(verbose_name="Who", orderable=False)
    undone_at = TemplateColumn(
        "{% load caretree %}{% if record.undone_at %}by {{ record.undone_by }}, {% when record.undone_at %}{% else %}–{% endif %}",
        verbose_name="Taken back",
        orderable=False,
    )
    undo = TemplateColumn(
        '{% if record.may_undo %}{% url "price-change-undo" record.pk as url %}<a class="button small" href="{{ url }}"'
        ' hx-get="{{ url }}" hx-target="#modal-body">Undo<span class="sr"> {{ record.what }}</span></a>{% endif %}',
        verbose_name="Actions",
        orderable=False,
        attrs={"cell": {"class": "row-actions"}},
    )

    caption = "Changes of prices"
    row_header = "what"
    noun = "changes"
    empty_title = "No changes yet"
    empty_text = "Change many prices at once, and they can be taken back here until they are in force."

    class Meta:
        model = PriceChange
        fields = ("made_at", "what", "organization", "starts_on", "made_by")
        order_by = ()  # as the query gives them
