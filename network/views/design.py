"""The design page: every component in every state, for whoever builds pages. Only in debug."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import django_tables2 as tables
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django_tables2 import RequestConfig

from core import locale
from core.charts import Series, bar_chart, line_chart
from core.money import Money
from core.tables import TemplateColumn

NOW = datetime(2026, 11, 20, 9, 42, tzinfo=UTC)
PARTS = [
    *("colours", "type", "buttons", "pills", "figures", "charts", "table", "fields"),
    *("dialogs", "banners", "history", "matrix", "counter", "receipt", "portal"),
]
TONES = ["page", "side", "panel", "raised", "sunken", "line", "ink", "ink-2", "ink-3"]
COLOURS = ["accent", "accent-soft", "ok", "warn", "bad", "blue", "violet"]
STATUSES = [
    *("active", "pending", "suspended", "archived"),
    *(
        "draft",
        "requested",
        "received",
        "accepted",
        "rejected",
        "in-progress",
        "on-hold",
        "completed",
        "cancelled",
        "failed",
    ),
    *("live", "expired", "void", "refunded"),
]
ICONS = [
    "network",
    "users",
    "ticket",
    "receipt",
    "scale",
    "handshake",
    "flask-conical",
    "scroll-text",
    "calendar-days",
]


class DesignFilter(forms.Form):
    """Filters above a table."""

    q = forms.CharField(
        label="Search",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, code or city"}),
    )
    kind = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "All kinds"), ("sub", "Sub"), ("partner", "Partner")]
    )
    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any status"), ("active", "Active")]
    )


class DesignForm(forms.Form):
    """A field of every kind."""

    wide = {"name"}
    sections = [
        (
            "Terms",
            "A section has a title and may say what it is for.",
            ["amount", "percent", "starts_on", "ends_on"],
        ),
        ("Where it applies", "", ["kind", "modules", "reason", "contract", "confirm"]),
    ]

    name = forms.CharField(help_text="As it stands on receipts.")
    code = forms.CharField(help_text="Short and unique in the network.")
    status = forms.ChoiceField(choices=[("active", "Active"), ("suspended", "Suspended")])
    amount = forms.DecimalField(widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    percent = forms.DecimalField(required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    starts_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(
        choices=[("sub", "Sub"), ("partner", "Partner"), ("third_party", "Third party")],
        widget=forms.RadioSelect,
    )
    modules = forms.MultipleChoiceField(
        required=False,
        choices=[("lab", "Laboratory"), ("pharmacy", "Pharmacy"), ("packages", "Packages")],
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(widget=forms.Textarea, help_text="Kept in the audit trail.")
    contract = forms.FileField(required=False)
    confirm = forms.BooleanField(required=False, label="Send the contact a portal link")

    def __init__(self, data: Any = None, *, prefix: str, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, prefix=prefix, initial=initial)
        self.fields["amount"].prefix = "INR"  # type: ignore[attr-defined]
        self.fields["percent"].suffix = "%"  # type: ignore[attr-defined]


class DesignTable(tables.Table):
    """A table with a name, a number, an amount, a status and an action."""

    row_header = "name"
    caption = "Organizations"
    noun = "organizations"

    name = TemplateColumn(
        '<a href="#">{{ record.name }}</a><small>{{ record.code }} · {{ record.city }}</small>'
    )
    kind = tables.Column()
    patients = tables.Column(attrs={"td": {"class": "num"}})
    balance = TemplateColumn(
        "{% money record.balance %}", verbose_name="Balance (INR)", attrs={"td": {"class": "num"}}
    )
    status = TemplateColumn("{% status_pill record.status %}", attrs={"td": {"class": "status"}})
    actions = TemplateColumn(
        '{% include "components/icon_button.html" with label="Edit "|add:record.name icon="pencil" url="dialog/" dialog=True %}',
        orderable=False,
        verbose_name="Actions",
        attrs={"td": {"class": "row-actions"}},
    )


class EmptyTable(tables.Table):
    """A table before anything is in it."""

    html_id = "nothing"
    empty_title = "No packages yet"
    empty_action = {"label": "New package", "url": "#", "icon": "plus", "style": "primary"}
    name = tables.Column()

    class Meta:
        empty_text = "A package bundles services at one price. Patients redeem it anywhere in the network."


@login_not_required
def design(request: HttpRequest) -> HttpResponse:
    """Every component in every state. Public, since it holds nothing but samples; its address is there in debug only."""
    table = DesignTable(_organizations())
    RequestConfig(request, paginate={"per_page": 8}).configure(table)
    if request.headers.get("HX-Request"):
        return render(request, "components/results.html", {"table": table})
    refused = DesignForm(
        {"refused-name": "", "refused-amount": "12,5x", "refused-kind": "sub"}, prefix="refused"
    )
    context: dict[str, Any] = {
        "title": "Design",
        "description": "Every component in every state.",
        "nav": _navigation(),
        "network": {"name": "Cascadia Health"},
        "enterprise": {"name": "Cascadia Group"},
        "actor": {"label": "Maya Okafor"},
        "crumbs": [{"label": "Cascadia Health", "url": "#"}],
        "parts": PARTS,
        "tones": TONES,
        "colours": COLOURS,
        "statuses": STATUSES,
        "icons": ICONS,
        "filter_form": DesignFilter(request.GET),
        "table": table,
        "empty_table": EmptyTable([]),
        "form": DesignForm(prefix="fresh", initial={"status": "active", "kind": "sub", "modules": ["lab"]}),
        "refused": refused,
        "actions": [
            {"label": "Import", "url": "#", "icon": "upload"},
            {
                "label": "New organization",
                "url": "dialog/",
                "icon": "plus",
                "style": "primary",
                "dialog": True,
            },
        ],
        **_figures(),
        **_records(),
        **_portal(),
    }
    return render(request, "console/design.html", context)


@login_not_required
def design_dialog(request: HttpRequest) -> HttpResponse:
    """The sample form in the dialog, or as a page."""
    form = DesignForm(request.POST or None, prefix="dialog")
    context = {
        "title": "Edit organization",
        "description": "CHN-1021 · Sub",
        "form": form,
        "submit_label": "Save changes",
        "dialog": bool(request.headers.get("HX-Request")),
        "nav": _navigation(),
        "cancel_url": "../",
    }
    return render(request, "console/form.html", context, status=422 if form.errors else 200)


def _navigation() -> list[dict[str, Any]]:
    areas = {
        "": [("Overview", "layout-dashboard", 0)],
        "Enterprise": [("Organizations", "network", 18)],
        "Care": [("Patients", "users", 0), ("Provider Appointments", "calendar-days", 0)],
        "Packages and Ledger": [
            ("Counter", "store", 0),
            ("Packages", "ticket", 0),
            ("Journal", "book-open-text", 0),
        ],
        "Third parties": [("Vendors", "flask-conical", 0), ("Requests", "inbox", 3)],
        "Governance": [("People and roles", "user-cog", 0), ("Audit", "scroll-text", 0)],
    }
    return [
        {
            "title": title,
            "items": [
                {
                    "label": label,
                    "url": "#",
                    "icon": icon,
                    "count": count,
                    "current": label == "Organizations",
                    "warn": label == "Requests",
                }
                for label, icon, count in items
            ],
        }
        for title, items in areas.items()
    ]


def _organizations() -> list[dict[str, Any]]:
    names = [
        ("Harborview Bay Medical Center", "CHN-1021", "Seattle", "Sub", 4120, 1_250_000, "active"),
        ("St. Brendan Medical Center", "CHN-1091", "Portland", "Sub", 2961, -348_050, "active"),
        ("Evergreen Children’s Hospital", "CHN-1049", "Bellevue", "Sub", 1880, 0, "active"),
        ("Ballard Family Clinic", "CHN-1056", "Seattle", "Partner", 402, 92_500, "pending"),
        ("Tacoma Reference Lab", "CHN-1033", "Tacoma", "Third party", 0, -12_000, "active"),
        ("Salem Women’s Health", "CHN-1112", "Salem", "Partner", 311, 4_075, "suspended"),
        ("Spokane Valley Hospital", "CHN-1133", "Spokane", "Sub", 1431, 812_345, "active"),
        ("Eugene Imaging and Diagnostics", "CHN-1140", "Eugene", "Third party", 0, -55_500, "active"),
        ("Pullman Primary Care", "CHN-1151", "Pullman", "Sub", 287, 10_000, "archived"),
    ]
    keys = ("name", "code", "city", "kind", "patients", "balance", "status")
    rows = [dict(zip(keys, values, strict=True)) for values in names]
    return [
        row
        | {"balance": Money(int(str(row["balance"])), "INR"), "patients": locale.number(str(row["patients"]))}
        for row in rows
    ]


def _figures() -> dict[str, Any]:
    days = [f"{day} Nov" for day in range(7, 21)]
    kept = [212, 248, 236, 274, 300, 118, 64, 226, 262, 258, 289, 324, 132, 71]
    missed = [18, 22, 31, 19, 24, 9, 4, 17, 20, 26, 21, 15, 8, 5]
    net = [42_000, 38_500, -12_000, 51_000, 46_300, -8_000, 60_500]
    return {
        "stats": [
            {
                "label": "Active organizations",
                "value": "17",
                "note": "2 this month",
                "icon": "trending-up",
                "tone": "ok",
            },
            {"label": "Open prepaid", "amount": Money(48_250_000, "INR"), "note": "1,284 entitlements"},
            {
                "label": "Overdue requests",
                "value": "26",
                "note": "4 unassigned",
                "icon": "triangle-alert",
                "tone": "warn",
                "url": "#",
            },
            {
                "label": "Due to partners",
                "amount": Money(-1_875_050, "INR"),
                "note": "Since 1 November",
                "tone": "bad",
            },
        ],
        "bars": bar_chart("Redemptions", days, [Series("Here", kept), Series("Elsewhere", missed)]),
        "lines": line_chart(
            "Turnaround, hours", days, [Series("Median", [4 + (n * 7 % 5) for n in range(14)])]
        ),
        "signed_bars": bar_chart(
            "Net position", ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], [Series("Net", net)]
        ),
    }


def _records() -> dict[str, Any]:
    def amount(minor: int) -> Money:
        return Money(minor, "INR")

    heads = ["Cascadia", "Harborview", "Ballard"]
    cells = [[None, 240_000, 0], [0, None, 18_050], [57_500, 0, None]]
    tree = {
        "id": 1,
        "label": "Cascadia Health",
        "url": "#",
        "kind": "parent",
        "level": 1,
        "expanded": True,
        "count": 8,
        "children": [
            {
                "id": 2,
                "label": "Harborview Bay Medical Center",
                "url": "#",
                "kind": "sub",
                "level": 2,
                "expanded": True,
                "selected": True,
                "count": 2,
                "children": [
                    {"id": 3, "label": "Harborview Cardiology", "url": "#", "kind": "sub", "level": 3},
                    {"id": 4, "label": "Harborview Day Surgery", "url": "#", "kind": "sub", "level": 3},
                ],
            },
            {
                "id": 5,
                "label": "Evergreen Children’s Hospital",
                "url": "#",
                "kind": "sub",
                "level": 2,
                "count": 1,
                "children": [{"id": 6, "label": "Evergreen Outreach", "url": "#", "kind": "sub", "level": 3}],
            },
            {"id": 7, "label": "Ballard Family Clinic", "url": "#", "kind": "partner", "level": 2},
            {
                "id": 8,
                "label": "Tacoma Reference Lab",
                "url": "#",
                "kind": "third_party",
                "level": 2,
                "faded": True,
            },
        ],
    }
    return {
        "tree_nodes": [tree],
        "tabs": [
            {"label": "Overview", "url": "#", "current": True},
            {"label": "People", "url": "#", "count": 12},
            {"label": "Patients", "url": "#", "count": 4120},
            {"label": "Money", "url": "#"},
            {"label": "Activity", "url": "#"},
        ],
        "facts": [
            {"label": "Code", "value": mark_safe('<span class="code">CHN-1021</span>')},
            {"label": "Parent", "value": "Cascadia Health", "url": "#"},
            {"label": "Time zone", "value": "Asia/Kolkata", "note": "Now 15:12"},
            {"label": "Contract", "value": None},
        ],
        "entries": [
            {
                "title": "Redeemed 1 consultation at Ballard Family Clinic",
                "text": "Cascadia pays 80 % of 300.00.",
                "at": NOW,
                "icon": "check",
                "tone": "ok",
            },
            {
                "title": "Redemption voided",
                "text": "Wrong patient.",
                "actor": "Dana Reyes, front desk",
                "at": NOW - timedelta(days=2),
                "icon": "undo-2",
                "tone": "bad",
            },
            {
                "title": "Sold at Cascadia Health",
                "actor": "Maya Okafor",
                "at": NOW - timedelta(days=9),
                "icon": "ticket",
                "tone": "accent",
            },
        ],
        "steps": [
            {"label": "Patient", "done": True},
            {"label": "Package", "current": True},
            {"label": "Payment"},
        ],
        "amounts": [amount(123_450), amount(-123_450), amount(0), None],
        "yen": Money(1_200, "JPY"),
        "heads": heads,
        "matrix_lines": [
            {
                "label": label,
                "cells": [
                    {"own": minor is None, "amount": amount(minor or 0), "url": "#" if minor else ""}
                    for minor in row
                ],
                "total": amount(sum(minor or 0 for minor in row)),
            }
            for label, row in zip(heads, cells, strict=True)
        ],
        "totals": [amount(sum(row[index] or 0 for row in cells)) for index in range(3)],
        "grand_total": amount(315_550),
        "menu_items": [
            {"label": "Move", "url": "dialog/", "icon": "arrow-right-left", "dialog": True},
            {"label": "Suspend", "url": "dialog/", "icon": "pause", "dialog": True},
            {"label": "Archive", "url": "dialog/", "icon": "archive", "danger": True, "dialog": True},
        ],
        "choices": [
            {"label": "Day", "url": "#"},
            {"label": "Week", "url": "#", "current": True},
            {"label": "Month", "url": "#"},
        ],
        "consequences": [
            "Nothing new can be sold or redeemed here.",
            "4 people lose access to the counter.",
            "It can be undone at any time.",
        ],
        "blockers": [
            {"text": "3 live entitlements", "url": "#"},
            {"text": "An open balance of INR 2,400.00"},
        ],
        "receipt": {
            "organization": "Harborview Bay Medical Center",
            "address": "1200 Pier Road, Seattle",
            "number": "R-2026-004182",
            "at": NOW,
            "patient": "Asha Rao",
            "seller": "Dana Reyes",
            "lines": [
                {
                    "label": "Heart check package",
                    "note": "1 consultation, 1 lab panel, 5 physiotherapy",
                    "quantity": 1,
                    "amount": amount(90_000),
                },
                {"label": "Discount", "quantity": "", "amount": amount(-4_500)},
            ],
            "total": amount(85_500),
            "paid": [{"label": "Card", "amount": amount(85_500)}],
            "code": "K7QM-2X9D",
            "code_note": "Valid until 19 November 2027 anywhere in the network.",
            "footer": "Keep this receipt. It is the proof of your entitlement.",
        },
        "patients": [
            {"name": "Asha Rao", "detail": "Born 3 Feb 1984 · MRN 100234"},
            {"name": "Asha Raman", "detail": "Born 17 Jun 1991 · MRN 100871"},
        ],
        "today": date(2026, 11, 20),
    }


def _portal() -> dict[str, Any]:
    return {
        "groups": [
            {
                "title": "New",
                "tasks": [
                    {
                        "title": "Complete blood count",
                        "url": "#",
                        "status": "requested",
                        "masked": True,
                        "clock": {"text": "3 h 20 min left"},
                        "facts": ["Harborview Bay", "INR 120.00"],
                    },
                    {
                        "title": "HbA1c",
                        "url": "#",
                        "status": "requested",
                        "masked": True,
                        "clock": {"text": "35 min left", "tone": "soon"},
                        "facts": ["Ballard Family Clinic"],
                    },
                ],
            },
            {
                "title": "In progress",
                "tasks": [
                    {
                        "title": "Lipid panel",
                        "url": "#",
                        "status": "in-progress",
                        "subtitle": "Asha Rao, born 3 Feb 1984",
                        "clock": {"text": "1 h 5 min late", "tone": "late"},
                        "facts": ["Harborview Bay"],
                    },
                ],
            },
            {"title": "Done", "tasks": [], "empty": "Nothing finished today."},
        ],
    }
