"""Content of the demo: the starter set at the parent, shared, and some of it filled."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from content.actions.item import Details, add_content
from content.actions.override import begin_override
from content.actions.share import share_content
from content.actions.version import change_draft, publish, start_draft
from content.queries.available import available_at
from content.queries.item import asked_by, draft_of
from content.rules.answers import Upload, enabled
from content.rules.body import UNASKED, Body, fresh_link_id
from content.rules.edit import added, removed, replaced
from content.rules.kinds import PROGRAM
from content.starter import STARTERS, Starter
from content.starter.read import body_of
from core.actors import Actor
from network.demo.pdf import text_pdf
from network.demo.picture import plain_png
from patients.actions.filled import fill_form

if TYPE_CHECKING:
    from content.models import ContentItem
    from orgs.models import Organization
    from patients.models import Patient

#: Who has everything linked, and who has which of it as a copy.
LINKED = ("PUN", "NAG", "KON")
COPIED = {
    "chart-physiotherapy": ("DEC",),
    "pain-diary": ("DEC",),
    "intake": ("DEC",),
    "knee-rehabilitation": ("DEC",),
}
#: Who keeps a version until somebody moves it on.
PINNED = {"chart-physiotherapy": ("KON",), "weight-management": ("KON",)}
#: What organizations may change, and where one does.
OVERRIDDEN, OVERRIDES_AT = "intake", "SHI"
OWN_QUESTIONS = """
    # Asked by us
    choice | Language you would like to speak | Marathi; Hindi; English; Another
    choice | How did you come here? | On foot; By bus; By rickshaw; By car
"""
#: A second version, which leaves the copies behind.
LATER = "chart-physiotherapy"
FILLED = 24
WORDS = (
    "As before, no change since the last visit.",
    "Better since the last visit, sleeps through.",
    "Explained in detail, questions were answered.",
    "Seen together with the family.",
)


def build_content(
    actor: Actor,
    organizations: dict[str, Organization],
    patients: Sequence[Patient],
    chance: random.Random,
) -> None:
    """Publish the starter set at the parent, share it as its administrator would, and fill some."""
    for starter in STARTERS:
        if starter.kind == PROGRAM:
            continue
        item = publish_starter(actor, organizations["SAH"], starter)
        _share(actor, organizations, item)
        if starter.code == LATER:
            _publish_again(actor, item)
        if starter.code == OVERRIDDEN:
            _override(actor, organizations[OVERRIDES_AT], item)
            begin_override(actor, organizations["NAG"], item=item)
        if starter.code == "falls-risk":
            start_draft(actor, item)
    _fill(actor, organizations["SHI"], patients, chance)


def build_programs(actor: Actor, organizations: dict[str, Organization]) -> None:
    """Publish the programs at the parent, once the services are there, and share them as its administrator would."""
    for starter in STARTERS:
        if starter.kind == PROGRAM:
            item = publish_starter(actor, organizations["SAH"], starter)
            _share(actor, organizations, item)
            if starter.code == "hypertension-follow-up":
                start_draft(actor, item)


def _share(actor: Actor, organizations: dict[str, Organization], item: ContentItem) -> None:
    """Linked for everybody who has things linked, live or pinned, and copied for those who want their own."""
    pinned = PINNED.get(item.code, ())
    for codes, how in (
        ([code for code in LINKED if code not in pinned], {"mode": "linked"}),
        (pinned, {"mode": "linked", "pinned": True}),
        (COPIED.get(item.code, ()), {"mode": "copied"}),
    ):
        if codes:
            share_content(actor, item, organizations=[organizations[code] for code in codes], **how)


def _override(actor: Actor, place: Organization, item: ContentItem) -> None:
    """A clinic's own questions at the end of the shared form, one in its own words, one it doesn't ask."""
    override = begin_override(actor, place, item=item)
    draft = draft_of(override)
    assert draft is not None
    shared = removed(draft.body, "cigarettes-a-day")
    smoking = {**next(one for one in shared["items"] if one["linkId"] == "do-you-smoke")}
    body = replaced(shared, "do-you-smoke", smoking | {"help": "Bidis and chewed tobacco, too."})
    for own in body_of(OWN_QUESTIONS)["items"]:
        body = added(body, own)
    draft = change_draft(actor, draft, body=body, what="Questions of our own", version=draft.version)
    publish(actor, draft, note="Asks about the way here and the language.", version=draft.version)


def publish_starter(actor: Actor, place: Organization, starter: Starter) -> ContentItem:
    """Publish one of the starter set at an organization, as its first version."""
    allows = "adapt" if starter.code == OVERRIDDEN else "none"
    details = Details(starter.name, starter.description, starter.category, allows)
    item = add_content(actor, place, kind=starter.kind, code=starter.code, details=details)
    draft = draft_of(item)
    assert draft is not None
    changed = change_draft(actor, draft, body=starter.body, what="The starter set", version=draft.version)
    publish(actor, changed, note="First version.", version=changed.version)
    item.refresh_from_db()
    return item


def _publish_again(actor: Actor, item: ContentItem) -> None:
    draft = start_draft(actor, item)
    text = "Falls since the last session"
    question = {
        "linkId": fresh_link_id(draft.body, text),
        "type": "decimal",
        "text": text,
        "min": "0",
        "max": "50",
        "decimals": 0,
    }
    body = added(draft.body, question, after="since-the-last-session")
    draft = change_draft(actor, draft, body=body, what=f"add: {text}", version=draft.version)
    publish(actor, draft, note="Asks about falls.", version=draft.version)


def _fill(actor: Actor, place: Organization, patients: Sequence[Patient], chance: random.Random) -> None:
    offered = available_at(place.pk)
    asked = asked_by(item.version_id for item in offered)
    here = [one for one in patients if one.home_organization_id == place.pk]
    twice = [one for one in here[: FILLED // 2] for _ in range(2)]
    for number, patient in enumerate(twice):
        version = asked[offered[number % len(offered)].version_id]
        answers = _answers(version.body, chance)
        fill_form(
            actor,
            place,
            key=uuid4().hex,
            patient=patient,
            version_id=version.version_id,
            answers=answers,
            complete=number % 5 != 4,
        )


def _answers(body: Body, chance: random.Random) -> dict[str, Any]:
    """Answers to everything that applies, whatever earlier ones make of it."""
    answers: dict[str, Any] = {}
    while True:
        left = [
            item
            for item in enabled(body, answers)
            if item["type"] not in UNASKED and item["linkId"] not in answers
        ]
        if not left:
            return answers
        answers[left[0]["linkId"]] = _answer(left[0], chance)


def _answer(item: dict[str, Any], chance: random.Random) -> Any:
    kind = item["type"]
    if kind == "attachment":
        return _file(item)
    if kind == "choice":
        return chance.choice(item["answerOption"])
    if kind == "multichoice":
        return chance.sample(item["answerOption"], 2)
    if kind in ("decimal", "scale"):
        least, most = float(item["min"]), float(item["max"])
        middle = least + (most - least) * chance.uniform(0.3, 0.5)
        return str(round(middle, item.get("decimals", 0)) if item.get("decimals") else int(middle))
    if kind == "date":
        return f"2026-{chance.randint(1, 9):02}-{chance.randint(1, 28):02}"
    return chance.choice(WORDS)


def _file(item: dict[str, Any]) -> Upload:
    """A letter or a picture, whichever is asked for."""
    if "application/pdf" in item["accept"]:
        return Upload(
            "referral.pdf", text_pdf(["Referral", "", "Please see this patient.", "With kind regards"])
        )
    return Upload("picture.png", plain_png(240, 160, (222, 176, 150)))
