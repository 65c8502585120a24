"""The main job in one flow, from growing the network to its consolidated statement, as the people in it do it.

The money is that of the reference postings: a package of 900.00 sold at the parent (300.00 / 187.50 / 412.50), its
consultation redeemed at a new sub for 80 %, two physiotherapies at a partner for 70 %, its laboratory at the parent,
and an order that the outside lab bills with 120.00.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from network.isolation.records import PDF
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, Browse
from tests.browser.stage import Stage
from tests.cast import PASSWORD

Worker = Callable[[], list[Any]]
WEST = "West Clinic"
PATIENT = "Mira Lindqvist"
#: account, aggregate, eliminations, consolidated
STATEMENT = {
    ("Cash", "900.00", "0.00", "900.00"),
    ("Due from", "240.00", "−240.00", "0.00"),
    ("Contract liability", "−247.50", "0.00", "−247.50"),
    ("Due to", "−355.50", "240.00", "−115.50"),
    ("Accounts payable", "−120.00", "0.00", "−120.00"),
    ("Service revenue", "−652.50", "0.00", "−652.50"),
    ("Intercompany revenue", "−240.00", "240.00", "0.00"),
    ("Intercompany cost", "240.00", "−240.00", "0.00"),
    ("Partner share cost", "115.50", "0.00", "115.50"),
    ("Vendor cost", "120.00", "0.00", "120.00"),
    ("Sum", "0.00", "0.00", "0.00"),
}
CODE = re.compile(r"\b\w{4}-\w{4}-\w{4}\b")


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"]
)
def test_from_a_growing_tree_to_the_consolidated_statement(
    browse: Browse, fresh_stage: Stage, worker: Worker, size: dict[str, int], scheme: str
) -> None:
    story = Story(browse, worker, size, scheme)
    story.network_administrator_adds_a_sub_and_invites_its_front_desk(fresh_stage)
    code = story.front_desk_of_the_parent_registers_a_patient_and_sells()
    story.front_desk_of_the_new_sub_redeems(code)
    story.front_desk_of_the_partner_redeems(code)
    story.finance_sees_the_money_split()
    story.front_desk_of_the_parent_orders_from_the_outside_lab()
    story.the_lab_answers_in_its_portal()
    story.front_desk_of_the_parent_reads_the_result()
    story.finance_reads_the_report_and_the_consolidated_statement()


class Story:
    """Who did what; everybody has a browser of their own."""

    def __init__(self, browse: Browse, worker: Worker, size: dict[str, int], scheme: str) -> None:
        self.worker = worker
        self.browse = lambda persona="": browse(persona, size=size, scheme=scheme)
        self.phone = size is PHONE

    def look(self, page: Page) -> None:
        """Every page that the story passes is looked at; on the phone for what a phone and the dark change."""
        assert_accessible(page, phone=self.phone)
        assert_fits(page)

    def go(self, page: Page, area: str) -> None:
        """Through the navigation, which is a drawer on a phone."""
        if self.phone:
            page.get_by_role("button", name="Open navigation").click()
        page.get_by_role("navigation", name="Areas").get_by_role("link", name=area, exact=True).click()

    def network_administrator_adds_a_sub_and_invites_its_front_desk(self, stage: Stage) -> None:
        page = self.browse()
        page.goto("/")
        self.look(page)
        page.get_by_label("E-mail").fill(stage.email("administrator"))
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(re.compile("/console/$"))
        self.look(page)

        self.go(page, "Organizations")
        expect(page.get_by_role("heading", name="Organizations", level=1)).to_be_visible()
        page.get_by_role("link", name="Add organization").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("heading", name="Add organization")).to_be_visible()
        dialog.get_by_label("Name").fill(WEST)
        dialog.get_by_role("button", name="Add organization").click()
        expect(dialog.locator(".error-summary")).to_be_focused()
        self.look(page)
        dialog.get_by_label("Code", exact=True).fill("w")
        dialog.get_by_role("button", name="Add organization").click()
        expect(page.get_by_role("heading", name=WEST, level=1)).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="was added under Harbor Health")).to_be_visible()
        self.look(page)

        self.go(page, "Organizations")
        expect(page.get_by_role("treeitem", name=WEST)).to_be_visible()
        page.get_by_role("table").get_by_role("link", name=WEST).click()
        page.get_by_role("link", name="People", exact=True).click()
        page.get_by_role("link", name="Invite").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill("Wes West")
        dialog.get_by_label("E-mail").fill("wes@harbor.example")
        dialog.get_by_label("Role").select_option(label="Front desk")
        dialog.get_by_role("button", name="Send invitation").click()
        expect(page.get_by_text("wes@harbor.example").first).to_be_visible()
        self.look(page)

        (mail,) = [one for one in self.worker() if one.to == ["wes@harbor.example"]]
        self.west = self.browse()
        self.west.goto(_link(mail, "/invitations/"))
        self.look(self.west)
        self.west.get_by_label("Password").fill(PASSWORD)
        self.west.get_by_role("button", name="Accept the invitation").click()
        expect(self.west.get_by_text(f"Welcome to {WEST}").first).to_be_visible()

    def front_desk_of_the_parent_registers_a_patient_and_sells(self) -> str:
        self.desk = page = self.browse("parent_desk")
        page.goto("/console/")
        self.go(page, "Counter")
        self.look(page)
        page.get_by_role("link", name="Register a new patient").click()
        page.get_by_label("Given name").fill("Mira")
        page.get_by_label("Family name").fill("Lindqvist")
        page.get_by_label("Birth date").fill("1984-02-03")
        self.look(page)
        page.get_by_role("button", name="Register patient").click()
        expect(page.get_by_role("heading", name=PATIENT, level=1)).to_be_visible()
        self.look(page)

        self.go(page, "Counter")
        page.get_by_role("searchbox", name="Find a patient").fill("lindq")
        page.get_by_role("link", name=re.compile(PATIENT)).click()
        expect(page.get_by_text("Nothing to use")).to_be_visible()
        page.get_by_role("link", name=re.compile("Recovery package")).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("900.00")
        self.look(page)
        dialog.get_by_role("button", name="Sell").click()
        receipt = page.get_by_role("article", name="Receipt")
        expect(receipt).to_contain_text("900.00")
        self.look(page)
        found = CODE.search(receipt.inner_text())
        assert found, receipt.inner_text()
        return found[0]

    def front_desk_of_the_new_sub_redeems(self, code: str) -> None:
        page = self.west
        self._look_up(page, code)
        page.get_by_role("link", name=re.compile("^Consultation")).click()
        page.get_by_role("button", name="Redeem").click()
        expect(page.get_by_text(f"Consultation was redeemed at {WEST}; 0 left.").first).to_be_visible()
        expect(page.get_by_text("5 of 5")).to_be_visible()
        self.look(page)

    def front_desk_of_the_partner_redeems(self, code: str) -> None:
        page = self.browse("partner")
        self._look_up(page, code.lower().replace("-", " "))
        page.get_by_role("link", name=re.compile("^Physiotherapy")).click()
        page.get_by_label("Quantity").fill("6")
        page.get_by_role("button", name="Redeem").click()
        expect(page.get_by_role("alert").or_(page.locator(".error-summary")).first).to_contain_text("5")
        page.get_by_label("Quantity").fill("2")
        page.get_by_role("button", name="Redeem").click()
        expect(page.get_by_text("Physiotherapy was redeemed at Quay Partners; 3 left.").first).to_be_visible()

    def _look_up(self, page: Page, code: str) -> None:
        """Somebody whom one has never seen: by the code on the receipt."""
        page.goto("/console/")
        self.go(page, "Counter")
        page.get_by_role("searchbox", name="Find a patient").fill("lindq")
        expect(page.get_by_text("Nobody known here")).to_be_visible()
        page.get_by_label("Entitlement code").fill(code)
        page.get_by_role("button", name="Look up").click()
        expect(page.get_by_text(PATIENT)).to_be_visible()
        self.look(page)

    def finance_sees_the_money_split(self) -> None:
        self.finance = page = self.browse("finance")
        page.goto("/console/")
        self.look(page)
        self.go(page, "Journal")
        expect(page.get_by_role("table")).to_contain_text("Redemption")
        self.look(page)
        page.get_by_label("Organization").select_option(label=WEST)
        expect(page.get_by_role("row").filter(has_text="Quay Partners")).to_have_count(0)
        page.get_by_role("row").filter(has_text="Redemption").get_by_role("link").first.click()
        expect(page.get_by_role("heading", name="Journal entry")).to_be_visible()
        assert sorted(_cells(page.get_by_role("table"))) == [
            ("Contract liability", "Harbor Health", "–", "300.00", ""),
            ("Due from", WEST, "Harbor Health", "240.00", ""),
            ("Due to", "Harbor Health", WEST, "", "240.00"),
            ("Intercompany cost", "Harbor Health", WEST, "240.00", ""),
            ("Intercompany revenue", WEST, "Harbor Health", "", "240.00"),
            ("Service revenue", "Harbor Health", "–", "", "300.00"),
        ]
        expect(page.get_by_text("80 %").first).to_be_visible()
        self.look(page)

        self.go(page, "Due to and from")
        assert _cells(page.get_by_role("table").first)[-4:] == [
            ("Harbor Health", "Itself", "–", "–", "0.00"),
            ("Quay Partners", "115.50", "Itself", "–", "115.50"),
            (WEST, "240.00", "–", "Itself", "240.00"),
            ("Total", "355.50", "0.00", "0.00", "355.50"),
        ]
        self.look(page)
        page.get_by_role("table").first.get_by_role("link", name="115.50").click()
        expect(page.get_by_role("heading", name="Journal lines", level=1)).to_be_visible()
        expect(page.get_by_role("table")).to_contain_text("115.50")
        self.look(page)

    def front_desk_of_the_parent_orders_from_the_outside_lab(self) -> None:
        page = self.desk
        self.go(page, "Counter")
        page.get_by_role("searchbox", name="Find a patient").fill("lindq")
        page.get_by_role("link", name=re.compile(PATIENT)).click()
        page.get_by_role("link", name=re.compile("^Blood panel")).click()
        page.get_by_role("dialog").get_by_role("button", name="Redeem").click()
        expect(page.get_by_text("Blood panel was redeemed at Harbor Health; 0 left.").first).to_be_visible()

        self.go(page, "Requests")
        self.look(page)
        page.get_by_role("link", name="New request").first.click()
        page.get_by_role("searchbox", name="Patient").fill("lindqvist")
        page.keyboard.press("Enter")
        page.get_by_role("link", name=re.compile(PATIENT)).click()
        page.get_by_label("Service and vendor").select_option(index=1)
        page.get_by_label("Clinical note").fill("Tired since spring")
        self.look(page)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("Not sent yet.")).to_be_visible()
        self.look(page)
        page.get_by_role("button", name="Send request").click()
        expect(page.get_by_text("was sent to Xact Labs").first).to_be_visible()
        self.request_path = page.url

    def the_lab_answers_in_its_portal(self) -> None:
        (mail,) = [one for one in self.worker() if one.to == ["xena@xact.example"]]
        assert PATIENT not in mail.body
        page = self.browse()
        page.goto(_link(mail, "/portal/link/"))
        self.look(page)
        page.get_by_role("button", name="Send me a code").click()
        (mail,) = [one for one in self.worker() if one.to == ["xena@xact.example"]]
        page.get_by_label("One-time code").fill(re.search(r"\d{4} \d{4}", mail.body)[0])
        self.look(page)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Requests", level=1)).to_be_visible()
        self.look(page)
        page.get_by_role("link", name=re.compile("X-100")).click()
        expect(page.get_by_text("Shown after you accept")).to_be_visible()
        expect(page.get_by_text(PATIENT)).to_have_count(0)
        self.look(page)
        promised = datetime.now() + timedelta(hours=5)
        page.get_by_label("Result promised by").fill(promised.strftime("%Y-%m-%dT%H:%M"))
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text(PATIENT)).to_be_visible()
        expect(page.get_by_text("Tired since spring")).to_be_visible()
        self.look(page)

        page.get_by_role("link", name="Enter result").click()
        first = page.get_by_role("group", name="Value 1")
        first.get_by_label("Test").fill("Haemoglobin")
        first.get_by_label("Value").fill("9.1")
        first.get_by_label("Unit").fill("g/dL")
        first.get_by_label("Reference range").fill("12-16")
        first.get_by_label("Flag").select_option(label="Low")
        page.get_by_label("Report (PDF)").set_input_files(
            [{"name": "report.pdf", "mimeType": "application/pdf", "buffer": PDF}]
        )
        self.look(page)
        page.get_by_role("button", name="Complete").click()
        expect(page.get_by_text("Completed. The network sees the result now.")).to_be_visible()
        self.look(page)
        self.worker()

    def front_desk_of_the_parent_reads_the_result(self) -> None:
        page = self.desk
        page.goto(self.request_path)
        for shown in ("Completed", "Haemoglobin", "9.1", "Low", "Xena Xact", "120.00"):
            expect(page.get_by_role("main")).to_contain_text(shown)
        image = page.get_by_role("img", name="Page 1 of the PDF report.pdf")
        image.scroll_into_view_if_needed()
        page.wait_for_function("(image) => image.complete", arg=image.element_handle())
        assert image.evaluate("(image) => image.naturalWidth") > 100
        self.look(page)

    def finance_reads_the_report_and_the_consolidated_statement(self) -> None:
        page = self.finance
        self.go(page, "Request report")
        row = page.get_by_role("table").get_by_role("row").filter(has_text="Xact Labs")
        for shown in ("Harbor Health", "Completed", "120.00"):
            expect(row).to_contain_text(shown)
        self.look(page)

        self.go(page, "Statements")
        expect(page.get_by_role("heading", name="Consolidated statement", level=1)).to_be_visible()
        assert set(_cells(page.get_by_role("main"))) >= STATEMENT
        expect(page.get_by_text("Debits equal credits in every column.")).to_be_visible()
        self.look(page)
        row = page.get_by_role("row", name=re.compile("^Intercompany cost"))
        row.get_by_role("link", name="−240.00").click()
        expect(page.get_by_role("table")).to_contain_text("240.00")


def _cells(within: Locator) -> list[tuple[str, ...]]:
    """The rows of the tables in there, below their heads, as one reads them."""
    rows = within.locator("tbody tr, tfoot tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
    )
    return [tuple(row) for row in rows]


def _link(mail: Any, part: str) -> str:
    """The one link in a mail that leads to `part`."""
    return re.search(rf"http://\S+{part}\S+", mail.body)[0]
