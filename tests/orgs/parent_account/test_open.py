"""Opening a secondary Parent Account: by an owner of the enterprise, as an island, with its checklist and record."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from audit.models import SystemEvent
from core.actors import UserActor
from core.errors import Refused
from core.models import Enterprise, Network
from core.tenancy import bound
from core.tenancy.binding import is_bound
from orgs.actions.enterprise import Flow, NewAccount, grant_ownership, open_parent_account
from orgs.actions.network import NewNetwork
from orgs.models import DataOwnership, Invitation, OnboardingStep, Organization, SettingAssignment
from orgs.queries.enterprise import enterprises_of, owner_names, parent_accounts
from orgs.rules.settings import LOCALE
from tests.cast import CANARY, SYSTEM
from work.models import Mail

WEST = NewNetwork("WEST", "West Health", "EUR", "Europe/Berlin", 3)
FLOW = Flow(True, "Names, nightly, one way.", "Group IT", "Rejected rows are listed.")


def account(**other):
    given = {"network": WEST, "administrator_name": "Wes West", "administrator_email": "wes@west.example"}
    return NewAccount(**(given | {"flow": FLOW, "trade_offs_accepted": True} | other))


@pytest.fixture
def owner(cast):
    user = cast.users["administrator"]
    grant_ownership(SYSTEM, cast.enterprise, user_id=user.pk)
    return UserActor.of(user.pk, user.name)


def test_it_is_an_island_with_its_own_administrator_checklist_and_record(cast, owner):
    network = open_parent_account(owner, cast.enterprise, account())
    assert not is_bound()
    with bound(network.pk):
        root = Organization.objects.get()
        assert (root.name, root.currency, root.time_zone) == ("West Health", "EUR", "Europe/Berlin")
        assert OnboardingStep.objects.filter(done_at=None, due_on__isnull=False).count() == 8
        record = DataOwnership.objects.get()
        assert (record.api_owner, record.agreed_by) == ("Group IT", owner.label)
        invited = Invitation.objects.get()
        assert (invited.email, invited.role, invited.organization_id) == (
            "wes@west.example",
            "network_administrator",
            root.pk,
        )
        assert SettingAssignment.objects.get().value == 3
    assert "West Health" in Mail.objects.get(to="wes@west.example").subject
    event = SystemEvent.objects.get(verb="parent_account.opened")
    assert (event.actor_label, event.detail["network_id"]) == (owner.label, network.pk)


def test_its_owner_gets_no_way_in(cast, owner):
    network = open_parent_account(owner, cast.enterprise, account())
    client = cast.client("administrator")
    page = client.get(reverse("network-switch")).content.decode()
    assert "West Health" not in page
    answer = client.post(reverse("network-switch"), {"network": network.pk})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"trade_offs_accepted": False}, "trade_offs_accepted"),
        ({"flow": Flow(True, "Names", "", "List")}, "api_owner"),
        ({"flow": Flow(True, " ", "IT", "List")}, "what_flows"),
        ({"network": NewNetwork("P", "Again", "USD")}, "code"),
        ({"network": NewNetwork("W", "West", "USD", "Mars/Base")}, "time_zone"),
    ],
)
def test_what_is_refused_leaves_nothing(cast, owner, other, field):
    before = SystemEvent.objects.count()
    with pytest.raises(Refused) as refusal:
        open_parent_account(owner, cast.enterprise, account(**other))
    assert refusal.value.field == field
    assert SystemEvent.objects.count() == before
    assert not Mail.objects.filter(to="wes@west.example").exists()


def test_only_an_owner_of_that_enterprise(cast, owner):
    other = Enterprise.objects.exclude(pk=cast.enterprise.pk).first()
    with pytest.raises(Refused, match="Only an owner"):
        open_parent_account(owner, other, account())
    finance = UserActor.of(cast.users["finance"].pk, "Fay Finance")
    with pytest.raises(Refused, match="Only an owner"):
        open_parent_account(finance, cast.enterprise, account())
    with pytest.raises(Refused, match="appointed by whoever runs"):
        grant_ownership(finance, cast.enterprise, user_id=finance.id)


def test_an_owner_is_granted_once_and_listed(cast, owner):
    grant_ownership(SYSTEM, cast.enterprise, user_id=owner.id)
    assert owner_names(cast.enterprise) == ["Ada Admin"]
    assert list(enterprises_of(owner)) == [cast.enterprise]


def test_the_list_shows_how_far_each_is_and_nothing_inside(cast, owner):
    open_parent_account(owner, cast.enterprise, account())
    found = {one.network.code: one for one in parent_accounts(owner, cast.enterprise)}
    assert set(found) == {"P", "C1", "WEST"}
    assert (found["P"].is_member, found["WEST"].is_member, len(found["WEST"].steps)) == (True, False, 8)
    page = cast.client("administrator").get(reverse("enterprise")).content.decode()
    assert "0 of 8 steps" in page
    assert f"{CANARY}C1 network" in page, "the name of an own Parent Account is shown"
    assert f"{CANARY} branch" not in page, "what is inside it is not"
    assert f"{CANARY} C2" not in page, "that of another enterprise is not"


def test_the_look_up_gives_ids_only_and_one_enterprise(cast, owner):
    with connection.cursor() as cursor:
        cursor.execute("SELECT lookup.networks_of_enterprise(%s)", [cast.enterprise.pk])
        ids = {row[0] for row in cursor.fetchall()}
    assert ids == {cast.network.pk, cast.foreign[0].pk}
    with bound(cast.network.pk):
        assert list(Network.objects.values_list("code", flat=True)) == ["P"]


def test_the_form_proposes_what_the_first_has(cast, owner):
    page = cast.client("administrator").get(reverse("parent-account-open", args=[cast.enterprise.pk]))
    assert '<option value="USD" selected>' in page.content.decode()


def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(cast, owner):
    client = cast.client("administrator")
    url = reverse("parent-account-open", args=[cast.enterprise.pk])
    data = {"name": "West", "code": "P", "currency": "USD", "time_zone": "UTC", "max_sub_depth": "1"}
    data |= {
        "administrator_name": "Wes",
        "administrator_email": "wes@west.example",
        "trade_offs_accepted": "on",
    }
    answer = client.post(url, data)
    assert answer.status_code == 422
    assert 'value="wes@west.example"' in answer.content.decode()
    assert client.post(url, data | {"code": "west"}).status_code == 302
    assert client.get(reverse("parent-account-open", args=[2**62])).status_code == 404


@pytest.mark.parametrize(("chosen", "opened_with"), [("", "en-US"), ("en-CH", "en-CH"), ("en-GB", "en-GB")])
def test_it_writes_as_chosen_or_as_is_usual_with_its_currency(cast, owner, chosen, opened_with):
    client = cast.client("administrator")
    url = reverse("parent-account-open", args=[cast.enterprise.pk])
    assert "India: 21 Nov 2026, 3:05\u202fpm · 12,34,567.89</option>" in client.get(url).content.decode()
    data = {"name": "West", "code": "WEST", "currency": "USD", "time_zone": "UTC", "max_sub_depth": "1"}
    data |= {
        "administrator_name": "Wes",
        "administrator_email": "wes@west.example",
        "trade_offs_accepted": "on",
    }
    assert client.post(url, data | {"locale": "xx"}).status_code == 422
    assert client.post(url, data | {"locale": chosen}).status_code == 302
    opened = SystemEvent.objects.get(verb="parent_account.opened").detail["network_id"]
    with bound(opened):
        assert LOCALE.at_network() == opened_with
