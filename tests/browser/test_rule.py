"""A finance officer changes a rule in a browser: tiers, an example that has to hold, the past, and a second person."""

from __future__ import annotations

from playwright.sync_api import expect

from core.tenancy import bound
from ledger.models import RuleVersion
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Browse
from tests.browser.stage import Stage, fill
from tests.browser.stage_business import EXAMPLE
from work.actions.relay import relay_due_events


def prepare(stage: Stage) -> None:
    fill(stage)


def test_a_draft_gets_tiers_holds_its_example_and_is_activated_by_another(
    browse: Browse, stage: Stage
) -> None:
    draft = stage.made["draft_rule"]
    page = browse("finance")
    page.goto(f"/console/rules/{draft.pk}/")
    page.get_by_role("link", name="Edit draft").click()
    page.get_by_label("Tiers count").select_option("Units")
    page.get_by_label("How much").first.fill("75 up to 100; 80")
    page.get_by_role("button", name="Save draft").click()
    expect(
        page.get_by_text("75 % up to 100 units a month, 80 % above, of the allocated price").first
    ).to_be_visible()

    page.get_by_role("link", name="Run examples").click()
    expected = page.get_by_role("row", name="balance Q due_from(P)")
    expect(expected).to_contain_text("Holds")
    for examples, result in ((EXAMPLE.replace('"60.00"', '"56.00"'), "Differs"), (EXAMPLE, "Holds")):
        page.get_by_role("link", name="Edit examples").click()
        page.get_by_label("Examples").fill(examples)
        page.get_by_role("button", name="Save and run").click()
        expect(expected).to_contain_text(result)
        assert_accessible(page)

    page.goto(f"/console/rules/{draft.pk}/")
    page.get_by_role("link", name="Back-test", exact=True).click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("It goes on without this page.")).to_be_visible()
    relay_due_events()
    expect(page.get_by_role("heading", name="Difference per organization")).to_be_visible()
    assert_accessible(page)

    other = browse("administrator")
    other.goto(f"/console/rules/{draft.pk}/")
    other.get_by_role("link", name="Activate").click()
    other.get_by_role("button", name="Activate", exact=True).click()
    expect(other.get_by_text("is in force.")).to_be_visible()
    with bound(stage.network_id):
        assert RuleVersion.objects.get(pk=draft.pk).status == "active"
