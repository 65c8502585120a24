"""What is attached travels whole over the real protocol, lies under its network's wall, and goes with its message."""

from __future__ import annotations

import pytest
from django.core import mail as outbox

from core.errors import Refused
from core.files import MEBIBYTE
from core.tenancy import bound
from orgs.actions.mail import queue_signed_mail
from tests.work.post_office import post_office
from work.actions.mail import Attachment, queue_mail, send_due_mail
from work.models import Mail, MailAttachment

CSV = "Ward,Amount\r\nZürich,“1.00”\n.\r\n".encode()
BYTES = bytes(range(256)) * 40
FILES = [
    Attachment("due.csv", "text/csv; charset=utf-8", CSV),
    Attachment('a/"b\n.pdf', "application/pdf", BYTES),
]


@pytest.fixture
def office(settings):
    with post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", office.port, False
        yield office


def write(cast, attachments=FILES) -> None:
    with bound(cast.network.pk):
        queue_signed_mail(cast.organizations["P"], "a@harbor.example", "Due", "See inside.", attachments)


def test_files_arrive_byte_for_byte_beside_text_and_html(cast, office):
    write(cast)
    assert send_due_mail() == 1
    (message,) = office.messages
    assert [part.get_content_type() for part in message.walk()][:4] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in message.iter_attachments()] == [
        ("due.csv", CSV), ("ab.pdf", BYTES),
    ]  # fmt: skip


def test_they_go_with_their_message_and_wait_with_it(cast, settings):
    write(cast)
    settings.EMAIL_BACKEND = "tests.work.test_mail_and_files.Away"
    assert send_due_mail() == 0
    with bound(cast.network.pk):
        assert MailAttachment.objects.count() == 2
    with bound(cast.foreign[0].pk):
        assert not MailAttachment.objects.exists()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Mail.objects.update(next_try_at=Mail.objects.get().created_at)
    assert send_due_mail() == 1
    assert len(outbox.outbox[-1].attachments) == 2
    with bound(cast.network.pk):
        assert not MailAttachment.objects.exists()


def test_what_is_too_large_is_refused_before_anything_is_queued(cast):
    half = Attachment("half.pdf", "application/pdf", b"0" * (5 * MEBIBYTE + 1))
    with pytest.raises(Refused, match="at most 10 MiB"):
        write(cast, [half, half])
    assert not Mail.objects.exists()


def test_files_of_no_network_are_a_mistake(cast):
    with pytest.raises(ValueError, match="letterhead"):
        queue_mail("a@harbor.example", "Subject", "Body", attachments=FILES)
