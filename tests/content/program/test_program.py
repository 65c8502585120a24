"""Programs are content as forms are: versions, links, copies, packages; what they refer to must be there."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content.actions.item import Details, add_content, retire_content
from content.actions.share import share_content, update_copy
from content.actions.version import change_draft, publish, start_draft
from content.models import ContentItem
from content.queries.available import available_at
from content.queries.item import copies_of, draft_of, newest_of
from content.queries.references import forms_at, services_named
from content.starter import STARTERS
from content.starter.read import program_of
from core.access import Denied
from core.content_package import Difference, compare, read_package
from core.errors import Refused
from core.tenancy import bound
from ledger.actions.catalog import add_service
from orgs.actions.content_package import export_content, import_content
from orgs.actions.network import NewNetwork, create_network
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM

PROGRAM = program_of(
    """
    # Start | 2 weeks
    goal | Walks
    form | Questions | intake | 1
    service | Blood | BLOOD | 3 every 7
    appointment | Dietitian | dietitian | 4
    """
)
SHORTER = {"items": PROGRAM["items"][:3]}


@pytest.fixture
def blood(world):
    return add_service(SYSTEM, world["P"], code="BLOOD", name="Blood panel")


@pytest.fixture
def program(world):
    return add_content(SYSTEM, world["P"], kind="program", code="weight", details=Details("Weight"))


@pytest.fixture
def published(item, blood, program):
    publish_body(SYSTEM, program, PROGRAM)
    return program


def test_it_is_published_only_with_what_it_refers_to(world, program):
    draft = draft_of(program)
    draft = change_draft(SYSTEM, draft, body=PROGRAM, what="all", version=draft.version)
    with pytest.raises(Refused, match="Questions: Harbor Health fills no form “intake”"):
        publish(SYSTEM, draft, note="First", version=draft.version)
    form = add_content(SYSTEM, world["P"], kind="questionnaire", code="intake", details=Details("Intake"))
    publish_body(SYSTEM, form, {"items": [{"linkId": "a", "type": "text", "text": "A?"}]})
    with pytest.raises(Refused, match="Blood: there is no service “BLOOD”"):
        publish(SYSTEM, draft, note="First", version=draft.version)
    add_service(SYSTEM, world["P"], code="BLOOD", name="Blood panel")
    assert publish(SYSTEM, draft, note="First", version=draft.version).state == "published"


def test_a_form_of_ones_own_goes_before_one_from_above(world, item, blood):
    share_content(SYSTEM, item, organizations=[world["S"]], mode="linked")
    own = add_content(SYSTEM, world["S"], kind="questionnaire", code="intake", details=Details("Own intake"))
    publish_body(SYSTEM, own, {"items": [{"linkId": "a", "type": "text", "text": "A?"}]})
    made = add_content(SYSTEM, world["S"], kind="program", code="w", details=Details("W"))
    publish_body(SYSTEM, made, PROGRAM)
    assert forms_at(world["S"].pk)["intake"].name == "Own intake"


def test_what_is_wrong_is_refused_and_a_forms_item_is_no_programs(program):
    draft = draft_of(program)
    for body, says in (
        ({"items": PROGRAM["items"][1:]}, "stands in no phase"),
        ({"items": [{"linkId": "a", "type": "text", "text": "A?"}]}, "no type"),
    ):
        with pytest.raises(Refused, match=says):
            change_draft(SYSTEM, draft, body=body, what="wrong", version=draft.version)


def test_it_is_linked_and_copied_and_a_copy_drifts_but_nobody_fills_it(world, published):
    share_content(SYSTEM, published, organizations=[world["S"]], mode="linked")
    copy = share_content(SYSTEM, published, organizations=[world["Q"]], mode="copied")[0].copy
    assert (copy.kind, newest_of(copy).body) == ("program", PROGRAM)
    publish_body(SYSTEM, published, SHORTER)
    assert [one.drift for one in copies_of(SYSTEM, published)] == ["behind"]
    update_copy(SYSTEM, copy, number=2)
    assert newest_of(copy).body == SHORTER
    for place in ("P", "S", "Q"):
        assert "weight" not in {one.code for one in available_at(world[place].pk)}


def test_the_programs_to_start_with_are_published_with_the_forms_to_start_with_and_usual_services(world):
    for starter in STARTERS:
        services = {one["service"] for one in starter.body["items"] if one["type"] == "service"}
        for code in services - services_named(sorted(services)).keys():
            add_service(SYSTEM, world["P"], code=code, name=code.title())
        details = Details(starter.name)
        made = add_content(SYSTEM, world["P"], kind=starter.kind, code=starter.code, details=details)
        publish_body(SYSTEM, made, starter.body)
    assert ContentItem.objects.filter(kind="program", status="published").count() == 4


@pytest.mark.parametrize("persona", ["clinician", "desk", "local_admin"])
def test_who_may_not_publish_at_the_owner_is_denied(world, published, persona):
    with pytest.raises(Denied):
        start_draft(world.actor(persona), published)


def test_the_database_knows_no_other_kind(program):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE content_contentitem SET kind = 'course' WHERE id = %s", [program.pk])


def test_a_package_recreates_it_behind_the_forms_and_services_that_it_needs(cast):
    with bound(cast.network.pk):
        root = cast["P"]
        add_service(SYSTEM, root, code="BLOOD", name="Blood panel")
        form = add_content(SYSTEM, root, kind="questionnaire", code="intake", details=Details("Intake"))
        publish_body(SYSTEM, form, {"items": [{"linkId": "a", "type": "text", "text": "A?"}]})
        publish_body(
            SYSTEM, add_content(SYSTEM, root, kind="program", code="w", details=Details("W")), PROGRAM
        )
        alone = export_content(SYSTEM, None, parts=["programs"])
        whole = export_content(SYSTEM, None, parts=["programs", "forms", "services"])
    west = create_network(SYSTEM, cast.enterprise, NewNetwork("WEST", "West Health", "USD"))
    with bound(west.pk):
        with pytest.raises(Refused, match="fills no form “intake”"), transaction.atomic():
            import_content(SYSTEM, None, package=read_package(alone))
        import_content(SYSTEM, None, package=read_package(whole))
        made = ContentItem.objects.get(code="w")
        assert (made.kind, newest_of(made).body) == ("program", PROGRAM)
        assert {one.difference for one in compare(read_package(whole))} == {Difference.EQUAL}


def test_the_timeline_names_what_is_referred_to_and_what_is_gone(published, item, blood, browse):
    url = reverse("content-preview", args=[newest_of(published).pk])
    text = browse("administrator").get(url).content.decode()
    for words in ("Intake", "Blood panel", "every 7 days, 2 times", "Days 1 to 14"):
        assert words in text
    retire_content(SYSTEM, item, reason="Replaced", version=item.version)
    text = browse("administrator").get(url).content.decode()
    assert "intake isn’t there any more" in text


def test_a_long_program_takes_no_more_queries_to_show(published, browse):
    def queries(count):
        notes = [
            {"linkId": f"s{n}", "type": "service", "text": f"Blood {n}", "service": "BLOOD", "day": 1}
            for n in range(count)
        ]
        version = publish_body(SYSTEM, published, {"items": [PROGRAM["items"][0], *notes]})
        client, url = browse("administrator"), reverse("content-preview", args=[version.pk])
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert f"Blood {count - 1}" in client.get(url).content.decode()
        return len(seen)

    assert queries(3) == queries(30)


def test_the_builder_refuses_a_service_that_is_not_there_and_keeps_what_was_typed(cast, published, browse):
    draft = start_draft(SYSTEM, published)
    url = reverse("content-item-add", args=[draft.pk, "service"])
    typed = {"text": "Heart", "service": "ECG", "day": "2", "_version": str(draft.version)}
    answer = cast.post(browse("administrator"), url, typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "There is no service “ECG”" in text
    assert 'value="Heart"' in text
    answer = cast.post(browse("administrator"), url, typed | {"service": "BLOOD"})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.body["items"][-1] == {
        "linkId": "heart",
        "type": "service",
        "text": "Heart",
        "service": "BLOOD",
        "day": 2,
    }
