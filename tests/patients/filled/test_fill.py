"""Filled forms keep their version; complete, they never change but to be marked as entered in error."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from audit.models import AccessEvent, AuditEvent
from content.actions.item import Details as ContentDetails
from content.actions.item import add_content
from content.actions.share import share_content
from content.queries.item import asked_by
from core.access import Denied
from core.errors import Refused, Stale
from core.tenancy import bound
from network.isolation.records import INTAKE
from orgs.models import Organization
from patients.actions.details import Details
from patients.actions.filled import change_filled, fill_form, mark_in_error
from patients.actions.patient import register_patient
from patients.models import FilledForm
from patients.queries.filled import forms_for
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM
from tests.meeting import meeting

ANSWERS = {"what-brings-you-here": "A cough", "do-you-smoke": "No", "cigarettes-a-day": "30", "pain": "6"}


@pytest.fixture
def item(world):
    made = add_content(
        SYSTEM, world["P"], kind="questionnaire", code="intake", details=ContentDetails("Intake")
    )
    publish_body(SYSTEM, made, INTAKE)
    share_content(SYSTEM, made, organizations=[world["S"]], mode="linked")
    return made


@pytest.fixture
def patient(world):
    details = Details(given_name="Ines", family_name="Intake", birth_date=date(1990, 1, 1), gender="female")
    return register_patient(SYSTEM, world["S"], details=details, identifiers=[], confirmed=True)


@pytest.fixture
def fill(world, item, patient):
    def at(code="S", *, complete=True, answers=ANSWERS, actor=SYSTEM, key=""):
        version = item.versions.filter(state="published").latest("number")
        return fill_form(
            actor,
            world[code],
            key=key or uuid4().hex,
            patient=patient,
            version_id=version.pk,
            answers=answers,
            complete=complete,
        )

    return at


def test_what_is_filled_keeps_its_version_and_its_scores(fill, item):
    filled = fill()
    publish_body(SYSTEM, item, {"items": INTAKE["items"][:2]})
    filled.refresh_from_db()
    asked = asked_by([filled.content_version_id])[filled.content_version_id]
    assert (asked.number, asked.body) == (1, INTAKE)
    assert filled.answers == {key: value for key, value in ANSWERS.items() if key != "cigarettes-a-day"}
    assert filled.scores == {"score": {"value": "6", "band": "High"}}


def test_a_draft_goes_on_with_its_version_and_is_completed(fill, item):
    begun = fill(complete=False, answers={})
    publish_body(SYSTEM, item, {"items": INTAKE["items"][:2]})
    with pytest.raises(Refused, match="missing"):
        change_filled(SYSTEM, begun, answers={}, complete=True, version=begun.version)
    with pytest.raises(Stale):
        change_filled(SYSTEM, begun, answers=ANSWERS, complete=True, version=begun.version + 1)
    done = change_filled(SYSTEM, begun, answers=ANSWERS, complete=True, version=begun.version)
    assert (done.status, done.scores["score"]["band"]) == ("complete", "High")
    with pytest.raises(Refused, match="never changes"):
        change_filled(SYSTEM, done, answers=ANSWERS, complete=True, version=done.version)


def test_only_what_is_filled_there_is_filled_for_who_is_registered_there(world, fill, item):
    with pytest.raises(Refused, match="registered"):
        fill("T")
    first = item.versions.get(number=1)
    publish_body(SYSTEM, item, {"items": INTAKE["items"][:2]})
    patient = forms_patient(fill)
    with pytest.raises(Refused, match="any more"):
        fill_form(
            SYSTEM,
            world["S"],
            key=uuid4().hex,
            patient=patient,
            version_id=first.pk,
            answers={},
            complete=False,
        )


def forms_patient(fill):
    return fill(answers={"what-brings-you-here": "x"}).patient


def test_an_error_is_marked_once_and_with_a_reason(fill):
    filled = fill()
    with pytest.raises(Refused, match="went wrong"):
        mark_in_error(SYSTEM, filled, reason=" ", version=filled.version)
    marked = mark_in_error(SYSTEM, filled, reason="The wrong patient", version=filled.version)
    assert (marked.status, marked.answers["pain"]) == ("entered-in-error", "6")
    with pytest.raises(Refused, match="already"):
        mark_in_error(SYSTEM, marked, reason="again", version=marked.version)


@pytest.mark.parametrize(
    "change",
    [
        "answers = '{}'",
        "status = 'draft'",
        "content_version_id = content_version_id + 1",
        "patient_id = patient_id + 1",
        "status = 'entered-in-error', reason = 'x', answers = '{}'",
        "status = 'entered-in-error', reason = ''",
        "filled_by = 'somebody else'",
    ],
)
def test_the_database_keeps_what_is_complete(fill, change):
    filled = fill()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE patients_filledform SET {change} WHERE id = %s", [filled.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("key", ["patient_id", "organization_id", "content_version_id"])
def test_the_database_keeps_a_draft_with_its_patient_place_and_version(fill, key):
    draft = fill(complete=False)
    stays = pytest.raises(DatabaseError, match="stays with its patient, its organization and its version")
    with stays, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE patients_filledform SET {key} = {key} + 1000 WHERE id = %s", [draft.pk])


def test_the_database_takes_no_answers_to_a_draft_and_deletes_nothing(world, fill, item, patient):
    from content.actions.version import start_draft

    draft = start_draft(SYSTEM, item)
    with pytest.raises(DatabaseError), transaction.atomic():
        FilledForm.objects.create(
            patient=patient,
            organization_id=world["S"].pk,
            content_version=draft,
            filled_at="2026-01-01T00:00Z",
            filled_by="x",
        )
    filled = fill()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM patients_filledform WHERE id = %s", [filled.pk])


@pytest.mark.parametrize("persona", ["sibling", "auditor", "finance"])
def test_who_may_not_fill_is_denied(world, fill, persona):
    with pytest.raises(Denied):
        fill(actor=world.actor(persona))


def test_forms_of_other_organizations_stay_there(world, fill, patient):
    filled = fill()
    assert list(forms_for(world.actor("desk"), patient)) == [filled]
    assert list(forms_for(world.actor("sibling"), patient)) == []


def test_every_look_is_logged(cast, world, fill, patient, browse):
    filled = fill()
    browse("desk").get(reverse("patient-form", args=[patient.pk, filled.pk]))
    last = AccessEvent.objects.latest("pk")
    assert (last.patient_ids, last.detail) == ([patient.pk], "Filled form")


def test_without_script_a_button_shows_what_applies(cast, world, fill, item, patient, browse):
    url = reverse("patient-form-fill", args=[patient.pk, world["S"].pk, item.pk])
    typed = {"a-what-brings-you-here": "A cough", "a-do-you-smoke": "Yes", "_show": "1"}
    page = cast.post(browse("desk"), url, typed)
    text = page.content.decode()
    assert page.status_code == 200
    assert "A cough" in text
    conditional = text.partition('data-item="cigarettes-a-day"')[2].partition(">")[0]
    assert "hidden" not in conditional
    plain = browse("desk").get(url).content.decode()
    assert "hidden" in plain.partition('data-item="cigarettes-a-day"')[2].partition(">")[0]
    assert not FilledForm.objects.exists()


def test_the_same_form_twice_is_one(world, fill):
    first = fill(key="once")
    assert fill(key="once").pk == first.pk
    assert FilledForm.objects.count() == 1
    assert AuditEvent.objects.filter(verb="form.filled").count() == 1
    for other in (
        {"complete": False},
        {"answers": ANSWERS | {"what-brings-you-here": "A cold"}},
        {"code": "P"},
    ):
        with pytest.raises(Refused) as refusal:
            fill(key="once", **other)
        assert refusal.value.code == "idempotency_conflict"
    with pytest.raises(Refused, match="printable characters"):
        fill(key="x" * 81)
    assert fill(key="twice").pk != first.pk


def test_a_key_is_used_once_whoever_writes(world, fill):
    fill(key="once")
    other = fill(key="twice")
    with pytest.raises(IntegrityError, match="filledform_key_unique"), transaction.atomic():
        FilledForm.objects.filter(pk=other.pk).update(key="once")


def test_a_double_click_fills_one_form(cast, world, item, patient, browse):
    client = browse("clinician")
    url = reverse("patient-form-fill", args=[patient.pk, cast.organizations["S"].pk, item.pk])
    key = client.get(url).context["idempotency_key"]
    typed = {f"a-{link_id}": answer for link_id, answer in ANSWERS.items()}
    typed |= {"_key": key, "_save": "complete"}
    first, second = (cast.post(client, url, typed) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    refused = cast.post(client, url, typed | {"a-what-brings-you-here": "A cold"})
    assert refused.status_code == 422
    assert "This was kept already, with other answers." in refused.content.decode()
    assert FilledForm.objects.count() == 1


def test_the_same_form_twice_at_once_is_one(own_world):
    with bound(own_world.network.pk):
        form = add_content(
            SYSTEM, own_world["S"], kind="questionnaire", code="own", details=ContentDetails("Own")
        )
        version = publish_body(SYSTEM, form, INTAKE)
        about = Details(given_name="Ines", family_name="Intake", birth_date=date(1990, 1, 1), gender="female")
        known = register_patient(SYSTEM, own_world["S"], details=about, identifiers=[], confirmed=True)

    def once():
        return fill_form(
            SYSTEM,
            own_world["S"],
            patient=known,
            version_id=version.pk,
            answers=ANSWERS,
            complete=True,
            key="once",
        )

    first, second = meeting(own_world.network.pk, once, once)
    assert first.pk == second.pk


@pytest.mark.parametrize("status", ["suspended", "archived"])
def test_nothing_is_filled_where_nothing_is_done_any_more(world, fill, status):
    draft = fill(complete=False, answers={})
    Organization.objects.filter(pk=world["S"].pk).update(status=status)
    with pytest.raises(Refused, match=f"{world['S'].name} is {status}"):
        fill()
    if status == "archived":
        with pytest.raises(Refused, match="drafts stay as they are"):
            change_filled(SYSTEM, draft, answers=ANSWERS, complete=True, version=draft.version)
