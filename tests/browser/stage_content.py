"""What the stage asks of patients, and how content is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from content.actions.item import Details as ContentDetails
from content.actions.item import add_content
from content.actions.override import begin_override
from content.actions.share import share_content
from content.actions.version import change_draft, publish, start_draft
from content.queries.item import draft_of
from content.rules.answers import Upload
from content.starter.read import program_of
from network.isolation.records import INTAKE, PDF
from patients.actions.filled import fill_form

if TYPE_CHECKING:
    from tests.browser.stage import Stage


PROGRAM = program_of(
    """
    # Losing weight | 8 weeks
    goal | Half a kilogram less each week
    form | Intake | intake | 1
    service | First consultation | CONSULT | 2
    note | Weigh at home | | 1 every 7
    # Keeping it | 10 days
    appointment | Closing conversation | dietitian | 10
    """
)


def content(stage: Stage) -> None:
    """An intake form that is linked, copied, left behind by its copy, filled, begun, and a draft again."""
    administrator, cast = stage.cast.actor("administrator"), stage.cast
    item = add_content(
        administrator, cast["P"], kind="questionnaire", code="intake", details=ContentDetails("Intake")
    )
    first = publish_body(administrator, item, INTAKE)
    share = share_content(administrator, item, organizations=[cast["S"]], mode="linked")[0]
    copied = share_content(administrator, item, organizations=[cast["Q"]], mode="copied")[0]
    answers = {
        "what-brings-you-here": "A cough",
        "do-you-smoke": "Yes",
        "cigarettes-a-day": "10",
        "referral-letter": Upload("letter.pdf", PDF),
    }
    filled, begun = (
        fill_form(
            administrator,
            cast["P"],
            key=uuid4().hex,
            patient=stage.patient,
            version_id=first.pk,
            answers=answers,
            complete=complete,
        )
        for complete in (True, False)
    )
    later = {"items": [*INTAKE["items"], {"linkId": "since", "type": "date", "text": "Since when?"}]}
    second = publish_body(administrator, item, later)
    draft = start_draft(administrator, item)
    draft = change_draft(administrator, draft, body=INTAKE, what="shorter", version=draft.version)
    fresh = add_content(
        administrator, cast["P"], kind="questionnaire", code="empty", details=ContentDetails("Empty")
    )
    publish_body(administrator, fresh, INTAKE)
    shared = add_content(
        administrator,
        cast["P"],
        kind="questionnaire",
        code="triage",
        details=ContentDetails("Triage", overriding="adapt"),
    )
    publish_body(administrator, shared, INTAKE)
    share_content(administrator, shared, organizations=[cast["S"], cast["T"]], mode="linked")
    share_content(administrator, shared, organizations=[cast["Q"]], mode="linked", pinned=True)
    override = begin_override(administrator, cast["S"], item=shared)
    own = {"linkId": "parking", "type": "string", "text": "Parking place?"}
    section = {"linkId": "own", "type": "group", "text": "Asked by North Clinic"}
    publish_body(administrator, override, {"items": [*INTAKE["items"][:-1], section, own]})
    publish_body(administrator, shared, {"items": INTAKE["items"][:-1]})
    program = add_content(
        administrator, cast["P"], kind="program", code="weight", details=ContentDetails("Weight management")
    )
    timeline = publish_body(administrator, program, PROGRAM)
    stage.made |= {
        "shared_form": shared,
        "override": override,
        "override_draft": start_draft(administrator, override),
        "program": program,
        "program_version": timeline,
        "program_draft": start_draft(administrator, program),
        "content": item,
        "content_fresh": fresh,
        "content_copy": copied.copy,
        "content_share": share,
        "content_version": second,
        "content_draft": draft,
        "filled_form": filled,
        "begun_form": begun,
        "form_patient": stage.patient,
        "form_place": cast["P"],
    }


def publish_body(actor: Any, item: Any, body: dict[str, Any]) -> Any:
    """A body as the item's next version, published; the network is bound."""
    draft = draft_of(item) or start_draft(actor, item)
    draft = change_draft(actor, draft, body=body, what="written", version=draft.version)
    version = publish(actor, draft, note="As agreed.", version=draft.version)
    item.refresh_from_db()
    return version
