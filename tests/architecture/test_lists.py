"""Every list has what every list has: files, saved views, columns to choose, and acts on several rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from core.views.list import ListPage
from tests.architecture.test_views import ROUTES

LISTS = {view for _, view in ROUTES if isinstance(view, type) and issubclass(view, ListPage)}
#: Lists whose rows have no act that makes sense for several at once, besides exporting them.
NO_ACTS = {
    "AuditList": "the trail is append-only",
    "SaleList": "a sale is refunded or voided by itself, with its own reason",
    "EntitlementList": "an entitlement is redeemed or refunded by itself",
    "RequestReport": "a report",
    "ImportList": "an import is started or cancelled by itself, with its own dry run",
    "ImportPage": "the lines of one dry run, which are imported together",
    "ContentList": "content is shared and published by itself, with its own preview",
    "ModuleBatches": "each change is taken back by itself, with its own preview",
    "SettingBatches": "each change is taken back by itself, with its own preview",
    "VendorList": "vendors are organizations, and suspended where those are listed",
}
MENUS = "components/list_menus.html"
ROOT = Path(settings.BASE_DIR) / "templates"


def includes(template: str, wanted: str) -> bool:
    """Does a template, what it extends or what it includes, include another?"""
    source = (ROOT / template).read_text()
    if wanted in source:
        return True
    named = re.findall(r'{% (?:extends|include) "([^"]+)"', source)
    return any(includes(one, wanted) for one in named if one != template)


def test_there_are_lists():
    assert len(LISTS) > 10


@pytest.mark.parametrize("view", sorted(LISTS, key=str), ids=lambda view: view.__name__)
def test_a_list_has_files_views_and_columns(view):
    for name in ("get", "export", "list_query", "export_links", "may_export", "arranged"):
        assert getattr(view, name) is getattr(ListPage, name), f"{view.__name__} goes its own way: {name}"
    assert includes(view.template, MENUS), f"{view.template} lacks {MENUS}"


@pytest.mark.parametrize("view", sorted(LISTS, key=str), ids=lambda view: view.__name__)
def test_a_list_has_acts_on_several_rows_or_says_why_not(view):
    own = view.bulk_actions is not ListPage.bulk_actions
    assert own != (view.__name__ in NO_ACTS)


def test_no_reason_is_left_over():
    assert NO_ACTS.keys() <= {view.__name__ for view in LISTS}


def test_a_list_that_forgets_is_noticed():
    assert not includes("console/detail.html", MENUS)
    assert includes("orgs/membership_list.html", MENUS)
