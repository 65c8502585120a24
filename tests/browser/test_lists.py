"""Lists in a browser: a view that opens by itself, ticked rows in a file, columns, and a clinic dragged elsewhere."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Browse
from tests.browser.stage import Stage, fill

LIST = "/console/organizations/"
PARTNERS = ["Dune Dental", "Ebb Eye Care", "Quay Partners"]


def prepare(stage: Stage) -> None:
    fill(stage)


def menu(page: Page, name: str) -> None:
    page.locator("#filters summary").filter(has_text=name).click()


def test_a_view_is_saved_made_the_default_and_opens_by_itself(browse: Browse) -> None:
    page = browse("administrator")
    page.goto(LIST)
    page.locator("#id_kind").select_option("partner")
    expect(page.locator("tbody tr")).to_have_count(len(PARTNERS))
    menu(page, "Views")
    page.get_by_role("link", name="Save this view").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Our partners")
    dialog.get_by_label("Open this list with it").check()
    dialog.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("The view “Our partners” was saved.")).to_be_visible()
    page.goto(LIST)
    expect(page).to_have_url(re.compile("kind=partner"))
    expect(page.locator("tbody tr")).to_have_count(len(PARTNERS))
    menu(page, "Views")
    page.get_by_role("link", name="Show all, as at first").click()
    expect(page.get_by_role("row", name="North Clinic")).to_be_visible()


def test_ticked_rows_arrive_in_a_file_that_opens(browse: Browse) -> None:
    page = browse("administrator")
    page.goto(LIST + "?view=")
    for name in ("North Clinic", "South Clinic"):
        page.get_by_role("checkbox", name=f"Tick {name}").check()
    with page.expect_download() as arrived:
        page.get_by_role("button", name="CSV of what is selected").click()
    text = Path(arrived.value.path()).read_text(encoding="utf-8-sig")
    assert [row["Name"] for row in csv.DictReader(io.StringIO(text))] == ["North Clinic", "South Clinic"]
    with page.expect_download() as arrived:
        page.get_by_role("button", name="XLSX of what is selected").click()
    assert arrived.value.suggested_filename.startswith("organizations-")
    with zipfile.ZipFile(arrived.value.path()) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "North Clinic" in sheet
    assert "Quay" not in sheet


def test_a_file_has_what_the_filters_show_now(browse: Browse) -> None:
    page = browse("administrator")
    page.goto(LIST + "?view=")
    page.locator("#id_kind").select_option("partner")
    expect(page.locator("tbody tr")).to_have_count(len(PARTNERS))
    menu(page, "Export")
    with page.expect_download() as arrived:
        page.locator("[data-export]").get_by_role("link", name="CSV").click()
    text = Path(arrived.value.path()).read_text(encoding="utf-8-sig")
    assert [row["Name"] for row in csv.DictReader(io.StringIO(text))] == PARTNERS


def test_a_column_is_put_away_and_comes_back(browse: Browse) -> None:
    page = browse("administrator")
    page.goto(LIST + "?view=")
    heads = page.locator("thead th:not(.tick)")
    menu(page, "Columns")
    page.get_by_role("checkbox", name="Below").uncheck()
    expect(heads.filter(has_text="Below")).to_have_count(0)
    page.get_by_role("checkbox", name="Code").check()
    expect(heads.filter(has_text="Code")).to_have_count(1)
    page.get_by_role("checkbox", name="Below").check()
    expect(heads.filter(has_text="Below")).to_have_count(1)


def test_a_clinic_is_dragged_up_to_the_dialog(browse: Browse) -> None:
    page = browse("administrator")
    page.goto(LIST + "?view=")
    row = page.get_by_role("treeitem", name="South Clinic").locator("> .tree-row")
    row.drag_to(page.get_by_role("treeitem", name="Xact Labs").locator("> .tree-row"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    row.drag_to(page.get_by_role("treeitem", name="Quay Partners").locator("> .tree-row"))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Move organization")).to_be_visible()
    expect(dialog.get_by_label("New place").locator("option:checked")).to_contain_text("Quay Partners")


def test_the_bar_above_the_list_fits_a_phone(browse: Browse) -> None:
    page = browse("administrator", size=PHONE)
    page.goto(LIST + "?view=")
    for name in ("Views", "Columns", "Export"):
        menu(page, name)
        box = page.locator("details[open] > .menu-list").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        page.keyboard.press("Escape")
