"""Overrides: an organization's questions on top of a shared form, there and below, through every new version."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from content.actions.item import Details, add_content, edit_content, retire_content
from content.actions.override import begin_override
from content.actions.share import end_share, pin_shares, share_content
from content.actions.version import change_draft, discard_content, discard_draft, publish, start_draft
from content.models import ContentItem, ContentVersion
from content.queries.available import available_at
from content.queries.item import copies_of, draft_of, newest_of, shares_of
from content.rules.body import items_of
from content.rules.edit import added, removed, replaced
from core.access import Denied
from core.errors import Refused
from network.isolation.records import INTAKE
from orgs.actions.organization import move_organization
from patients.actions.details import Details as PatientDetails
from patients.actions.filled import fill_form
from patients.actions.patient import register_patient
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM

OWN = [
    {"linkId": "own", "type": "group", "text": "Asked by North Clinic"},
    {"linkId": "parking", "type": "string", "text": "Parking place?"},
]
LATER = added(INTAKE, {"linkId": "since", "type": "date", "text": "Since when?"})


def with_own(body):
    return {"items": [*items_of(body), *OWN]}


def allow(item, overriding):
    return edit_content(SYSTEM, item, details=Details(item.name, overriding=overriding), version=item.version)


@pytest.fixture
def shared(world, item):
    """The parent's form, linked to a sub and to a partner with a sub of its own; it may be adapted."""
    item = allow(item, "adapt")
    share_content(SYSTEM, item, organizations=[world["S"], world["Q"]], mode="linked")
    return item


@pytest.fixture
def override(world, shared):
    made = begin_override(SYSTEM, world["S"], item=shared)
    publish_body(SYSTEM, made, with_own(INTAKE))
    return made


def filled_at(place):
    return [
        (one.code, one.number, one.changed_by, newest_body(one.version_id)) for one in available_at(place.pk)
    ]


def newest_body(version_id):
    return ContentVersion.objects.get(pk=version_id).body


def test_it_is_filled_there_in_place_of_the_shared_form_and_nowhere_else(world, shared, override):
    assert filled_at(world["S"]) == [("intake", 1, "North Clinic", with_own(INTAKE))]
    for place in ("P", "Q", "R"):
        assert filled_at(world[place]) == [("intake", 1, "", INTAKE)]
    assert [one.pk for one in copies_of(SYSTEM, shared)] == []


def test_until_it_is_published_the_shared_form_is_filled(world, shared):
    begin_override(SYSTEM, world["S"], item=shared)
    assert filled_at(world["S"]) == [("intake", 1, "", INTAKE)]


def test_an_override_that_was_never_published_is_discarded(cast, world, shared, browse):
    draft = draft_of(begin_override(SYSTEM, world["S"], item=shared))
    client, url = browse("local_admin"), reverse("content-discard", args=[draft.pk])
    assert "North Clinic goes on filling the form of Harbor Health" in client.get(url).content.decode()
    answer = cast.post(client, url, {"_version": draft.version})
    assert answer["Location"] == reverse("content", args=[shared.pk])
    assert filled_at(world["S"]) == [("intake", 1, "", INTAKE)]
    assert AuditEvent.objects.get(verb="content.discarded").old["overrides"] == "intake"
    again = begin_override(SYSTEM, world["S"], item=shared)
    assert again.code == "intake"
    publish_body(SYSTEM, again, with_own(INTAKE))
    with pytest.raises(Refused, match="was published"):
        later = start_draft(SYSTEM, again)
        discard_content(SYSTEM, later, version=later.version)


def test_the_nearest_override_holds_below(world, shared):
    above = begin_override(SYSTEM, world["Q"], item=shared)
    publish_body(SYSTEM, above, with_own(INTAKE))
    assert filled_at(world["R"]) == [("intake", 1, "Quay Partners", with_own(INTAKE))]
    nearer = begin_override(SYSTEM, world["R"], item=shared)
    shorter = removed(INTAKE, "referral-letter")
    publish_body(SYSTEM, nearer, shorter)
    assert filled_at(world["R"]) == [("intake", 1, "Quay Annex", shorter)]
    assert filled_at(world["Q"]) == [("intake", 1, "Quay Partners", with_own(INTAKE))]
    share_content(SYSTEM, shared, organizations=[world["R"]], mode="linked")  # a link of its own goes before
    assert filled_at(world["R"]) == [("intake", 1, "Quay Annex", shorter)]
    retire_content(SYSTEM, nearer, reason="Not needed", version=nearer.version)
    assert filled_at(world["R"]) == [("intake", 1, "", INTAKE)]


def test_a_new_version_reaches_it_under_its_own_questions(world, shared, override):
    publish_body(SYSTEM, shared, LATER)
    assert filled_at(world["S"]) == [("intake", 2, "North Clinic", with_own(LATER))]
    newest = newest_of(override)
    assert (newest.number, newest.note) == (2, "As version 2 of Harbor Health, with 1 local question")


def test_what_is_filled_keeps_the_exact_body(world, shared, override):
    details = PatientDetails("Ines", "Intake", date(1990, 1, 1), "female")
    patient = register_patient(SYSTEM, world["S"], details=details, identifiers=[], confirmed=True)
    version = newest_of(override)
    filled = fill_form(
        SYSTEM,
        world["S"],
        key=uuid4().hex,
        patient=patient,
        version_id=version.pk,
        answers={"what-brings-you-here": "A cough", "parking": "12"},
        complete=True,
    )
    publish_body(SYSTEM, shared, LATER)
    filled.refresh_from_db()
    assert filled.content_version.body == with_own(INTAKE)
    assert filled.answers["parking"] == "12"
    with pytest.raises(Refused, match="any more"):
        fill_form(
            SYSTEM,
            world["S"],
            key=uuid4().hex,
            patient=patient,
            version_id=version.pk,
            answers={},
            complete=False,
        )


def test_a_draft_comes_along_behind_what_is_published_anew(world, shared, override):
    draft = start_draft(SYSTEM, override)
    more = added(draft.body, {"linkId": "more", "type": "date", "text": "More"})
    change_draft(SYSTEM, draft, body=more, what="more", version=draft.version)
    publish_body(SYSTEM, shared, LATER)
    draft = draft_of(override)
    assert (newest_of(override).number, draft.number) == (2, 3)
    assert draft.body == added(with_own(LATER), {"linkId": "more", "type": "date", "text": "More"})
    publish(SYSTEM, draft, note="More", version=draft.version)
    assert filled_at(world["S"])[0][3] == draft.body


def test_a_first_draft_comes_along(world, shared):
    override = begin_override(SYSTEM, world["S"], item=shared)
    publish_body(SYSTEM, shared, LATER)
    draft = draft_of(override)
    assert (draft.number, draft.base.number, draft.body) == (1, 2, LATER)


def test_what_does_not_fit_is_named_on_its_page_until_somebody_sees_to_it(world, shared, override, browse):
    body = replaced(with_own(INTAKE), "referral-letter", INTAKE["items"][6] | {"text": "Letter of the GP"})
    publish_body(SYSTEM, override, body)
    publish_body(SYSTEM, shared, removed(INTAKE, "referral-letter"))
    url = reverse("content", args=[override.pk])
    text = browse("local_admin").get(url).content.decode()
    assert "From Harbor Health, version 2, with 1 local question, 1 reworded" in text
    assert "“Referral letter” is asked no longer; your wording of it has no place" in text
    drift = browse("administrator").get(reverse("content-drift", args=[shared.pk])).content.decode()
    assert "“Referral letter” is asked no longer" in drift
    publish_body(SYSTEM, override, newest_of(override).body)
    assert "is asked no longer" not in browse("local_admin").get(url).content.decode()


def test_the_owner_says_what_may_be_changed(world, shared, override):
    allow(shared, "add")
    draft = start_draft(SYSTEM, override)
    with pytest.raises(Refused, match="only questions of your own"):
        change_draft(
            SYSTEM,
            draft,
            body=removed(draft.body, "referral-letter"),
            what="hide",
            version=draft.version,
        )
    shared.refresh_from_db()
    allow(shared, "none")
    override.refresh_from_db()
    draft = draft_of(override)
    with pytest.raises(Refused, match="allows no changes"):
        publish(SYSTEM, draft, note="New", version=draft.version)
    discard_draft(SYSTEM, draft, version=draft.version)
    override.refresh_from_db()
    with pytest.raises(Refused, match="allows no changes"):
        start_draft(SYSTEM, override)
    shared.refresh_from_db()
    with pytest.raises(Refused, match="allows no changes"):
        begin_override(SYSTEM, world["Q"], item=shared)
    assert filled_at(world["S"])[0][2] == "North Clinic"  # what was published stays until it is ended


def test_it_returns_to_the_shared_form_and_comes_back(world, shared, override):
    retire_content(SYSTEM, override, reason="One form for all", version=override.version)
    assert filled_at(world["S"]) == [("intake", 1, "", INTAKE)]
    publish_body(SYSTEM, shared, LATER)
    assert newest_of(override).number == 1
    override.refresh_from_db()
    draft = start_draft(SYSTEM, override)
    assert draft.body == with_own(LATER)
    publish(SYSTEM, draft, note="Again", version=draft.version)
    assert filled_at(world["S"]) == [("intake", 2, "North Clinic", with_own(LATER))]


def test_without_the_link_it_is_not_filled(world, shared, override):
    end_share(SYSTEM, shares_of(shared).get(organization=world["S"].pk))
    assert filled_at(world["S"]) == []
    with pytest.raises(Refused, match="isn’t linked"):
        start_draft(SYSTEM, ContentItem.objects.get(pk=override.pk))


def test_moved_below_another_link_it_says_what_that_gives(world, shared, browse):
    override = begin_override(SYSTEM, world["R"], item=shared)
    publish_body(SYSTEM, override, with_own(INTAKE))
    pin_shares(SYSTEM, shared, shares=[shares_of(shared).get(organization=world["Q"].pk)], number=1)
    publish_body(SYSTEM, shared, LATER)
    url, page = reverse("content", args=[override.pk]), browse("administrator")
    assert "The link gives" not in page.get(url).content.decode()
    move_organization(SYSTEM, world["R"], to=world["S"], reason="Nearer.", version=world["R"].version)
    assert filled_at(world["R"]) == [("intake", 1, "Quay Annex", with_own(INTAKE))]
    assert "The link gives version 2 here." in page.get(url).content.decode()
    assert start_draft(SYSTEM, override).body == with_own(LATER)


def test_under_a_pin_it_stands_on_the_pinned_version(world, shared, override):
    share = shares_of(shared).get(organization=world["S"].pk)
    pin_shares(SYSTEM, shared, shares=[share], number=1)
    publish_body(SYSTEM, shared, LATER)
    assert filled_at(world["S"]) == [("intake", 1, "North Clinic", with_own(INTAKE))]
    pin_shares(SYSTEM, shared, shares=[share], number=2)
    assert filled_at(world["S"]) == [("intake", 2, "North Clinic", with_own(LATER))]
    pin_shares(SYSTEM, shared, shares=[share], number=1)
    assert filled_at(world["S"]) == [("intake", 1, "North Clinic", with_own(INTAKE))]


def test_where_it_is_not_linked_there_twice_and_shared_on_it_is_refused(world, shared, override):
    with pytest.raises(Refused, match="isn’t linked"):
        begin_override(SYSTEM, world["T"], item=shared)
    with pytest.raises(Refused, match="has an override"):
        begin_override(SYSTEM, world["S"], item=shared)
    with pytest.raises(Refused, match="holds below by itself"):
        share_content(SYSTEM, override, organizations=[world["R"]], mode="linked")
    with pytest.raises(Refused, match="own can be overridden"):
        edit_content(SYSTEM, override, details=Details("X", overriding="add"), version=override.version)
    with pytest.raises(Refused, match="A program"):
        add_content(SYSTEM, world["P"], kind="program", code="p", details=Details("P", overriding="add"))


@pytest.mark.parametrize("persona", ["clinician", "desk", "sibling"])
def test_who_may_not_edit_there_is_denied(world, shared, persona):
    with pytest.raises(Denied):
        begin_override(world.actor(persona), world["S"], item=shared)
    assert (
        begin_override(world.actor("local_admin"), world["S"], item=shared).organization_id == world["S"].pk
    )


def refused(statement, *parameters):
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return str(caught.value)


def test_the_database_keeps_overrides_whole_and_below(world, shared, override):
    change = "UPDATE content_contentitem SET {} WHERE id = %s"
    assert "override_whole" in refused(change.format("overlay = NULL"), override.pk)
    assert "override_whole" in refused(change.format("overrides_id = NULL"), override.pk)
    assert "override_whole" in refused(change.format("overriding = 'add'"), override.pk)
    assert "overriding_known" in refused(change.format("overriding = 'all'"), shared.pk)
    assert "above can be changed" in refused(
        change.format(f"code = 'x', organization_id = {world['P'].pk}"), override.pk
    )
    assert "above can be changed" in refused(change.format("overrides_id = id"), override.pk)
    assert "above can be changed" in refused(change.format("kind = 'program'"), override.pk)
    insert = (
        "INSERT INTO content_contentitem (network_id, version, organization_id, kind, code, name, description,"
        " category, status, overriding, overrides_id, overlay)"
        " SELECT network_id, 1, organization_id, kind, 'other', name, '', '', 'draft', 'none', overrides_id, '{{}}'"
        " FROM content_contentitem WHERE id = %s"
    )
    assert "override_once" in refused(insert.replace("{{}}", "{}"), override.pk)


def test_the_database_knows_what_a_version_stands_on(world, shared, override):
    insert = (
        "INSERT INTO content_contentversion"
        " (network_id, version, item_id, number, body, history, state, note, published_by, base_id)"
        " SELECT network_id, 1, %s, 9, body, '[]', 'draft', '', '', %s FROM content_contentversion WHERE id = %s"
    )
    first, own = newest_of(shared), newest_of(override)
    draft = start_draft(SYSTEM, shared)
    for item_id, base_id in ((override.pk, None), (override.pk, own.pk), (override.pk, draft.pk)):
        assert "stands on a published version" in refused(insert, item_id, base_id, first.pk)
    discard_draft(SYSTEM, draft, version=draft.version)
    assert "stands on a published version" in refused(insert, shared.pk, first.pk, first.pk)


def test_the_builder_shows_what_is_shared_and_hides_and_rewords_it(cast, world, shared, override, browse):
    draft = start_draft(SYSTEM, override)
    change, client = reverse("content-change", args=[draft.pk]), browse("local_admin")

    def press(do):
        draft.refresh_from_db()
        answer = cast.post(client, change, {"do": do, "_version": str(draft.version)})
        assert answer.status_code == 302
        draft.refresh_from_db()
        return [one["linkId"] for one in items_of(draft.body)]

    assert press("remove:before-the-visit") == ["own", "parking"]  # the section with all that it holds
    assert press("show:pain") == [
        "before-the-visit",
        "pain",
        "own",
        "parking",
    ]  # with the section that holds it
    assert press("up:own") == ["before-the-visit", "pain", "own", "parking"]
    edit = reverse("content-item-edit", args=[draft.pk, "pain"])
    typed = {"text": "Pain today", "help": "At its worst", "required": "on", "_version": str(draft.version)}
    page = client.get(edit).content.decode()
    assert 'name="min"' not in page
    assert cast.post(client, edit, typed).status_code == 302
    draft.refresh_from_db()
    pain = next(one for one in items_of(INTAKE) if one["linkId"] == "pain")
    assert items_of(draft.body)[1] == pain | {"text": "Pain today", "help": "At its worst", "required": True}


def test_the_first_own_question_gets_a_section(cast, world, shared, browse):
    draft = draft_of(begin_override(SYSTEM, world["S"], item=shared))
    url = reverse("content-item-add", args=[draft.pk, "string"])
    answer = cast.post(browse("local_admin"), url, {"text": "Parking?", "_version": str(draft.version)})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert [one["text"] for one in items_of(draft.body)][-2:] == ["Asked by North Clinic", "Parking?"]


def test_many_overrides_take_no_more_queries_to_show(world, shared, override, browse):
    url = reverse("content-drift", args=[shared.pk])

    def queries():
        client = browse("administrator")
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    few = queries()
    for code in ("Q", "R"):
        made = begin_override(SYSTEM, world[code], item=shared)
        publish_body(SYSTEM, made, with_own(INTAKE))
    assert queries() == few
