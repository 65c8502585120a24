"""Files as answers: told by content, kept with the form, fetched by who may read it, and nothing else is lost by them."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessEvent
from content.actions.item import Details, add_content
from content.rules.answers import Upload
from content.rules.settings import ATTACHMENT_MEBIBYTES
from content.starter.read import body_of
from core.errors import Refused
from core.files import MEBIBYTE
from network.isolation.records import PDF
from orgs.actions.setting import NewValue, assign_setting
from patients.actions.filled import change_filled, fill_form
from patients.models import FilledForm
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM
from work.models import StoredFile

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
BODY = body_of("""
    text! | Remarks
    attachment | Letter | PDF
    attachment! | Picture | PNG; JPEG
    string | Seen by | | remarks = x
    """)


@pytest.fixture
def asks(world):
    made = add_content(SYSTEM, world["S"], kind="questionnaire", code="scan", details=Details("Scan"))
    publish_body(SYSTEM, made, BODY)
    return made


@pytest.fixture
def patient(register):
    return register("S")


@pytest.fixture
def fill(world, asks, patient):
    def do(*, complete=True, **answers):
        version = asks.versions.get(number=1)
        return fill_form(
            SYSTEM,
            world["S"],
            key=uuid4().hex,
            patient=patient,
            version_id=version.pk,
            answers=answers,
            complete=complete,
        )

    return do


@pytest.fixture
def page(cast, world, asks, patient, browse):
    """Sends the page of the form as somebody at the desk; a file is (name, content)."""
    url = reverse("patient-form-fill", args=[patient.pk, world["S"].pk, asks.pk])

    def send(at=url, **typed):
        data = {
            f"a-{key.replace('_', '-')}": SimpleUploadedFile(*value) if isinstance(value, tuple) else value
            for key, value in typed.items()
            if not key.startswith("_")
        } | {key: value for key, value in typed.items() if key.startswith("_")}
        return cast.post(browse("desk"), at, data)

    return send


def test_a_file_is_kept_with_the_form_and_named_as_it_was(fill):
    filled = fill(remarks="x", letter=Upload("Brief/Ä.pdf", PDF), picture=Upload("scan.exe", PNG))
    letter, picture = (filled.answers[one] for one in ("letter", "picture"))
    assert (letter["name"], letter["size"]) == ("BriefÄ.pdf", len(PDF))
    stored = StoredFile.objects.get(pk=picture["file"])
    assert (bytes(stored.content), stored.content_type, stored.name) == (PNG, "image/png", "scan.exe")
    assert stored.organization_id == filled.organization_id


@pytest.mark.parametrize(
    ("upload", "says"),
    [
        (Upload("letter.pdf", PNG), "“letter.pdf” is no PDF file"),
        (Upload("letter.pdf", b"<script>"), "is no PDF file"),
        (Upload("letter.pdf", b""), "is empty"),
    ],
)
def test_the_kind_is_told_by_content_and_nothing_is_stored_by_halves(fill, upload, says):
    with pytest.raises(Refused, match=says) as refusal:
        fill(remarks="x", letter=upload, picture=Upload("p.png", PNG))
    assert refusal.value.field == "a-letter"
    assert not StoredFile.objects.exists()
    assert not FilledForm.objects.exists()


def test_a_file_to_what_does_not_apply_is_not_stored(world, patient):
    body = body_of("choice! | Sent? | Yes; No\nattachment | Letter | PDF | sent = Yes")
    made = add_content(SYSTEM, world["S"], kind="questionnaire", code="if", details=Details("If"))
    version = publish_body(SYSTEM, made, body)
    filled = fill_form(
        SYSTEM,
        world["S"],
        key=uuid4().hex,
        patient=patient,
        version_id=version.pk,
        answers={"sent": "No", "letter": Upload("l.pdf", PDF)},
        complete=True,
    )
    assert filled.answers == {"sent": "No"}
    assert not StoredFile.objects.exists()


@pytest.mark.setting("content.attachment_mebibytes")
def test_the_largest_file_is_what_the_setting_says_where_it_is_filled(world, fill, page):
    big = PDF + b"0" * MEBIBYTE
    assert (
        fill(remarks="x", letter=Upload("big.pdf", big), complete=False).answers["letter"]["size"] > MEBIBYTE
    )
    assign_setting(SYSTEM, world["S"], setting=ATTACHMENT_MEBIBYTES, new=NewValue(1))
    with pytest.raises(Refused, match="at most 1 MiB"):
        fill(remarks="x", letter=Upload("big.pdf", big), complete=False)
    answer = page(remarks="as before", letter=("big.pdf", big), _save="draft")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "“big.pdf” has 1.0 MiB; at most 1 MiB can be stored." in text
    assert "as before" in text


def test_what_else_was_typed_stays_when_a_file_is_refused_and_a_good_file_is_asked_for_again(page):
    answer = page(remarks="Long remarks", letter=("l.pdf", PNG), picture=("good.png", PNG), _save="complete")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Long remarks" in text
    assert "“l.pdf” is no PDF file. Choose another." in text
    assert "Choose “good.png” again" in text
    assert "Choose “l.pdf” again" not in text
    assert not StoredFile.objects.exists()


def test_a_draft_keeps_its_file_until_it_is_taken_away_or_replaced(fill, page, patient):
    begun = fill(remarks="x", letter=Upload("first.pdf", PDF), complete=False)
    url = reverse("patient-form-edit", args=[patient.pk, begun.pk])

    def saved(**typed):
        begun.refresh_from_db()
        assert page(url, remarks="y", _save="draft", _version=str(begun.version), **typed).status_code == 302
        begun.refresh_from_db()
        return begun.answers.get("letter", {}).get("name")

    assert saved(letter_keep="on") == "first.pdf"
    assert saved(letter_keep="on", letter=("second.pdf", PDF)) == "second.pdf"
    assert saved() is None


def test_without_script_what_is_shown_keeps_the_file_that_is_there(fill, page, patient):
    begun = fill(remarks="x", letter=Upload("first.pdf", PDF), complete=False)
    url = reverse("patient-form-edit", args=[patient.pk, begun.pk])
    text = page(
        url, remarks="y", letter_keep="on", picture=("p.png", PNG), _show="1", _version="1"
    ).content.decode()
    assert "Keep first.pdf" in text
    assert "Choose “p.png” again" in text
    gone = page(url, remarks="y", _show="1", _version="1").content.decode()
    assert "first.pdf" not in gone


def test_nobody_takes_a_file_of_another_form_for_an_answer(fill):
    theirs = fill(remarks="x", letter=Upload("theirs.pdf", PDF), complete=False).answers["letter"]
    begun = fill(remarks="x", complete=False)
    for answer in (theirs, {"file": theirs["file"]}):
        with pytest.raises(Refused, match="isn’t this form’s"):
            change_filled(SYSTEM, begun, answers={"letter": answer}, complete=False, version=begun.version)
        with pytest.raises(Refused, match="isn’t this form’s"):
            fill(remarks="x", letter=answer, complete=False)


def test_a_file_that_is_required_is_missed_only_when_completing(fill):
    fill(remarks="x", complete=False)
    with pytest.raises(Refused, match="missing") as refusal:
        fill(remarks="x")
    assert refusal.value.field == "a-picture"


def test_it_is_fetched_by_who_reads_the_form_and_every_fetch_is_logged(fill, patient, browse):
    filled = fill(remarks="x", letter=Upload("Ä.pdf", PDF), picture=Upload("p.png", PNG))
    url = reverse("patient-form-file", args=[patient.pk, filled.pk, "letter"])
    answer = browse("desk").get(url)
    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%C3%84.pdf"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    last = AccessEvent.objects.latest("pk")
    assert (last.patient_ids, last.detail) == ([patient.pk], "File of a form")
    assert browse("sibling").get(url).status_code == 404
    assert browse("privacy").get(url).status_code in (403, 404)
    for other in ("remarks", "no-such"):
        gone = reverse("patient-form-file", args=[patient.pk, filled.pk, other])
        assert browse("desk").get(gone).status_code == 404


def test_a_form_with_many_files_takes_no_more_queries_to_show(world, patient, browse):
    def queries(count):
        body = body_of("\n".join(f"attachment | Letter {n}" for n in range(count)))
        code = f"files-{count}"
        made = add_content(SYSTEM, world["S"], kind="questionnaire", code=code, details=Details(code))
        version = publish_body(SYSTEM, made, body)
        answers = {f"letter-{n}": Upload(f"{n}.pdf", PDF) for n in range(count)}
        filled = fill_form(
            SYSTEM,
            world["S"],
            key=uuid4().hex,
            patient=patient,
            version_id=version.pk,
            answers=answers,
            complete=True,
        )
        client = browse("desk")
        url = reverse("patient-form", args=[patient.pk, filled.pk])
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert f"{count - 1}.pdf" in client.get(url).content.decode()
        return len(seen)

    assert queries(3) == queries(30)
