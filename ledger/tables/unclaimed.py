"""Tables, filter and paper of unclaimed property."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet

from core import locale
from core.ids import clean_code
from core.money import Money
from core.paper import TOTAL, Column, Paper, PaperHead, Row
from core.tables import ExtraColumn, FileColumn, MoneyColumn, TemplateColumn, WhenColumn
from ledger.models import LedgerEvent, UnclaimedItem
from ledger.rules.unclaimed import Payee
from ledger.tables.entitlement import NamesPatients, search_box
from patients.queries.patient import patients_for, search_patients

if TYPE_CHECKING:
    from orgs.models import Organization

PAID_TO = {Payee.STATE: "Paid to the state", Payee.PATIENT: "Paid to the patient"}


class HolderFilter(django_filters.FilterSet):
    """By name or code."""

    q = django_filters.CharFilter(method="search", label="Search", widget=search_box("Name or code"))

    def search(self, rows: QuerySet[Organization], name: str, value: str) -> QuerySet[Organization]:
        return rows.filter(Q(name__icontains=value[:100]) | Q(code__iexact=value))


class HolderTable(tables.Table):
    """One holder a row."""

    name = TemplateColumn(
        '<a class="cell-name" href="{% url "organization-unclaimed" record.pk %}">{{ record.name }}</a>'
        "<small>{{ record.code }}</small>",
        verbose_name="Held by",
        order_by=("name", "pk"),
        file="name",
    )
    items = tables.Column(
        accessor="held__items", orderable=False, attrs={"cell": {"class": "num"}}, verbose_name="Items"
    )
    total = MoneyColumn(accessor="held__total", verbose_name="Held", orderable=False)
    due = MoneyColumn(accessor="held__due", verbose_name="Due to the state", orderable=False)

    caption = "Holders of unclaimed property"
    noun = "holders"
    empty_title = "No unclaimed property"
    empty_text = "What expires of packages whose terms say so is held here, until it is paid to its owner or the state."

    class Meta:
        order_by = ("name",)


class UnclaimedFilter(django_filters.FilterSet):
    """By patient or code, and by what became of it."""

    STATES = (("held", "Held"), ("due", "Due to the state"), ("paid", "Paid"))

    q = django_filters.CharFilter(method="search", label="Search", widget=search_box("Patient or code"))
    state = django_filters.ChoiceFilter(method="in_state", choices=STATES, empty_label="Held and paid")

    class Meta:
        model = UnclaimedItem
        fields = ["q", "state"]

    def search(self, rows: QuerySet[UnclaimedItem], name: str, value: str) -> QuerySet[UnclaimedItem]:
        found = search_patients(patients_for(self.request.actor), value[:100])
        return rows.filter(
            Q(entitlement__code=clean_code(value)) | Q(entitlement__patient__in=found.values("pk"))
        )

    def in_state(self, rows: QuerySet[UnclaimedItem], name: str, value: str) -> QuerySet[UnclaimedItem]:
        if value == "due":
            return rows.filter(Q(is_due=True))
        return rows.filter(payment__isnull=value == "held")


class UnclaimedTable(NamesPatients):
    """One item a row."""

    item = TemplateColumn(
        '<a class="cell-name" href="{% url "entitlement" record.entitlement_id %}">{{ record.entitlement.code }}</a>'
        "<small>{% if record.is_bearer_hidden %}A patient whom you don\u2019t see{% else %}"
        "{{ record.entitlement.patient.full_name }}{% endif %} \u00b7 {{ record.entitlement.package.name }}</small>",
        verbose_name="Entitlement",
        accessor="entitlement__code",
        orderable=False,
        file="entitlement__code",
    )
    patient = FileColumn(accessor="patient_id")
    package = ExtraColumn(accessor="entitlement__package__name")
    starts_on = WhenColumn(accessor="entitlement__starts_on", verbose_name="Sold", orderable=False)
    dormant_on = WhenColumn(verbose_name="Dormant since", order_by=("dormant_on", "pk"))
    due_on = WhenColumn(verbose_name="Due to the state", orderable=False)
    state = TemplateColumn(
        "{% load caretree %}{% if record.payment_id %}"
        '<a href="{% url "unclaimed-payment" record.payment_id %}">{% status_pill "paid" record.state %}</a>'
        "{% else %}{% status_pill record.state_word record.state record.tone %}{% endif %}",
        verbose_name="Status",
        attrs={"cell": {"class": "status"}},
        orderable=False,
        file="state",
    )
    amount_minor = MoneyColumn(accessor="amount", verbose_name="Amount", order_by=("amount_minor", "pk"))
    actions = TemplateColumn(
        '{% if record.may_claim %}{% url "unclaimed-claim" record.pk as url %}'
        '<a class="button small" href="{{ url }}" hx-get="{{ url }}" hx-target="#modal-body">Pay to patient</a>{% endif %}',
        verbose_name="",
        orderable=False,
        attrs={"cell": {"class": "row-actions"}},
    )

    caption = "Unclaimed property"
    noun = "items"
    empty_title = "Nothing here"
    empty_text = "Nothing is held that these filters leave."

    class Meta:
        order_by = ()  # as the query gives them, in an order that a key serves


def payment_pdf(
    payment: LedgerEvent, items: Sequence[UnclaimedItem], names: dict[int, str], head: PaperHead
) -> bytes:
    """A payment of unclaimed property, with the list of what it was of: what goes along with it."""
    said = payment.inputs
    total = Money(sum(one.amount_minor for one in items), payment.organization.currency)
    paper = Paper(
        "Payment of unclaimed property", head, made_at=payment.posted_at, subtitle=said["reference"]
    )
    paper.facts(
        [
            ("Held by", payment.organization.name),
            ("Status", PAID_TO[Payee(said["payee"])]),
            ("Paid on", payment.effective_on),
            ("Items", locale.number(len(items))),
        ]
    )
    rows = [
        Row(
            [
                one.entitlement.code,
                names.get(one.patient_id, "Hidden"),
                one.entitlement.starts_on,
                one.dormant_on,
                one.amount,
            ]
        )
        for one in items
    ]
    paper.table(
        [
            Column("Entitlement", 2),
            Column("Patient", 3),
            Column("Sold", 2),
            Column("Dormant since", 2),
            Column(total.currency, amount=True),
        ],
        [*rows, Row(["Total", "", "", "", total], TOTAL)],
    )
    return paper.pdf()
