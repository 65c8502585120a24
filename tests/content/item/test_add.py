"""Adding content on its page: the code is made from the name, and conditions offer the options there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from content.actions.version import change_draft
from content.models import ContentItem
from content.queries.item import draft_of
from content.rules.edit import added
from core.tenancy import bound
from tests.cast import Cast


def add(cast: Cast, client: Any, name: str) -> Any:
    typed = {"organization": cast.organizations["P"].pk, "kind": "questionnaire", "name": name}
    return cast.post(client, reverse("content-add"), typed)


@pytest.mark.parametrize(
    ("name", "code"), [("First visit, adults", "first-visit-adults"), ("Début", "debut")]
)
def test_without_a_code_it_is_made_from_the_name(cast: Cast, browse, name: str, code: str) -> None:
    assert add(cast, browse("administrator"), name).status_code == 302
    with bound(cast.network.pk):
        assert ContentItem.objects.get(name=name).code == code


def test_a_name_without_letters_needs_a_code(cast: Cast, browse) -> None:
    answer = add(cast, browse("administrator"), "?!")
    assert answer.status_code == 422
    assert "id_code_error" in answer.content.decode()


def test_a_condition_offers_the_options_that_stand_before(cast: Cast, browse) -> None:
    client = browse("administrator")
    add(cast, client, "Intake")
    question = {"linkId": "pain", "type": "choice", "text": "Pain?", "answerOption": ["Yes", "<No>"]}
    with bound(cast.network.pk):
        draft = draft_of(ContentItem.objects.get(name="Intake"))
        body = added(draft.body, question)
        change_draft(cast.actor("administrator"), draft, body=body, what="add", version=draft.version)
    page = client.get(reverse("content-item-add", args=[draft.pk, "scale"])).content.decode()
    assert (
        '<datalist id="answer_1_offered"><option>Yes</option><option>&lt;No&gt;</option></datalist>' in page
    )
