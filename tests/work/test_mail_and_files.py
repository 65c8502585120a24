"""Mail is sent once and waits when its server is away; files are known by their content."""

from __future__ import annotations

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from core.errors import Refused
from core.files import MEBIBYTE, MOST_MEBIBYTES, content_type_of
from core.tenancy import bound
from work.actions.file import store_file
from work.actions.mail import queue_mail, send_due_mail
from work.models import Mail, StoredFile

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


class Away(EmailBackend):
    """A mail server that can't be reached: an edge of the network, not a part of ours."""

    def send_messages(self, messages):
        raise ConnectionRefusedError("connection refused")


def test_a_message_leaves_once(cast):
    queue_mail("a@harbor.example", "Two\nlines: Bcc: b@harbor.example", "Body")
    assert send_due_mail() == 1
    assert send_due_mail() == 0
    assert [(message.to, message.subject) for message in outbox.outbox] == [
        (["a@harbor.example"], "Two lines: Bcc: b@harbor.example")
    ]
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("", ""),
        (" \r\n ", ""),
        ("Harbor Health", "Harbor Health <no-reply@caretree.example>"),
        ("Harbor\r\nBcc: b@harbor.example", '"Harbor Bcc: b@harbor.example" <no-reply@caretree.example>'),
        ('"> <x@harbor.example>', '"\\"> <x@harbor.example>" <no-reply@caretree.example>'),
        ("Zürich\x00\x1b\u2028, Nord", '"Zürich , Nord" <no-reply@caretree.example>'),
    ],
)
def test_a_name_before_the_servers_own_address(cast, name, sender):
    queue_mail("a@harbor.example", "Subject", "Body", from_name=name)
    assert Mail.objects.get().sender == sender
    assert send_due_mail() == 1
    message = outbox.outbox[-1].message()
    assert message["From"].endswith("<no-reply@caretree.example>")
    assert "Bcc" not in message
    assert "\n" not in message["From"]


def test_the_longest_name_finds_room(cast):
    queue_mail("a@harbor.example", "Subject", "Body", from_name='"' * 100)
    queue_mail("a@harbor.example", "Subject", "Body", from_name="\N{SNOWMAN}" * 100)
    assert send_due_mail() == 2
    assert outbox.outbox[-1].from_email == "\N{SNOWMAN}" * 60 + " <no-reply@caretree.example>"


def test_it_waits_while_the_server_is_away(cast, settings):
    queue_mail("a@harbor.example", "Subject", "Body")
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    assert send_due_mail() == 0
    waiting = Mail.objects.get()
    assert (waiting.attempts, waiting.failure) == (1, "connection refused")
    assert waiting.next_try_at > timezone.now()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Mail.objects.update(next_try_at=timezone.now())
    assert send_due_mail() == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.pdf", b"", "is empty"),
        ("page.pdf", b"<html>%PDF-", "is not a PDF, PNG or JPEG"),
        ("big.pdf", b"%PDF-" + b"0" * MOST_MEBIBYTES * MEBIBYTE, "at most 10 MiB"),
    ],
)
def test_what_is_no_file_of_ours_is_refused(world, name, content, message):
    with pytest.raises(Refused, match=message):
        store_file(world["S"].pk, name, content)
    assert not StoredFile.objects.exists()


def test_the_type_is_the_contents_and_the_name_is_harmless(world):
    stored = store_file(world["S"].pk, '../../"evil"\n.html', PNG)
    assert stored.content_type == "image/png" == content_type_of(PNG)
    assert not set('/\\"\n') & set(stored.name)
    assert bytes(StoredFile.objects.get(pk=stored.pk).content) == PNG


def test_another_network_does_not_see_it(cast):
    with bound(cast.network.pk):
        stored = store_file(cast.organizations["S"].pk, "a.png", PNG)
    with bound(cast.foreign[0].pk):
        assert not StoredFile.objects.filter(pk=stored.pk).exists()
