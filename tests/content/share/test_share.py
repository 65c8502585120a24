"""Sharing: downwards only, linked or copied; copies show how they drift and are brought up to their source."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from content.actions.item import Details, add_content, retire_content
from content.actions.share import end_share, keep_copy, share_content, update_copy
from content.actions.version import start_draft
from content.queries.available import available_at
from content.queries.item import copies_of, items_for, newest_of, shares_of
from core.access import Denied
from core.actors import UserActor
from core.errors import Refused, Stale
from core.tenancy import bound
from network.isolation.records import INTAKE
from orgs.actions.membership import NewMembership, grant_membership
from orgs.actions.organization import move_organization
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM, make_user

SHORTER = {"items": INTAKE["items"][:2]}


def codes_at(place):
    return [(one.code, one.number) for one in available_at(place.pk)]


def test_a_link_holds_there_and_below_and_always_shows_the_newest_version(world, item):
    assert codes_at(world["P"]) == [("intake", 1)]
    assert codes_at(world["Q"]) == []
    share_content(SYSTEM, item, organizations=[world["Q"]], mode="linked")
    assert codes_at(world["Q"]) == codes_at(world["R"]) == [("intake", 1)]
    publish_body(SYSTEM, item, SHORTER)
    assert codes_at(world["R"]) == [("intake", 2)]
    assert codes_at(world["S"]) == []


def test_a_link_ends_with_the_share_with_retiring_and_with_moving_away(world, item):
    share = share_content(SYSTEM, item, organizations=[world["Q"]], mode="linked")[0]
    retire_content(SYSTEM, item, reason="replaced", version=item.version)
    assert codes_at(world["R"]) == codes_at(world["P"]) == []
    publish_body(SYSTEM, item, SHORTER)
    move_organization(SYSTEM, world["R"], to=world["P"], reason="Nearer.", version=world["R"].version)
    assert codes_at(world["R"]) == []
    assert codes_at(world["Q"]) == [("intake", 2)]
    end_share(SYSTEM, share)
    assert codes_at(world["Q"]) == []
    with pytest.raises(Refused, match="any more"):
        end_share(SYSTEM, share)


def test_a_copy_is_its_organizations_own_and_shows_drift(world, item):
    share = share_content(SYSTEM, item, organizations=[world["Q"]], mode="copied")[0]
    copy = share.copy
    assert copy.organization_id == world["Q"].pk
    assert codes_at(world["R"]) == []
    assert [one.drift for one in copies_of(SYSTEM, item)] == [""]
    publish_body(SYSTEM, item, SHORTER)
    assert [one.drift for one in copies_of(SYSTEM, item)] == ["behind"]
    assert newest_of(copy).body == INTAKE
    keep_copy(SYSTEM, copy, number=2)
    assert [one.drift for one in copies_of(SYSTEM, item)] == ["kept"]
    publish_body(SYSTEM, item, INTAKE)
    assert [one.drift for one in copies_of(SYSTEM, item)] == ["behind"]
    with pytest.raises(Stale):
        update_copy(SYSTEM, copy, number=2)
    publish_body(SYSTEM, item, SHORTER)
    update_copy(SYSTEM, copy, number=4)
    assert [one.drift for one in copies_of(SYSTEM, item)] == [""]
    assert (newest_of(copy).number, newest_of(copy).body) == (2, SHORTER)
    with pytest.raises(Refused, match="newest version already"):
        update_copy(SYSTEM, copy, number=4)


def test_a_copy_with_a_draft_is_not_overwritten(world, item):
    copy = share_content(SYSTEM, item, organizations=[world["Q"]], mode="copied")[0].copy
    publish_body(SYSTEM, item, SHORTER)
    start_draft(SYSTEM, copy)
    with pytest.raises(Refused, match="has a draft"):
        update_copy(SYSTEM, copy, number=2)


def test_a_copy_takes_a_free_code(world, item):
    add_content(SYSTEM, world["Q"], kind="questionnaire", code="intake", details=Details("Their own"))
    copy = share_content(SYSTEM, item, organizations=[world["Q"]], mode="copied")[0].copy
    assert copy.code == "intake-2"


@pytest.mark.parametrize(("code", "says"), [("P", "below"), ("X", "third party")])
def test_it_goes_downwards_only_and_to_no_third_party(world, item, code, says):
    with pytest.raises(Refused, match=says):
        share_content(SYSTEM, item, organizations=[world[code]], mode="linked")


def test_twice_nowhere_and_unpublished_are_refused(world, item):
    share_content(SYSTEM, item, organizations=[world["Q"]], mode="linked")
    with pytest.raises(Refused, match="already"):
        share_content(SYSTEM, item, organizations=[world["S"], world["Q"]], mode="linked")
    assert shares_of(item).count() == 1
    with pytest.raises(Refused, match="at least one"):
        share_content(SYSTEM, item, organizations=[], mode="linked")
    fresh = add_content(SYSTEM, world["P"], kind="questionnaire", code="fresh", details=Details("Fresh"))
    with pytest.raises(Refused, match="Publish it"):
        share_content(SYSTEM, fresh, organizations=[world["S"]], mode="linked")


def test_one_shares_only_what_and_where_one_administers(world, item):
    with pytest.raises(Denied):
        share_content(world.actor("local_admin"), item, organizations=[world["S"]], mode="linked")
    with pytest.raises(Denied):
        share_content(world.actor("clinician"), item, organizations=[world["S"]], mode="linked")


def test_the_database_refuses_upwards_and_foreign_copies(world, item):
    own = add_content(SYSTEM, world["S"], kind="questionnaire", code="own", details=Details("Own"))
    statement = (
        "INSERT INTO content_contentshare (network_id, item_id, organization_id, mode, copy_id, shared_at, shared_by, ended_by)"
        " SELECT network_id, %s, %s, %s, %s, now(), '', '' FROM content_contentitem WHERE id = %s"
    )
    for values in (
        (own.pk, world["P"].pk, "linked", None),
        (own.pk, world["T"].pk, "linked", None),
        (own.pk, world["S"].pk, "linked", None),
        (item.pk, world["Q"].pk, "copied", own.pk),
        (item.pk, world["S"].pk, "linked", own.pk),
        (item.pk, world["S"].pk, "copied", None),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [*values, item.pk])


def test_who_is_below_sees_what_is_linked_and_nothing_else(world, item):
    below = world.actor("clinician")
    assert list(items_for(below)) == []
    share_content(SYSTEM, item, organizations=[world["S"]], mode="linked")
    assert list(items_for(world.actor("clinician"))) == [item]
    assert list(items_for(world.actor("desk"))) == []


def test_who_moved_away_sees_no_longer_what_was_linked_there(world, item):
    mine = add_content(SYSTEM, world["Q"], kind="questionnaire", code="quay", details=Details("Quay"))
    publish_body(SYSTEM, mine, INTAKE)
    share_content(SYSTEM, mine, organizations=[world["R"]], mode="linked")
    clinic = make_user("Ann Annex", "ann@harbor.example")
    new = NewMembership(role="organization_administrator", scope="subtree")
    grant_membership(SYSTEM, world["R"], user=clinic, new=new)
    assert items_for(UserActor.of(clinic.pk, "Ann")).filter(pk=mine.pk).exists()
    move_organization(SYSTEM, world["R"], to=world["P"], reason="Nearer.", version=world["R"].version)
    assert not items_for(UserActor.of(clinic.pk, "Ann")).filter(pk=mine.pk).exists()


@pytest.mark.parametrize("field", ["copy", "number"])
def test_a_number_that_nobody_can_write_brings_no_copy_up(cast, browse, field):
    with bound(cast.network.pk):
        made = add_content(SYSTEM, cast["P"], kind="questionnaire", code="drift", details=Details("Drift"))
        publish_body(SYSTEM, made, INTAKE)
    url = reverse("content-drift", args=[made.pk])
    typed = {"copy": "1", "number": "1", "do": "keep"} | {field: "9" * 5000}
    assert cast.post(browse("administrator"), url, typed).status_code == 302
