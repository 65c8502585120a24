"""Importing twelve thousand organizations from a file: what is wrong with it, what it makes, and the same again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from core.tenancy import bound
from orgs.models import Organization
from orgs.queries import tree
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import PHONE, Browse
from tests.browser.stage import Stage

HEADER = "code,name,kind,parent_code,city,legal_basis,contract_starts_on\n"
PARTNERS, CLINICS = 150, 11_850
LONG = 180_000  # milliseconds for thousands of rows on a busy machine
MISTAKES = (
    "CL7,Clinic 7,sub,RP7,Pune,,\n"
    "LOOPA,Loop A,sub,LOOPB,,,\nLOOPB,Loop B,sub,LOOPA,,,\n"
    "STRAY,Stray,sub,NOWHERE,,,\n"
    "CL8,Clinic 8,sub,RP9,Pune,,\n"
)


def rows() -> str:
    partners = (f"RP{n},Rollout Partner {n},partner,P,Pune,services,2026-01-01\n" for n in range(PARTNERS))
    clinics = (f"CL{n},Clinic {n},sub,RP{n % PARTNERS},Pune,,\n" for n in range(CLINICS))
    return HEADER + "".join(partners) + "".join(clinics)


def upload(page: Page, text: str) -> None:
    page.goto("/console/organizations/import/")
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "rollout.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Dry run").click()
    expect(page.get_by_role("heading", name="rollout.csv")).to_be_visible(timeout=LONG)


def figure(page: Page, label: str) -> Any:
    return (
        page.get_by_role("region", name="What the file comes to")
        .locator(".stat", has_text=label)
        .locator("b")
    )


def test_from_a_file_with_mistakes_to_the_tree_and_the_same_again(
    browse: Browse, fresh_stage: Stage, worker: Callable[[], list[Any]]
) -> None:
    page = browse("administrator")
    page.set_default_timeout(LONG)
    page.goto("/console/organizations/")
    page.get_by_role("link", name="Import", exact=True).click()
    expect(page.get_by_role("link", name="FHIR Bundle")).to_be_visible()
    assert_accessible(page)

    upload(page, rows() + MISTAKES)
    expect(figure(page, "New")).to_have_text("12,000")
    expect(figure(page, "Refused")).to_have_text("5")
    table = page.get_by_role("table")
    for where, said in (
        ("line 12002", "CL7 is at line 159 already."),
        ("line 12003", "A cycle: LOOPA → LOOPB → LOOPA"),
        ("line 12005", "NOWHERE is above STRAY"),
        ("line 12006", "CL8 is under RP8 at line 160 and under RP9 here."),
    ):
        expect(table.get_by_role("row").filter(has_text=where).filter(has_text=said)).to_be_visible()
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)
    assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page, colours_only=True)
    page.set_viewport_size(PHONE)
    assert_accessible(page, phone=True)
    assert_fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})

    upload(page, rows())
    expect(figure(page, "Refused")).to_have_text("0")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Waiting for the worker")).to_be_visible()
    assert_accessible(page)
    worker()
    expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=LONG)
    expect(figure(page, "Added")).to_have_text("12,000")
    assert_accessible(page)
    with bound(fresh_stage.network_id):
        assert Organization.objects.filter(code__startswith="CL").count() == CLINICS
        assert tree.verify_tree() == []

    page.get_by_role("link", name="RP0", exact=True).click()
    expect(page.get_by_role("heading", name="Rollout Partner 0", exact=True)).to_be_visible()
    below = page.get_by_role("tree", name="Directly below")
    expect(below.get_by_role("treeitem", name="Clinic 150", exact=True)).to_be_visible()

    upload(page, rows())
    expect(page.get_by_role("heading", name="0 changes")).to_be_visible()
    expect(figure(page, "Equal")).to_have_text("12,000")
    page.get_by_role("link", name="Imports").click()
    past = page.get_by_role("row").filter(has_text=re.compile("rollout.csv"))
    expect(past).to_have_count(3)
    expect(past.filter(has_text="Imported").filter(has_text="Ada Admin")).to_have_count(1)
    assert_accessible(page)
