"""The pages of settings: how many queries, what is filtered, compared and refused, and what a second network sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.clock import today_in
from core.settings import Mode, all_settings
from core.tenancy import bound
from ledger.rules.settings import DISCOUNT_CAP
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.setting import NewValue, assign_setting
from orgs.actions.waiver import decide_waiver, request_waiver
from orgs.models import SettingAssignment, SettingBatch
from orgs.queries import tree
from orgs.queries.setting import _kept
from tests.cast import CANARY, SYSTEM, make_user


@pytest.fixture
def client(cast):
    return cast.client("administrator")


@pytest.fixture
def given(cast):
    """Assign the largest discount, and leave nothing bound: a page reads everything anew."""

    def at(code, setting, value, mode="default"):
        with bound(cast.network.pk):
            new = NewValue(value, Mode(mode), "Because.")
            assign_setting(SYSTEM, cast[code], setting=setting, new=new)

    return at


def pk(cast, code):
    return cast.organizations[code].pk


def text(client, url, **data):
    return client.get(url, data).content.decode()


@pytest.mark.parametrize("warm", [True, False])
def test_all_settings_of_an_organization_take_twelve_queries_at_most(cast, client, given, warm):
    for code in "PST":
        given(code, DISCOUNT_CAP, 20)
    url = reverse("organization-settings", args=[pk(cast, "S")])
    client.get(url)
    if not warm:
        _kept.clear()
    with CaptureQueriesContext(connection) as queries:
        page = text(client, url)
    asked = [
        query["sql"]
        for query in queries
        if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))
    ]
    assert len(asked) <= 12, asked
    assert page.count("setting-value") >= 50


def test_search_group_and_changed_only(cast, client, given):
    given("S", DISCOUNT_CAP, 20)
    url = reverse("organization-settings", args=[pk(cast, "S")])
    assert DISCOUNT_CAP.label in text(client, url, q="DISCOUNT")
    assert DISCOUNT_CAP.label not in text(client, url, q="portal")
    assert DISCOUNT_CAP.label not in text(client, url, group="branding")
    changed = text(client, url, changed="on")
    assert changed.count('class="setting-value"') == 1
    assert "Without it: 100 %" in changed
    assert "Nothing matches" in text(client, url, q="zq zq")
    assert DISCOUNT_CAP.label in text(client, url, group="zq"), "a filter that makes no sense hides nothing"


def test_two_organizations_side_by_side(cast, client, given):
    given("S", DISCOUNT_CAP, 20)
    url = reverse("setting-compare", args=[pk(cast, "S")])
    page = text(client, url, other="T")
    assert "20 %" in page
    assert "100 %" in page
    assert "more settings are equal" in page
    assert "No difference" in text(client, reverse("setting-compare", args=[pk(cast, "T")]), other="R")
    assert "Choose one of your organizations" in text(client, url, other="C1B")
    assert page.count("<tr>") < text(client, url, other="T", all="on").count("<tr>")


def test_the_network_list_counts_who_has_a_value_of_their_own(cast, client, given):
    for code in "ST":
        given(code, DISCOUNT_CAP, 20)
    page = text(client, reverse("setting-list"), q="largest discount")
    assert 'data-label="Own values">2<' in page
    local = text(cast.client("local_admin"), reverse("setting-list"), q="largest discount")
    assert 'data-label="Own values">1<' in local, "only those that one may see"


def test_a_dry_run_that_is_out_of_date_is_shown_again(cast, client, given):
    url = reverse("setting-apply")
    data = {"_network": cast.network.pk, "key": DISCOUNT_CAP.key, "value": "10", "mode": "default"}
    data |= {"organizations": [pk(cast, "S"), pk(cast, "T")]}
    page = client.post(url, data)
    assert "2 of 2 would change" in page.content.decode()
    given("S", DISCOUNT_CAP, 10)
    answer = client.post(url, data | {"_apply": "1", "_expected": page.context["expected"]})
    assert answer.status_code == 409
    assert "Something changed since the dry run" in answer.content.decode()
    with bound(cast.network.pk):
        assert not SettingBatch.objects.exists()
    seen = answer.context["expected"]
    assert client.post(url, data | {"_apply": "1", "_expected": seen}).status_code == 302
    with bound(cast.network.pk):
        assert SettingBatch.objects.count() == 1


def test_a_third_party_shows_what_applies_to_it_alone(cast, client):
    page = text(client, reverse("organization-settings", args=[pk(cast, "X")]))
    wanted = [one for one in all_settings() if "third_party" in one.kinds]
    assert page.count('class="setting-value"') == len(wanted) > 0
    blocked = text(client, reverse("setting-edit", args=[pk(cast, "X"), DISCOUNT_CAP.key]))
    assert "doesn’t apply to a third party" in blocked


@pytest.mark.parametrize("name", ["setting-edit", "setting-inherit", "waiver-request"])
def test_a_setting_that_is_none_is_not_found(cast, client, name):
    assert client.get(reverse(name, args=[pk(cast, "S"), "zq.zq"])).status_code == 404


def test_another_network_has_its_own(cast, client, given):
    given("P", DISCOUNT_CAP, 20, "enforced")
    with bound(cast.foreign[0].pk):
        assert DISCOUNT_CAP.at(tree.root()) == 100
        assert not SettingAssignment.objects.filter(key=DISCOUNT_CAP.key).exists()
    foreign = cast.client("foreigner")
    assert "20 %" not in text(foreign, reverse("setting-list"), q="largest discount")
    assert foreign.get(reverse("organization-settings", args=[pk(cast, "S")])).status_code == 404
    assert CANARY not in text(client, reverse("setting-spread", args=[DISCOUNT_CAP.key]))


def person(cast, name, *roles):
    """Somebody with roles at several places: (code, role, scope)."""
    with bound(cast.network.pk):
        user = make_user(name, f"{name.lower()}@harbor.example")
        for code, role, scope in roles:
            new = NewMembership(role=role, scope=scope)
            grant_membership(SYSTEM, cast[code], user=user, new=new)
    cast.users[name] = user
    return cast.client(name)


def test_who_sees_an_organization_but_not_its_settings_compares_with_others_only(cast, given):
    client = person(cast, "Mia", ("S", "organization_administrator", "this"), ("P", "front_desk", "subtree"))
    given("T", DISCOUNT_CAP, 37)
    page = client.get(reverse("setting-compare", args=[pk(cast, "S")]), {"other": "T"})
    assert page.context["other"] is None
    assert "37 %" not in page.content.decode()


def test_what_would_change_names_only_what_the_person_may_read(cast):
    client = person(cast, "Leo", ("Q", "organization_administrator", "this"))
    url = reverse("setting-edit", args=[pk(cast, "Q"), DISCOUNT_CAP.key])
    typed = {"value": "20", "mode": "enforced", "reason": "So.", "_seen": "", "_preview": "1"}
    page = cast.post(client, url, typed)
    text = page.content.decode()
    assert "2 organizations would change" in text
    assert "Quay Annex" not in text
    assert "and 1 more" in text


def test_what_would_be_overruled_is_counted_and_named_only_to_whoever_may_read_it(cast, given):
    given("R", DISCOUNT_CAP, 50)
    typed = {"value": "20", "mode": "enforced", "reason": "So.", "_seen": "", "_preview": "1"}
    url = reverse("setting-edit", args=[pk(cast, "Q"), DISCOUNT_CAP.key])
    for client, named in (
        (person(cast, "Leo", ("Q", "organization_administrator", "this")), False),
        (person(cast, "Lea", ("Q", "organization_administrator", "subtree")), True),
    ):
        text = cast.post(client, url, typed).content.decode()
        assert "1 below has a value of its own" in text
        assert ("Quay Annex" in text) is named


def test_what_is_applied_is_what_the_dry_run_showed(cast, client, given):
    """As many as before isn't the same: another organization, or another value, than was seen."""
    given("S", DISCOUNT_CAP, 20)
    places = [str(pk(cast, code)) for code in "ST"]
    typed = {"key": DISCOUNT_CAP.key, "value": "20", "mode": "default", "organizations": places}
    url = reverse("setting-apply")
    seen = cast.post(client, url, typed).context["expected"]
    given("T", DISCOUNT_CAP, 20)
    given("S", DISCOUNT_CAP, 30)
    asked = typed | {"_apply": "1", "_expected": seen}
    assert cast.post(client, url, asked).status_code == 409
    seen = cast.post(client, url, typed).context["expected"]
    assert cast.post(client, url, asked | {"value": "25", "_expected": seen}).status_code == 409
    assert cast.post(client, url, asked | {"_expected": seen}).status_code == 302


def test_everything_below_an_organization_is_without_itself(cast, client):
    typed = {"key": DISCOUNT_CAP.key, "value": "20", "mode": "default", "under": str(pk(cast, "Q"))}
    page = cast.post(client, reverse("setting-apply"), typed)
    assert [one["row"].organization.code for one in page.context["rows"]] == ["R"]
    page = cast.post(client, reverse("setting-apply"), typed | {"under": "", "organizations": []})
    assert "Choose organizations, or one below which all are meant." in page.content.decode()


@pytest.mark.parametrize("typed", ["mfa", "2FA", "totp", "second factor"])
def test_a_setting_is_found_by_what_everybody_calls_it(client, typed):
    assert "signin.mfa_required" in text(client, reverse("setting-list"), q=typed)


@pytest.mark.parametrize("typed", ["mfa", "SECOND fac"])
def test_the_palette_finds_settings_for_whoever_may_see_them(cast, client, typed):
    spread = reverse("setting-spread", args=["signin.mfa_required"])
    assert spread in text(client, reverse("search"), q=typed)
    assert spread not in text(client, reverse("search"), q="actor")  # inside a word
    assert spread not in text(client, reverse("search"), q="authenticator")  # its help alone
    assert spread not in text(cast.client("desk"), reverse("search"), q=typed)


def test_the_page_of_a_setting_leads_to_its_value_for_all(cast, client):
    url = reverse("setting-spread", args=[DISCOUNT_CAP.key])
    assert "Change at Harbor Health" in text(client, url)
    assert "Change at North Clinic" in text(cast.client("local_admin"), url)


def test_the_preview_asks_for_the_reason_too(cast, client):
    url = reverse("setting-edit", args=[pk(cast, "P"), DISCOUNT_CAP.key])
    typed = {"value": "20", "mode": "enforced", "_preview": "1"}
    refused = cast.post(client, url, typed)
    assert refused.status_code == 422
    assert "An enforced value binds others" in refused.content.decode()
    assert "would change" in cast.post(client, url, typed | {"reason": "Agreed."}).content.decode()


def test_a_dialog_leads_back_to_the_page_as_it_was_filtered(cast, client):
    url = reverse("setting-edit", args=[pk(cast, "P"), DISCOUNT_CAP.key])
    behind = reverse("organization-settings", args=[pk(cast, "P")])

    def saved_from(address: str) -> str:
        seen = client.get(url).context["seen"]
        typed = {"value": "20", "mode": "default", "_seen": seen}
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}"}
        return cast.post(client, url, typed, headers=headers)["HX-Redirect"]

    assert saved_from(f"{behind}?q=discount") == f"{behind}?q=discount"
    assert saved_from(f"{reverse('setting-list')}?q=discount") == behind


def test_waivers_that_wait_are_told_to_whoever_decides(cast, client, given):
    given("P", DISCOUNT_CAP, 20, "enforced")
    local = cast.client("local_admin")
    assert "to decide" not in text(client, reverse("home"))
    with bound(cast.network.pk):
        ends_on = today_in("UTC") + timedelta(days=3)
        waiver = request_waiver(
            cast.actor("local_admin"),
            cast["S"],
            setting=DISCOUNT_CAP,
            value=30,
            reason="Opening",
            ends_on=ends_on,
        )
    for page in ("home", "setting-list"):
        assert "to decide" in text(client, reverse(page))
        assert "to decide" not in text(local, reverse(page))
    with bound(cast.network.pk):
        decide_waiver(
            cast.actor("administrator"), waiver, grant=False, note="Not now.", version=waiver.version
        )
    assert "to decide" not in text(client, reverse("home"))
    assert "Ada Admin: Not now." in text(local, reverse("waiver-list"))


def test_a_list_without_rows_says_what_brings_some(client):
    assert "A waiver is asked for on the settings page" in text(client, reverse("waiver-list"))


def test_the_overview_of_a_new_network_shows_no_empty_chart(client):
    page = text(client, reverse("home"))
    assert "Nothing sold in the last six months" in page
    assert "0.00" in page
