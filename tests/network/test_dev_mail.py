"""Mail of development: readable on the loopback, by nobody else, and harmless whatever it says."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend
from django.test import Client
from django.urls import reverse


@pytest.fixture
def letters(db, tmp_path, settings):
    """Two messages, written as development writes them."""
    settings.DEV_MAIL = tmp_path
    backend = EmailBackend(file_path=tmp_path)
    link = f"{settings.BASE_URL}/invitations/secret/"
    for subject, body in (
        ("You are invited", f"Open {link} soon."),
        ("<script>alert(1)</script>", "<b>bold</b> https://evil.example/x"),
    ):
        EmailMessage(subject, body, "from@caretree.example", ["to@harbor.example"], connection=backend).send()
    return link


def opened(client: Client, number: int) -> str:
    listed = client.get(reverse("dev-mail"))
    assert listed.status_code == 200
    return client.get(
        reverse("dev-mail-page", args=[listed.context["messages_found"][number]["name"]])
    ).content.decode()


def test_the_newest_stands_first_and_links_lead_on(letters):
    client = Client()
    page = client.get(reverse("dev-mail")).content.decode()
    assert page.index("alert(1)") < page.index("You are invited")
    assert f'href="{letters}"' in opened(client, 1)


def test_what_it_says_is_text(letters):
    client = Client()
    assert "<script>alert" not in client.get(reverse("dev-mail")).content.decode()
    page = opened(client, 0)
    assert "&lt;b&gt;bold" in page
    assert 'href="https://evil.example' not in page


@pytest.mark.parametrize("address", ["10.0.0.1", "192.0.2.7", "::ffff:10.0.0.1", "2001:db8::1", "0.0.0.0"])
def test_nobody_reads_it_from_elsewhere(letters, address):
    client = Client(REMOTE_ADDR=address)
    assert client.get(reverse("dev-mail")).status_code == 404
    assert client.get(reverse("dev-mail-page", args=["x.0"])).status_code == 404


def test_a_proxy_does_not_make_it_local(letters):
    assert (
        Client(REMOTE_ADDR="10.0.0.1")
        .get(reverse("dev-mail"), headers={"X-Forwarded-For": "127.0.0.1"})
        .status_code
        == 404
    )


@pytest.mark.parametrize("name", ["nothing.0", "..%2f..%2fsecret_key", "....", "x" * 300])
def test_there_is_no_other_file_to_read(letters, name):
    assert Client().get(f"/dev/mail/{name}/").status_code == 404
