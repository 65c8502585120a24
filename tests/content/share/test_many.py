"""Several shared or retired at once: who receives and who loses what is seen before, and then exactly that happens."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from audit.models import AuditEvent
from content.actions.item import Details, add_content
from content.actions.share import end_share, share_content
from content.models import ContentItem, ContentShare
from content.queries.item import still_without
from content.views import many
from core.tenancy import bound
from network.isolation.records import INTAKE
from tests.browser.stage_content import publish_body
from tests.cast import SYSTEM, Cast

SHARE, RETIRE = reverse("content-share-many"), reverse("content-retire-many")


def make(cast: Cast, code: str, at: str = "P") -> ContentItem:
    made = add_content(SYSTEM, cast[at], kind="questionnaire", code=code, details=Details(code.title()))
    publish_body(SYSTEM, made, INTAKE)
    return made


@pytest.fixture
def library(cast: Cast) -> dict[str, ContentItem]:
    """Intake, linked to North Clinic; Triage; North Clinic's own Ward; and an Empty draft."""
    with bound(cast.network.pk):
        items = {code: make(cast, code) for code in ("intake", "triage")}
        items["ward"] = make(cast, "ward", at="S")
        items["empty"] = add_content(
            SYSTEM, cast["P"], kind="questionnaire", code="empty", details=Details("Empty")
        )
        share_content(SYSTEM, items["intake"], organizations=[cast["S"]], mode="linked")
    return items


def look(cast: Cast, client: Any, url: str, typed: dict[str, Any]) -> Any:
    """Open the page and ask who would receive what."""
    return cast.post(client, url, typed | {"_version": client.get(url).context["record_version"]})


def choice(cast: Cast, codes: str = "ST", **more: Any) -> dict[str, Any]:
    return {"organizations": [cast.organizations[code].pk for code in codes], "mode": "linked"} | more


def address(url: str, items: dict[str, ContentItem]) -> str:
    return f"{url}?{'&'.join(f'selected={one.pk}' for one in items.values())}"


def agreed(answer: Any) -> dict[str, Any]:
    """What the page that was shown sends back besides the choice."""
    return {"_seen": answer.context["seen"], "_version": answer.context["record_version"]}


def live(cast: Cast) -> set[tuple[str, str, str]]:
    with bound(cast.network.pk):
        rows = ContentShare.objects.filter(ended_at__isnull=True)
        return set(rows.values_list("item__code", "organization__code", "mode"))


def test_who_receives_what_is_seen_before_anything_is_shared(cast, browse, library):
    client, url, before = browse("administrator"), address(SHARE, library), live(cast)
    shown = look(cast, client, url, choice(cast))
    assert shown.context["reached"] == [("North Clinic", "Triage", 0), ("South Clinic", "Intake, Triage", 0)]
    page = shown.content.decode()
    assert "2 organizations receive content" in page
    assert "Ward of North Clinic is shared with all of them already, or stands above none of them" in page
    assert "Empty of Harbor Health is draft" in page
    assert live(cast) == before

    other = cast.post(client, url, choice(cast, "T") | agreed(shown))
    assert (other.status_code, live(cast)) == (200, before)  # another choice than what was seen
    copied = cast.post(client, url, choice(cast, mode="copied") | agreed(shown))
    assert (copied.status_code, live(cast)) == (200, before)

    assert cast.post(client, url, choice(cast) | agreed(shown)).status_code == 302
    assert live(cast) - before == {
        ("triage", "S", "linked"),
        ("triage", "T", "linked"),
        ("intake", "T", "linked"),
    }
    with bound(cast.network.pk):
        assert AuditEvent.objects.filter(verb="content.shared", actor_label="Ada Admin").count() == 2


def test_it_goes_only_below_its_owner_and_where_it_is_not_yet(cast, library):
    with bound(cast.network.pk):
        end_share(
            SYSTEM, share_content(SYSTEM, library["triage"], organizations=[cast["T"]], mode="linked")[0]
        )
        items = list(ContentItem.objects.select_related("organization").order_by("code"))
        found = still_without(items, [cast[code] for code in "PST"])
        assert {one.code: [place.code for place in found[one.pk]] for one in items} == {
            "empty": ["S", "T"],
            "intake": ["T"],
            "triage": ["S", "T"],
            "ward": [],
        }


def test_all_that_match_are_shared_as_copies(cast, browse, library):
    client, url = browse("administrator"), f"{SHARE}?_every=1&_query=q%3Dtriage"
    typed = choice(cast, "T", mode="copied")
    shown = look(cast, client, url, typed)
    assert shown.context["reached"] == [("South Clinic", "Triage", 0)]
    assert cast.post(client, url, typed | agreed(shown)).status_code == 302
    with bound(cast.network.pk):
        assert ContentItem.objects.get(organization=cast["T"].pk).source.item_id == library["triage"].pk


def test_what_came_in_between_is_shown_again(cast, browse, library):
    client, url = browse("administrator"), address(SHARE, library)
    seen = agreed(look(cast, client, url, choice(cast)))
    with bound(cast.network.pk):
        share_content(SYSTEM, library["triage"], organizations=[cast["T"]], mode="linked")
    before = live(cast)
    again = cast.post(client, url, choice(cast) | seen)
    assert (again.status_code, live(cast)) == (200, before)
    assert again.context["reached"] == [("North Clinic", "Triage", 0), ("South Clinic", "Intake", 0)]


def test_one_shares_only_ones_own_and_only_with_ones_own(cast, browse, library):
    client, url = browse("local_admin"), address(SHARE, library)
    assert "Intake of Harbor Health isn’t yours to change" in client.get(url).content.decode()
    assert cast.post(client, url, choice(cast, "T")).status_code == 422
    assert cast.post(browse("clinician"), url, choice(cast)).status_code == 403


def test_more_shares_than_one_request_takes_are_refused(cast, browse, library, monkeypatch):
    monkeypatch.setattr(many, "MOST_AT_ONCE", 2)
    before = live(cast)
    answer = cast.post(browse("administrator"), address(SHARE, library), choice(cast))
    assert answer.status_code == 422
    assert "That is more than 2 shares" in answer.content.decode()
    assert live(cast) == before


def test_retiring_says_who_loses_what(cast, browse, library):
    with bound(cast.network.pk):
        share_content(SYSTEM, library["triage"], organizations=[cast["S"], cast["T"]], mode="linked")
        share_content(SYSTEM, library["triage"], organizations=[cast["Q"]], mode="copied")
    shown = browse("administrator").get(address(RETIRE, library))
    assert shown.context["reached"] == [("North Clinic", "Intake, Triage", 0), ("South Clinic", "Triage", 0)]
    assert "2 organizations lose what is linked to them" in shown.content.decode()
