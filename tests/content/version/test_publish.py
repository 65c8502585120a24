"""Versions: drafts change and can be undone; what is published never changes, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from audit.models import AuditEvent
from content.actions.item import Details, add_content, retire_content
from content.actions.version import (
    change_draft,
    discard_content,
    discard_draft,
    publish,
    start_draft,
    undo_change,
)
from content.models import ContentItem, ContentVersion
from content.queries.item import draft_of, newest_of
from core.access import Denied
from core.errors import Refused, Stale
from network.isolation.records import INTAKE
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM

SHORTER = {"items": INTAKE["items"][:2]}


def refused_in_sql(statement, *parameters):
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return str(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE content_contentversion SET body = '{\"items\": []}' WHERE id = %s",
        "UPDATE content_contentversion SET state = 'draft', published_at = NULL WHERE id = %s",
        "UPDATE content_contentversion SET note = 'other' WHERE id = %s",
        "UPDATE content_contentversion SET number = 9 WHERE id = %s",
        "DELETE FROM content_contentversion WHERE id = %s",
    ],
)
def test_a_published_version_never_changes(item, statement):
    assert "never changes" in refused_in_sql(statement, newest_of(item).pk)


def test_a_draft_stays_a_draft_of_its_item(item):
    draft = start_draft(SYSTEM, item)
    assert "stays the version" in refused_in_sql(
        "UPDATE content_contentversion SET number = 9 WHERE id = %s", draft.pk
    )


def test_there_is_one_draft(item):
    start_draft(SYSTEM, item)
    with pytest.raises(Refused, match="draft already"):
        start_draft(SYSTEM, item)
    assert "one_draft" in refused_in_sql(
        "INSERT INTO content_contentversion (network_id, version, item_id, number, body, history, state, note, published_by)"
        " SELECT network_id, 1, item_id, 9, body, '[]', 'draft', '', '' FROM content_contentversion WHERE item_id = %s"
        " AND state = 'draft'",
        item.pk,
    )


def test_versions_cannot_be_truncated(item):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE content_contentversion CASCADE")


def test_publishing_numbers_on(item):
    version = publish_body(SYSTEM, item, SHORTER)
    assert (version.number, version.note, item.status) == (2, "As agreed.", "published")
    assert draft_of(item) is None
    assert ContentVersion.objects.get(item=item, number=1).body == INTAKE


def test_an_older_version_is_superseded(cast, world, item, browse):
    old, new = newest_of(item), publish_body(SYSTEM, item, SHORTER)
    start_draft(SYSTEM, item)
    client = browse("administrator")
    page = client.get(reverse("content", args=[item.pk]))
    said = [(version.number, *rest) for version, *rest in page.context["versions"]]
    assert said == [(3, "draft", "Draft"), (2, "published", "Published"), (1, "superseded", "Superseded")]
    assert '<span class="pill violet">Superseded</span>' in page.content.decode()
    for version, word in ((old, "Superseded"), (new, "Published")):
        context = client.get(reverse("content-preview", args=[version.pk])).context
        assert context["status_label"] == word


def test_a_change_can_be_undone_and_a_draft_discarded(item):
    draft = start_draft(SYSTEM, item)
    draft = change_draft(SYSTEM, draft, body=SHORTER, what="shorter", version=draft.version)
    draft = undo_change(SYSTEM, draft, version=draft.version)
    assert draft.body == INTAKE
    with pytest.raises(Refused, match="nothing to undo"):
        undo_change(SYSTEM, draft, version=draft.version)
    discard_draft(SYSTEM, draft, version=draft.version)
    assert draft_of(item) is None


def test_what_was_never_published_is_discarded_whole(world):
    made = add_content(SYSTEM, world["S"], kind="questionnaire", code="new", details=Details("New"))
    draft = draft_of(made)
    with pytest.raises(Refused, match="never published"):
        discard_draft(SYSTEM, draft, version=draft.version)
    with pytest.raises(Stale):
        discard_content(SYSTEM, draft, version=draft.version + 1)
    with pytest.raises(Denied):
        discard_content(world.actor("clinician"), draft, version=draft.version)
    discard_content(world.actor("local_admin"), draft, version=draft.version)
    assert not ContentItem.objects.filter(pk=made.pk).exists()
    line = AuditEvent.objects.get(verb="content.discarded")
    assert (line.subject_id, line.organization_id) == (made.pk, world["S"].pk)
    assert (line.old, line.new) == ({"code": "new", "name": "New", "items": 0}, {})


def test_what_was_published_is_not_discarded_whole(item):
    draft = start_draft(SYSTEM, item)
    with pytest.raises(Refused, match="was published"):
        discard_content(SYSTEM, draft, version=draft.version)
    assert draft_of(item) == draft


def test_the_database_keeps_content_that_has_a_version(item):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM content_contentitem WHERE id = %s", [item.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert ContentItem.objects.filter(pk=item.pk).exists()


def test_discarding_asks_first_and_says_what_goes(cast, world, item, browse):
    new = add_content(SYSTEM, world["P"], kind="questionnaire", code="new", details=Details("New"))
    drafts = {
        "It was never published, so all of it is gone.": draft_of(new),
        "The published versions stay as they are.": start_draft(SYSTEM, item),
    }
    client = browse("administrator")
    for says, draft in drafts.items():
        url = reverse("content-discard", args=[draft.pk])
        assert url in client.get(reverse("content-build", args=[draft.pk])).content.decode()
        assert says in client.get(url).content.decode()
        assert ContentVersion.objects.filter(pk=draft.pk).exists()
        assert cast.post(client, url, {"_version": draft.version + 1}).status_code == 409
        assert cast.post(client, url, {"_version": draft.version}).status_code == 302
        assert not ContentVersion.objects.filter(pk=draft.pk).exists()
    assert list(ContentItem.objects.filter(organization=world["P"].pk)) == [item]


def test_only_the_last_twenty_changes_are_kept(item):
    draft = start_draft(SYSTEM, item)
    for number in range(25):
        body = {"items": [INTAKE["items"][1] | {"text": f"Question {number}?"}]}
        draft = change_draft(SYSTEM, draft, body=body, what="again", version=draft.version)
    assert len(draft.history) == 20


def test_what_was_not_seen_is_not_overwritten(item):
    draft = start_draft(SYSTEM, item)
    with pytest.raises(Stale):
        change_draft(SYSTEM, draft, body=SHORTER, what="shorter", version=draft.version + 1)
    with pytest.raises(Stale):
        publish(SYSTEM, draft, note="new", version=draft.version + 1)


def test_a_wrong_body_is_refused_with_the_item_that_is_wrong(item):
    draft = start_draft(SYSTEM, item)
    body = {"items": [one for one in INTAKE["items"] if one["linkId"] != "do-you-smoke"]}
    with pytest.raises(Refused, match=r"Cigarettes a day: .*no question that stands before"):
        change_draft(SYSTEM, draft, body=body, what="remove", version=draft.version)


def test_an_empty_draft_and_one_without_a_note_are_not_published(item):
    draft = start_draft(SYSTEM, item)
    with pytest.raises(Refused, match="what is new"):
        publish(SYSTEM, draft, note=" ", version=draft.version)
    draft = change_draft(SYSTEM, draft, body={"items": []}, what="empty", version=draft.version)
    with pytest.raises(Refused, match="asks nothing"):
        publish(SYSTEM, draft, note="new", version=draft.version)


def test_what_is_retired_comes_back_with_its_next_version(item):
    retire_content(SYSTEM, item, reason="replaced", version=item.version)
    assert item.status == "retired"
    publish_body(SYSTEM, item, SHORTER)
    assert item.status == "published"


@pytest.mark.parametrize("persona", ["clinician", "desk", "local_admin"])
def test_who_may_not_publish_at_the_owner_is_denied(world, item, persona):
    draft = start_draft(SYSTEM, item)
    with pytest.raises(Denied):
        publish(world.actor(persona), draft, note="new", version=draft.version)
