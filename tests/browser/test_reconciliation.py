"""A partner's statement with twelve planted differences, a dispute between the two, and the sign-off."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, expect

from core.tenancy import bound
from ledger.actions.redemption import redeem
from ledger.queries.entitlement import lines_of
from network.isolation.records import PDF
from orgs.actions.membership import NewMembership, grant_membership
from settlement.actions.reconciliation import answer_finding
from settlement.models import Dispute, Finding
from tests.browser.accessibility import assert_accessible, assert_fits
from tests.browser.conftest import PHONE, Browse
from tests.browser.stage import Stage
from tests.cast import SYSTEM, make_user
from tests.settlement.partner import MAY, SESSIONS, Partner, file_of

PLANTED = {
    "Amount differs": 3,
    "Reference differs": 1,
    "Missing here": 2,
    "Missing there": 2,
    "Duplicate": 2,
    "Timing": 2,
}


def prepare(stage: Stage) -> None:
    """Fourteen sessions of physiotherapy at Quay Partners in May, whose finance officer is Frida."""
    with bound(stage.network_id):
        patient = stage.register("Asha", "Rao")
        sales = [stage.sell(patient, on=date(2026, 4, 30)) for _ in range(3)]
        lines = [
            next(one for one in lines_of(sale.entitlement) if one.service.code == "PHYSIO") for sale in sales
        ]
        days = [MAY[0] + timedelta(days=2 * place) for place in range(SESSIONS)]
        events = [
            redeem(SYSTEM, stage.cast["Q"], line=lines[place // 5], on=day, key=uuid4().hex)
            for place, day in enumerate(days)
        ]
        frida = stage.cast.users["frida"] = make_user("Frida Quay", "frida@quay.example")
        new = NewMembership("finance_officer", "subtree", date(2020, 1, 1))
        grant_membership(SYSTEM, stage.cast["Q"], user=frida, new=new)
    stage.made["partner"] = Partner(market=None, sale=None, events=events)


def row(page: Page, label: str, table: str) -> Any:
    region = page.get_by_role("region", name=table)
    return region.get_by_role("row").filter(has=page.get_by_role("rowheader", name=label, exact=True))


def waiting(page: Page) -> Any:
    return page.get_by_role("region", name="Balances").locator(".stat", has_text="Waiting").locator("b")


def in_every_light(page: Page) -> None:
    assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    assert_accessible(page, colours_only=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    assert_accessible(page, phone=True)
    assert_fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})


def send(page: Page, content: bytes) -> None:
    page.goto("/console/statements/matched/")
    page.get_by_role("link", name="Send a statement").first.click()
    page.get_by_label("Books of").select_option(label="Harbor Health")
    page.get_by_label("Statement of").select_option(label="Quay Partners")
    page.get_by_label("File").set_input_files(
        {"name": "quay-may.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Columns of the statement")).to_be_visible()


def test_twelve_planted_differences_are_found_named_answered_and_signed_off(
    browse: Browse, stage: Stage, worker: Callable[[], list[Any]]
) -> None:
    page = browse("finance")
    send(page, file_of(stage.partner.planted()))
    expect(page.get_by_role("region", name="First rows").get_by_role("row")).to_have_count(6)
    expect(page.get_by_label("Reference (entry number)")).to_have_value("Entry")
    expect(page.get_by_label("From")).to_have_value("2026-05-01")
    page.get_by_label("Day", exact=True).select_option("Description")
    page.get_by_role("button", name="Match").click()
    expect(page.get_by_role("heading", name="Lines that can’t be read")).to_be_visible()
    expect(row(page, "2", "Lines that can’t be read")).to_contain_text("“Physiotherapy” is no day")
    page.get_by_label("Day", exact=True).select_option("Date")
    page.get_by_role("button", name="Match").click()
    expect(page.get_by_text("Waiting for the worker")).to_be_visible()
    in_every_light(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("None of its lines was kept.")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    worker()

    expect(page.get_by_role("heading", name="Harbor Health with Quay Partners")).to_be_visible()
    expect(waiting(page)).to_have_text("12")
    for name, count in PLANTED.items():
        expect(row(page, name, "What the difference is made of").locator("td").nth(1)).to_have_text(
            str(count)
        )
    expect(page.get_by_text("fully explained")).to_be_visible()
    in_every_light(page)
    here = page.url

    page.goto(f"{here}?name=reference_differs")
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.get_by_text("Confirmed.")).to_be_visible()
    expect(waiting(page)).to_have_text("11")
    page.goto(f"{here}?name=amount_differs")
    page.keyboard.press("j")
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog", name="Answer a finding")
    dialog.get_by_label("Dispute the entry").check()
    dialog.get_by_label("In words").fill("58.75 was never agreed.")
    assert_accessible(page)
    dialog.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("Answered.")).to_be_visible()
    expect(waiting(page)).to_have_text("10")

    frida = browse("frida")
    frida.goto("/console/disputes/")
    frida.get_by_role("link", name=re.compile("^No. ")).click()
    expect(frida.get_by_text("58.75 was never agreed.")).to_be_visible()
    frida.get_by_label("In words").fill("It is in annex B.")
    frida.get_by_label("File").set_input_files(
        {"name": "annex.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    frida.get_by_role("button", name="Send").click()
    expect(frida.get_by_role("link", name="annex.pdf")).to_be_visible()
    assert frida.request.get(here).status == 404, "the parent's reconciliation is the parent's own"

    with bound(stage.network_id):
        dispute = Dispute.objects.get()
        for finding in Finding.objects.filter(answer="").select_related("reconciliation__organization"):
            answer_finding(SYSTEM, finding, answer="accepted", note="Agreed by phone.")
    page.goto(f"/console/disputes/{dispute.pk}/")
    page.get_by_role("link", name="End the dispute").click()
    dialog = page.get_by_role("dialog", name="End the dispute")
    dialog.get_by_label("Accepted as it stands").check()
    dialog.get_by_label("In words").fill("Annex B says so.")
    dialog.get_by_role("button", name="End it").click()
    expect(page.get_by_text("Annex B says so.")).to_be_visible()

    page.goto(here)
    page.get_by_role("link", name="Sign off").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign").click()
    expect(page.get_by_text("Signed off by Fay Finance")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Take back"))).to_have_count(0)
    page.get_by_role("link", name="Reopen").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("A line was overlooked.")
    page.get_by_role("dialog").get_by_role("button", name="Reopen").click()
    expect(page.get_by_text("Reopened by Fay Finance")).to_be_visible()


def test_items_are_acknowledged_by_the_ticked_rows_and_all_at_once(browse: Browse, stage: Stage) -> None:
    page = browse("finance")
    page.goto("/console/reconciliation/")
    page.get_by_role("row").filter(has_text="Quay Partners").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Quay Partners and Harbor Health")).to_be_visible()
    first, second = stage.partner.events[-1].pk, stage.partner.events[-2].pk
    for event in (first, second):
        page.get_by_role("checkbox", name=f"Tick entry no. {event}").check()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("2 items acknowledged for Harbor Health and Quay Partners.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=f"No. {first}")).to_contain_text("Acknowledged")
    page.get_by_role("checkbox", name="Tick all rows").check()
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text(re.compile("1[12] items acknowledged"))).to_be_visible()
    page.get_by_role("link", name=re.compile(f"^Dispute entry no. {first}")).click()
    dialog = page.get_by_role("dialog", name="Dispute")
    dialog.get_by_label("Reason").select_option(label="It is there twice")
    dialog.get_by_label("In words").fill("The patient came once.")
    dialog.get_by_role("button", name="Dispute").click()
    expect(page.get_by_role("heading", name=f"Dispute of entry no. {first}")).to_be_visible()
