"""A mail as it leaves: text and the same drawn, in the name of its network, with its logo inside and nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from core.models import Network
from core.settings import Mode
from core.tenancy import bound
from orgs.actions.logo import keep_logo
from orgs.actions.mail import queue_signed_mail
from orgs.actions.setting import NewValue, assign_setting
from orgs.models import Logo
from orgs.queries import tree
from orgs.queries.branding import letterhead
from orgs.rules.branding import ACCENTS, ON_PAPER
from orgs.rules.settings import ACCENT, LOCALE, LOGO, LOGO_DARK
from tests.cast import SYSTEM
from tests.orgs.branding.pictures import picture
from tests.orgs.branding.test_logo import digest_of, give
from tests.vendors.conftest import build_lab
from tests.work.post_office import PostOffice, post_office
from vendors.actions.contact import send_link
from work.actions.mail import Letterhead, queue_mail, send_due_mail
from work.models import Mail, StoredFile
from work.rules.letter import Part, parts_of

NAVY, MAROON, WHITE = (picture((320, 80), colour) for colour in ("navy", "maroon", "white"))


@pytest.fixture
def office(settings):
    """A mail server that the worker sends to."""
    with post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        yield office


class Drawn(HTMLParser):
    """What a mail program finds in the HTML: the tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def sent(office: PostOffice):
    """The only message: its text, its HTML, and the pictures by content-id."""
    assert send_due_mail() == 1
    (message,) = office.messages
    pictures = {part["Content-ID"]: part for part in message.walk() if part.get_content_maintype() == "image"}
    return (
        message,
        message.get_body(("plain",)).get_content(),
        message.get_body(("html",)).get_content(),
        pictures,
    )


def write(cast, code="S", body="Hello Nell,\n\nopen:\nhttps://console.example/x/?a=1&b=2\n\n    1234 5678\n"):
    with bound(cast.network.pk):
        queue_signed_mail(cast[code], "nell@harbor.example", "Come in", body)


# what it is made of


def test_the_text_stays_whole_and_the_picture_is_beside_the_alternatives(cast, office):
    give(cast, "P", NAVY)
    write(cast)
    message, text, html, pictures = sent(office)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
    ]
    assert text.replace("\r\n", "\n") == (
        "Hello Nell,\n\nopen:\nhttps://console.example/x/?a=1&b=2\n\n    1234 5678\n"
    )
    ((cid, logo),) = pictures.items()
    assert logo["Content-Disposition"].startswith("inline")
    (image,) = Drawn(html).all("img")
    assert image["src"] == f"cid:{cid.strip('<>')}"
    with bound(cast.network.pk):
        kept = StoredFile.objects.get(pk=Logo.objects.get(sha256=digest_of(NAVY)).file_id)
        assert logo.get_payload(decode=True) == bytes(kept.content)
    assert office.envelopes == [("no-reply@caretree.example", ["nell@harbor.example"])]


def test_it_says_the_same_drawn(cast, office):
    write(cast)
    _, _, html, pictures = sent(office)
    drawn = Drawn(html)
    assert pictures == {}
    assert drawn.all("img") == []
    assert [one["href"] for one in drawn.all("a")] == ["https://console.example/x/?a=1&b=2"]
    for words in (
        "Harbor Health",
        "Come in",
        "Hello Nell,",
        "https://console.example/x/?a=1&b=2",
        "1234 5678",
    ):
        assert words in drawn.text
    assert [tag for tag, attributes in drawn.tags if attributes.get("class") == "code"] == ["p"]


def test_nothing_is_loaded_from_elsewhere(cast, office):
    give(cast, "P", NAVY)
    write(cast)
    _, _, html, _ = sent(office)
    drawn = Drawn(html)
    assert {tag for tag, _ in drawn.tags} & {"link", "script", "iframe", "object", "form", "table"} == set()
    assert all(one["src"].startswith("cid:") for one in drawn.all("img"))
    assert not re.search(r"url\(|@import|@font-face", html)


def test_it_is_told_to_be_dark_and_fits_a_phone(cast, office):
    write(cast)
    html = sent(office)[2]
    metas = {one.get("name"): one.get("content") for one in Drawn(html).all("meta")}
    assert metas["color-scheme"] == "light dark"
    assert metas["viewport"].startswith("width=device-width")
    assert "prefers-color-scheme: dark" in html


# whose it is


def test_a_name_is_never_markup(cast, office):
    with bound(cast.network.pk):
        Network.objects.filter(pk=cast.network.pk).update(name="<b>&\"'<img src=x onerror=1>")
    hello = 'Hello <script>alert(1)</script> & "you",\n\n    <i>code</i>\n'
    write(cast, body=hello + "Hello Ravi\nhttps://evil.example/login\n,\n")
    _, text, html, _ = sent(office)
    drawn = Drawn(html)
    assert drawn.all("a") == []
    assert "https://evil.example/login" in drawn.text
    assert {tag for tag, _ in drawn.tags} & {"b", "img", "script", "i"} == set()
    assert "<b>&\"'<img src=x onerror=1>" in drawn.text
    assert 'Hello <script>alert(1)</script> & "you",' in drawn.text
    assert "Hello <script>alert(1)</script>" in text


def test_no_header_is_added(cast, office):
    head = Letterhead(name="Harbor\r\nBcc: b@harbor.example")
    queue_mail(
        "a@harbor.example",
        "Two\r\nBcc: b@harbor.example",
        "Body",
        from_name="X\r\nBcc: c@x.example",
        head=head,
    )
    message = sent(office)[0]
    assert message["Bcc"] is None
    assert message["Subject"] == "Two Bcc: b@harbor.example"
    assert office.envelopes[0][1] == ["a@harbor.example"]
    assert all(part["Bcc"] is None for part in message.walk())


def test_only_a_line_of_its_own_that_is_announced_is_a_link():
    body = (
        "Visit https://evil.example now:\nhttps://good.example/\nhttps://evil.example/\nOpen:\njavascript:alert(1)\n"
        "See:\n\n    https://good.example/code\n"
    )
    assert parts_of(body) == [
        Part("text", "Visit https://evil.example now:"),
        Part("link", "https://good.example/"),
        Part("text", "https://evil.example/\nOpen:\njavascript:alert(1)\nSee:"),
        Part("link", "https://good.example/code"),
    ]
    assert parts_of("") == []


def test_the_logo_is_the_one_in_force_where_it_is_about(cast, office):
    give(cast, "P", NAVY)
    give(cast, "Q", MAROON)
    for code, colour in (("S", NAVY), ("Q", MAROON), ("R", MAROON)):
        office.raw.clear()
        write(cast, code)
        (logo,) = sent(office)[3].values()
        with bound(cast.network.pk):
            kept = Logo.objects.get(sha256=digest_of(colour)).file_id
        assert logo["Content-ID"] == f"<logo-{kept}@caretree>"


def test_it_is_the_one_for_light_ground(cast, office):
    give(cast, "P", NAVY)
    give(cast, "P", WHITE, LOGO_DARK)
    write(cast)
    (logo,) = sent(office)[3].values()
    with bound(cast.network.pk):
        assert logo["Content-ID"] == f"<logo-{Logo.objects.get(sha256=digest_of(NAVY)).file_id}@caretree>"


def test_one_worker_sends_for_two_networks_and_never_with_the_other_s_logo(cast, office):
    give(cast, "P", NAVY)
    foreign = cast.foreign[0]
    with bound(foreign.pk):
        new = NewValue(digest_of(MAROON), Mode.DEFAULT)
        assign_setting(SYSTEM, tree.root(), setting=LOGO, new=new, picture=MAROON)
    for _ in range(2):
        write(cast)
        with bound(foreign.pk):
            queue_signed_mail(tree.root(), "far@canary.example", "Come in", "Hello")
    assert send_due_mail() == 4
    seen = {}
    for message in office.messages:
        (logo,) = (part for part in message.walk() if part.get_content_maintype() == "image")
        seen.setdefault(message["To"], set()).add(logo.get_payload(decode=True))
    assert len(seen["nell@harbor.example"]) == len(seen["far@canary.example"]) == 1
    assert seen["nell@harbor.example"] != seen["far@canary.example"]


def test_a_row_that_names_another_network_s_logo_leaves_without_it(cast, office):
    with bound(cast.foreign[0].pk):
        keep_logo(tree.root(), MAROON, by="test")
        file = Logo.objects.get().file_id
    queue_mail(
        "a@harbor.example", "Subject", "Body", head=Letterhead(network_id=cast.network.pk, logo_id=file)
    )
    assert sent(office)[3] == {}
    queue_mail(
        "a@harbor.example", "Subject", "Body", head=Letterhead(network_id=cast.foreign[0].pk, logo_id=file)
    )
    office.raw.clear()
    assert len(sent(office)[3]) == 1


def test_the_database_wants_to_know_whose_logo_it_is(cast):
    insert = (
        'INSERT INTO work_mail ("to", subject, body, sender, attempts, failure, logo_id)'
        " VALUES ('a@b.example', 's', 'b', '', 0, '', 1)"
    )
    with pytest.raises(DatabaseError, match="mail_logo_of_a_network"), connection.cursor() as cursor:
        cursor.execute(insert)


def test_the_accent_is_the_network_s_and_readable_on_either_ground(cast, office):
    with bound(cast.network.pk):
        assign_setting(SYSTEM, cast["P"], setting=ACCENT, new=NewValue("plum"))
    write(cast)
    html = sent(office)[2]
    assert all(colour in html for colour in ON_PAPER["plum"])
    assert set(ON_PAPER) == set(ACCENTS)
    for light, dark in ON_PAPER.values():
        assert contrast(light, "#ffffff") >= 4.5
        assert contrast(dark, "#0e1318") >= 4.5


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# which mails are


def test_mail_of_every_kind_looks_so(cast, office):
    give(cast, "P", NAVY)
    with bound(cast.network.pk):
        lab = build_lab(cast)
        Mail.objects.all().delete()
        send_link(SYSTEM, lab.contact)
    Client().post(reverse("account_request_login_code"), {"email": cast.users["desk"].email})
    assert send_due_mail() == 2
    for message in office.messages:
        assert message.get_content_type() == "multipart/related"
        assert "Harbor Health" in message.get_body(("html",)).get_content()
    code = next(one for one in office.messages if one["To"] == cast.users["desk"].email)
    typed = re.search(r"^    (\S+)", code.get_body(("plain",)).get_content(), re.M)[1]
    assert f'<p class="code">{typed}</p>' in code.get_body(("html",)).get_content()


def test_mail_of_nobody_s_network_is_the_installation_s(cast, office):
    queue_mail("a@harbor.example", "Subject", "Body")
    _, _, html, pictures = sent(office)
    assert "Caretree" in html
    assert "Harbor" not in html
    assert pictures == {}


def test_a_mail_that_was_queued_as_text_alone_leaves_so(cast, office):
    queue_mail("a@harbor.example", "Subject", "Body")
    Mail.objects.update(html="")
    assert send_due_mail() == 1
    assert office.messages[0].get_content_type() == "text/plain"


def test_it_waits_while_the_server_is_away_and_leaves_once(cast, office, settings):
    give(cast, "P", NAVY)
    write(cast)
    settings.EMAIL_PORT, port = 1, settings.EMAIL_PORT
    assert send_due_mail() == 0
    assert Mail.objects.get().attempts == 1
    settings.EMAIL_PORT = port
    Mail.objects.update(next_try_at=Mail.objects.get().created_at)
    assert send_due_mail() == 1
    assert send_due_mail() == 0
    assert len(office.raw) == 1


def test_a_letterhead_takes_few_queries(cast, django_assert_max_num_queries):
    give(cast, "P", NAVY)
    with bound(cast.network.pk):
        place = cast["S"]
        with django_assert_max_num_queries(5):
            letterhead(place)
        assert LOCALE.at(place) == LOCALE.default
