"""The relay: events and their effects commit together, failures wait and are tried again, others go on."""

from __future__ import annotations

import pytest
from django.utils import timezone

from core.actors import SystemActor
from core.registries import outbox_handlers
from core.tenancy import bound, bound_network_id
from orgs.models import Organization
from work.actions.relay import relay_due_events
from work.models import OutboxEvent
from work.outbox import put_event

SYSTEM = SystemActor.of("test")


@pytest.fixture
def handler(cast):
    """A topic of the test's own, with what its handler was given."""
    seen: list[tuple[int, dict]] = []

    def handle(ids):
        if ids.get("fail"):
            Organization.objects.filter(pk=ids["organization_id"]).update(city="half done")
            raise RuntimeError("the other side is down")
        seen.append((bound_network_id(), ids))

    outbox_handlers.add("test.topic", handle)
    yield seen
    del outbox_handlers._items["test.topic"]


def test_each_event_is_handled_in_its_network_and_gone(cast, handler):
    with bound(cast.network.pk):
        put_event(cast.network.pk, "test.topic", {"organization_id": 1})
    put_event(cast.foreign[0].pk, "test.topic", {"organization_id": 2})
    assert relay_due_events() == 2
    assert handler == [
        (cast.network.pk, {"organization_id": 1}),
        (cast.foreign[0].pk, {"organization_id": 2}),
    ]
    assert relay_due_events() == 0


def test_a_failure_leaves_nothing_half_done_and_waits(cast, handler):
    organization = cast.organizations["S"].pk
    put_event(cast.network.pk, "test.topic", {"fail": 1, "organization_id": organization})
    put_event(cast.network.pk, "test.topic", {"organization_id": 3})
    relay_due_events()
    assert [ids["organization_id"] for _, ids in handler] == [3]
    event = OutboxEvent.objects.get()
    assert event.attempts == 1
    assert "the other side is down" in event.failure
    assert event.next_try_at > timezone.now()
    with bound(cast.network.pk):
        assert Organization.objects.get(pk=organization).city == ""
    assert relay_due_events() == 0
    OutboxEvent.objects.update(next_try_at=timezone.now(), ids={"organization_id": 4})
    assert relay_due_events() == 1
    assert handler[-1][1] == {"organization_id": 4}


def test_every_topic_that_an_action_emits_has_a_handler(settings):
    """An event without a handler would be tried again for hours."""
    import re

    emitted = set()
    for path in settings.BASE_DIR.glob("*/actions/**/*.py"):
        emitted |= set(re.findall(r'act\.emit\(\s*"([^"]+)"', path.read_text()))
    assert emitted
    assert {topic for topic in emitted if topic not in outbox_handlers._items} == set()
