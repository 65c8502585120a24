"""The files: a version is fetched as a Questionnaire, and a draft takes one over, all of it or nothing."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from content.actions.item import Details, add_content
from content.actions.version import start_draft
from content.queries.item import draft_of, newest_of
from content.rules.body import items_of
from core.files import MEBIBYTE
from network.isolation.records import INTAKE
from tests.cast import SYSTEM

ODD = {"linkId": "when", "text": "When?", "type": "dateTime"}
PLAIN = {"linkId": "what", "text": "What?", "type": "text"}


def send(cast, client, draft, content, **more):
    url = reverse("content-fhir-import", args=[draft.pk])
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    file = SimpleUploadedFile("form.json", data, "application/json")
    return cast.post(client, url, {"file": file, "_version": str(draft.version)} | more)


def test_what_one_fetches_another_draft_takes_over_and_can_undo(cast, world, item, browse):
    client = browse("administrator")
    answer = client.get(reverse("content-fhir", args=[newest_of(item).pk]))
    assert answer.headers["Content-Type"] == "application/fhir+json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="intake-1.json"'
    fresh = add_content(SYSTEM, world["P"], kind="questionnaire", code="fresh", details=Details("Fresh"))
    assert send(cast, client, draft_of(fresh), answer.content).status_code == 302
    draft = draft_of(fresh)
    assert (draft.body, draft.history) == (INTAKE, [{"items": []}])


def test_what_has_no_match_is_said_and_left_out_only_when_asked(cast, item, browse):
    client, draft = browse("administrator"), start_draft(SYSTEM, item)
    data = {"resourceType": "Questionnaire", "item": [PLAIN, ODD]}
    answer = send(cast, client, draft, data)
    assert answer.status_code == 422
    assert "when: the type “dateTime” has no match" in answer.content.decode()
    assert draft_of(item).body == INTAKE
    assert send(cast, client, draft, data, leave_out="on").status_code == 302
    assert [one["linkId"] for one in items_of(draft_of(item).body)] == ["what"]


def test_nonsense_and_what_is_wrong_here_change_nothing(cast, item, browse):
    client, draft = browse("administrator"), start_draft(SYSTEM, item)
    scale = {"linkId": "one", "text": "One", "type": "choice", "answerOption": [{"valueString": "Yes"}]}
    for content, says in (
        (b"{", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b" " * (MEBIBYTE + 1), "larger than 1 MiB"),
        ({"resourceType": "Patient"}, "no FHIR Questionnaire"),
        ({"resourceType": "Questionnaire", "item": [scale]}, "at least two options"),
    ):
        answer = send(cast, client, draft, content)
        assert answer.status_code == 422
        assert says in answer.content.decode()
    assert draft_of(item).body == INTAKE


def test_a_program_is_no_questionnaire(world, browse):
    program = add_content(SYSTEM, world["P"], kind="program", code="p", details=Details("P"))
    for name in ("content-fhir", "content-fhir-import"):
        assert browse("administrator").get(reverse(name, args=[draft_of(program).pk])).status_code == 404
