"""Pinned links: a version stays in use until a person moves it on; live ones follow the newest."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from content.actions.item import Details, add_content
from content.actions.share import end_share, pin_shares, share_content
from content.actions.version import start_draft
from content.queries.available import available_at
from content.queries.item import items_for, newest_of, shares_of, with_state
from core.access import Denied
from core.errors import Refused
from network.isolation.records import INTAKE
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM

SHORTER = {"items": INTAKE["items"][:2]}


def number_at(place):
    return [one.number for one in available_at(place.pk)]


@pytest.fixture
def pinned(world, item):
    share_content(SYSTEM, item, organizations=[world["S"]], mode="linked", pinned=True)
    share_content(SYSTEM, item, organizations=[world["Q"]], mode="linked")
    publish_body(SYSTEM, item, SHORTER)
    return item


def test_a_pinned_link_stays_and_a_live_one_follows(world, pinned):
    assert (number_at(world["S"]), number_at(world["Q"]), number_at(world["P"])) == ([1], [2], [2])


def test_many_are_moved_at_once_and_let_go(world, pinned):
    shares = list(shares_of(pinned))
    pin_shares(SYSTEM, pinned, shares=shares, number=2)
    publish_body(SYSTEM, pinned, INTAKE)
    assert (number_at(world["S"]), number_at(world["R"])) == ([2], [2])
    pin_shares(SYSTEM, pinned, shares=shares[:1], number=None)
    assert (number_at(world["S"]), number_at(world["R"])) == ([3], [2])


def test_the_nearest_link_decides(world, pinned):
    share_content(SYSTEM, pinned, organizations=[world["R"]], mode="linked", pinned=True)
    publish_body(SYSTEM, pinned, INTAKE)
    assert (number_at(world["Q"]), number_at(world["R"])) == ([3], [2])


def test_nothing_copied_ended_foreign_or_unpublished_is_pinned(world, pinned):
    share = shares_of(pinned)[0]
    copied = share_content(SYSTEM, pinned, organizations=[world["T"]], mode="copied")[0]
    with pytest.raises(Refused, match="only a link is pinned"):
        share_content(SYSTEM, pinned, organizations=[world["R"]], mode="copied", pinned=True)
    with pytest.raises(Refused, match="aren’t linked"):
        pin_shares(SYSTEM, pinned, shares=[share, copied], number=1)
    with pytest.raises(Refused, match="Tick"):
        pin_shares(SYSTEM, pinned, shares=[], number=1)
    start_draft(SYSTEM, pinned)
    with pytest.raises(Refused, match="no published version 3"):
        pin_shares(SYSTEM, pinned, shares=[share], number=3)
    other = add_content(SYSTEM, world["P"], kind="questionnaire", code="other", details=Details("Other"))
    publish_body(SYSTEM, other, INTAKE)
    with pytest.raises(Refused, match="aren’t linked"):
        pin_shares(SYSTEM, other, shares=[share], number=1)
    end_share(SYSTEM, share)
    with pytest.raises(Refused, match="aren’t linked"):
        pin_shares(SYSTEM, pinned, shares=[share], number=1)


@pytest.mark.parametrize("persona", ["clinician", "local_admin", "desk"])
def test_who_does_not_share_for_the_owner_is_denied(world, pinned, persona):
    with pytest.raises(Denied):
        pin_shares(world.actor(persona), pinned, shares=list(shares_of(pinned)), number=1)


def test_the_database_pins_links_alone_and_to_versions_of_their_own(world, pinned):
    share = shares_of(pinned)[0]
    copied = share_content(SYSTEM, pinned, organizations=[world["T"]], mode="copied")[0]
    draft = start_draft(SYSTEM, pinned)
    for row, version, says in (
        (copied.pk, newest_of(pinned).pk, "pinned_is_linked"),
        (share.pk, newest_of(copied.copy).pk, "published version of what it shares"),
        (share.pk, draft.pk, "published version of what it shares"),
    ):
        with pytest.raises(DatabaseError, match=says), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE content_contentshare SET pinned_id = %s WHERE id = %s", [version, row])


def test_it_shows_in_the_list_and_on_the_page_that_moves_it(cast, world, pinned, browse):
    assert with_state(items_for(SYSTEM)).get(pk=pinned.pk).pins_behind == 1
    client = browse("administrator")
    assert "1 pinned to older" in client.get(reverse("content-list")).content.decode()
    url = reverse("content-drift", args=[pinned.pk])
    assert "Pinned, older" in client.get(url).content.decode()
    share = shares_of(pinned).get(organization=world["S"].pk)
    for wrong in ({}, {"to": "x"}, {"to": "2"}, {"to": "99", "share": share.pk}):
        cast.post(client, url, {"do": "move"} | wrong)
        assert number_at(world["S"]) == [1]
    cast.post(client, url, {"do": "move", "to": "2", "share": share.pk})
    assert number_at(world["S"]) == [2]
    assert "Pinned, older" not in client.get(url).content.decode()
    cast.post(client, url, {"do": "move", "to": "live", "share": share.pk})
    assert shares_of(pinned).get(organization=world["S"].pk).pinned is None


def test_who_may_not_move_them_is_offered_nothing(world, pinned, browse):
    url = reverse("content-drift", args=[pinned.pk])
    text = browse("clinician").get(url).content.decode()
    assert "Move the ticked" not in text
