"""Several workers at once, workers that die, and messages that can't be sent: each thing once, nothing in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail as sent_mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, connections
from django.utils import timezone

from core.registries import outbox_handlers
from core.tenancy import bound
from core.tenancy.binding import is_bound
from orgs.models import Organization
from tests.cast import Cast
from work.actions.mail import MAX_ATTEMPTS as MAIL_ATTEMPTS
from work.actions.mail import queue_mail, send_due_mail
from work.actions.relay import MAX_ATTEMPTS, relay_due_events
from work.models import Mail, OutboxEvent
from work.outbox import put_event

TOPIC = "test.at_once"


@pytest.fixture
def topic():
    """Registers a handler for the test's own topic."""

    def register(handler) -> None:
        outbox_handlers.add(TOPIC, handler)

    yield register
    outbox_handlers._items.pop(TOPIC, None)


class Fussy(EmailBackend):
    """Can't write one of the messages, whatever is done: not the network's fault."""

    def send_messages(self, messages):
        if any("broken" in message.to[0] for message in messages):
            raise ValueError("an address that no library likes")
        return super().send_messages(messages)


def in_threads(work, number: int = 4) -> list:
    together = Barrier(number)

    def run(_: int):
        try:
            together.wait(10)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_four_relays_handle_every_event_once(own_world: Cast, topic):
    topic(lambda ids: queue_mail("a@harbor.example", f"effect {ids['number']}", "Body"))
    for number in range(24):
        network = own_world.network if number % 2 else own_world.foreign[0]
        put_event(network.pk, TOPIC, {"number": number})
    handled = in_threads(lambda: relay_due_events(limit=24))
    assert sum(handled) == 24
    subjects = list(Mail.objects.values_list("subject", flat=True))
    assert sorted(subjects) == sorted(f"effect {number}" for number in range(24))
    assert not OutboxEvent.objects.filter(topic=TOPIC).exists()


def test_four_senders_send_every_message_once(own_world: Cast):
    for number in range(12):
        queue_mail(f"{number}@harbor.example", "Subject", "Body")
    assert sum(in_threads(lambda: send_due_mail(limit=12))) == 12
    assert sorted(message.to[0] for message in sent_mail.outbox) == sorted(
        f"{n}@harbor.example" for n in range(12)
    )


def test_a_worker_that_dies_leaves_the_event_and_no_effect(own_world: Cast, topic):
    def dies(ids) -> None:
        queue_mail("a@harbor.example", "half done", "Body")
        raise KeyboardInterrupt

    topic(dies)
    put_event(own_world.network.pk, TOPIC, {})
    with pytest.raises(KeyboardInterrupt):
        relay_due_events()
    assert not is_bound()
    assert not Mail.objects.filter(subject="half done").exists()
    assert OutboxEvent.objects.get(topic=TOPIC).attempts == 0
    topic(lambda ids: queue_mail("a@harbor.example", "done", "Body"))
    assert relay_due_events() == 1
    assert Mail.objects.filter(subject="done").count() == 1


def test_a_refusal_by_the_database_is_named_and_harms_no_other_event(cast, topic):
    def breaks(ids) -> None:
        Organization.objects.filter(code="S").update(code=ids.get("code", "X"))

    topic(breaks)
    put_event(cast.network.pk, TOPIC, {"code": "T"})
    put_event(cast.network.pk, TOPIC, {"code": "S2"})
    assert relay_due_events() == 2
    event = OutboxEvent.objects.get(topic=TOPIC)
    assert event.failure.startswith(IntegrityError.__name__)
    assert "organization_code_unique" in event.failure
    with bound(cast.network.pk):
        assert Organization.objects.filter(code="S2").exists()


def test_an_event_that_always_fails_is_given_up_and_kept(cast, topic):
    def fails(ids) -> None:
        raise LookupError("always")

    topic(fails)
    put_event(cast.network.pk, TOPIC, {})
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert relay_due_events() == 1
        assert OutboxEvent.objects.get(topic=TOPIC).attempts == attempt
        OutboxEvent.objects.update(next_try_at=timezone.now())
    assert relay_due_events() == 0
    assert OutboxEvent.objects.get(topic=TOPIC).failure == "LookupError: always"


def test_an_unknown_topic_is_a_failure_not_a_silence(cast):
    put_event(cast.network.pk, "nobody.listens", {})
    relay_due_events()
    assert "KeyError" in OutboxEvent.objects.get().failure


def test_an_event_of_a_request_that_is_undone_never_was(cast):
    with pytest.raises(LookupError), bound(cast.network.pk):
        put_event(cast.network.pk, TOPIC, {})
        raise LookupError
    assert not OutboxEvent.objects.filter(topic=TOPIC).exists()


def test_a_message_that_cannot_be_written_is_in_nobodys_way(cast, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Fussy"
    queue_mail("broken@harbor.example", "Subject", "Body")
    queue_mail("fine@harbor.example", "Subject", "Body")
    assert send_due_mail() == 1
    assert [message.to for message in sent_mail.outbox] == [["fine@harbor.example"]]
    assert "no library likes" in Mail.objects.get().failure


def test_a_message_is_given_up_after_some_tries_and_kept(cast, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Fussy"
    queue_mail("broken@harbor.example", "Subject", "Body")
    for attempt in range(1, MAIL_ATTEMPTS + 1):
        send_due_mail()
        assert Mail.objects.get().attempts == attempt
        Mail.objects.update(next_try_at=timezone.now())
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_due_mail() == 0
    assert Mail.objects.get().attempts == MAIL_ATTEMPTS
