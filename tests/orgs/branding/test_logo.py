"""A network's own logo: what is refused, what is kept, where it is shown, and who can get it."""

from __future__ import annotations

import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from PIL import Image

from core.access import Denied
from core.errors import Refused
from core.settings import Mode
from core.tenancy import bound
from orgs.actions.setting import NewValue, assign_setting, inherit_setting
from orgs.content_parts import setting_items
from orgs.models import Logo
from orgs.pictures import redrawn
from orgs.queries.branding import paper_head
from orgs.rules.settings import LOGO, LOGO_DARK
from tests.cast import SYSTEM
from tests.ledger.market import open_market
from tests.orgs.branding.pictures import noise, picture
from tests.vendors.conftest import Phone, build_lab, link_path
from work.queries.file import stored_file

PARENT = "P"


def digest_of(png: bytes) -> str:
    return hashlib.sha256(png).hexdigest()


def give(cast, code, png, setting=LOGO, mode=Mode.DEFAULT, actor=SYSTEM) -> str:
    """Make a picture a logo; says where it is."""
    with bound(cast.network.pk):
        new = NewValue(digest_of(png), mode)
        assign_setting(actor, cast[code], setting=setting, new=new, picture=png)
    return reverse("logo", args=[digest_of(png)])


def send(client, cast, code, setting, **data):
    """The form of a setting, as the page sends it."""
    url = reverse("setting-edit", args=[cast.organizations[code].pk, setting.key])
    seen = client.get(url).content.decode().partition('name="_seen" value="')[2].partition('"')[0]
    return cast.post(client, url, {"mode": "default", "_seen": seen} | data)


def upload(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


# what becomes of a picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_drawn_anew_and_nothing_else_of_the_file_is_kept(kind):
    sent = picture((2000, 500), "navy", kind, note="taken at home")
    assert b"taken at home" in sent
    kept = redrawn("logo", sent)
    assert b"taken at home" not in kept
    with Image.open(io.BytesIO(kept)) as drawn:
        assert (drawn.format, drawn.size, drawn.mode) == ("PNG", (640, 160), "RGBA")
        assert not drawn.info.keys() - {"srgb", "gamma"}


def test_a_small_picture_keeps_its_size_and_its_transparent_ground():
    out = io.BytesIO()
    Image.new("RGBA", (60, 30), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(redrawn("logo", out.getvalue()))) as drawn:
        assert drawn.size == (60, 30)
        assert drawn.getpixel((5, 5)) == (0, 0, 0, 0)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (SVG, "is an SVG, which can carry scripts. Save it as PNG"),
        (b"\xef\xbb\xbf  <SVG/>", "is an SVG"),
        (b"%PDF-1.7 not a picture", "can't be opened as a PNG, JPEG or WebP picture"),
        (picture(kind="GIF"), "can't be opened as a PNG, JPEG or WebP picture"),
        (picture()[:60], "can't be opened as a PNG, JPEG or WebP picture"),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "can't be opened"),
        (picture((5000, 20)), "has 5000 by 20 pixels; a logo has 16 to 4,096 on each side"),
        (picture((8, 80)), "has 8 by 80 pixels"),
        (noise(700), "KiB; a logo has at most 1,024"),
    ],
)
def test_what_is_no_logo(content, says):
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        redrawn("mark.png", content)


# uploading, replacing, removing


@pytest.mark.setting("branding.logo")
def test_a_logo_is_uploaded_shown_replaced_and_removed(cast, browse):
    client = browse("administrator")
    assert "logos/" not in client.get(reverse("home")).content.decode()
    first, second = redrawn("a", picture(colour="teal")), redrawn("b", picture(colour="navy"))
    answer = send(client, cast, PARENT, LOGO, value=upload(picture(colour="teal")))
    assert answer.status_code == 302
    assert reverse("logo", args=[digest_of(first)]) in client.get(reverse("home")).content.decode()
    kept = client.get(reverse("logo", args=[digest_of(first)]))
    assert kept.content == first
    assert kept.headers["Content-Type"] == "image/png"
    assert kept.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "sandbox" in kept.headers["Content-Security-Policy"]
    send(client, cast, PARENT, LOGO, value=upload(picture(colour="navy")))
    page = client.get(reverse("home")).content.decode()
    assert reverse("logo", args=[digest_of(second)]) in page
    assert digest_of(first) not in page
    with bound(cast.network.pk):
        inherit_setting(SYSTEM, cast[PARENT], setting=LOGO)
    assert "logos/" not in client.get(reverse("home")).content.decode()


def test_a_refused_picture_is_said_beside_its_field_and_changes_nothing(cast, browse):
    client = browse("administrator")
    answer = send(client, cast, PARENT, LOGO, value=upload(SVG, "mark.svg"), reason="Our new look")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "“mark.svg” is an SVG, which can carry scripts." in page
    assert "Our new look" in page
    assert send(client, cast, PARENT, LOGO).status_code == 422
    with bound(cast.network.pk):
        assert not Logo.objects.exists()


def test_changing_how_it_binds_needs_no_second_upload(cast, browse):
    client = browse("administrator")
    address = give(cast, PARENT, redrawn("a", picture()))
    assert send(client, cast, PARENT, LOGO, mode="local").status_code == 302
    assert address in client.get(reverse("home")).content.decode()
    with bound(cast.network.pk):
        assert LOGO.at(cast["S"]) == ""


def test_the_same_picture_twice_is_one(cast):
    png = redrawn("a", picture())
    give(cast, PARENT, png)
    give(cast, "S", png)
    with bound(cast.network.pk):
        logo = Logo.objects.get()
        assert bytes(stored_file(logo.file_id).content) == png


def test_a_digest_that_was_not_uploaded_here_is_refused(cast):
    stranger = cast.foreign[0]
    png = redrawn("a", picture())
    give(cast, PARENT, png)
    with bound(stranger.pk):
        root = cast.organizations["C1B"].__class__.objects.get(parent=None)
        with pytest.raises(Refused, match="was uploaded in this network"):
            assign_setting(SYSTEM, root, setting=LOGO, new=NewValue(digest_of(png)))
        with pytest.raises(Refused, match="64 hexadecimal digits"):
            assign_setting(SYSTEM, root, setting=LOGO, new=NewValue("../etc/passwd"))


def test_only_who_may_change_branding_uploads(cast):
    png = redrawn("a", picture())
    with pytest.raises(Denied):
        give(cast, "S", png, actor=cast.actor("desk"))
    with bound(cast.network.pk):
        assert not Logo.objects.exists()


def test_a_picture_does_not_leave_in_a_content_package(cast):
    give(cast, PARENT, redrawn("a", picture()))
    with bound(cast.network.pk):
        assert LOGO.key not in {item.code for item in setting_items()}


# where it is shown


@pytest.mark.setting("branding.logo_dark")
def test_a_logo_for_the_dark_theme_stands_beside_the_other(cast, browse):
    client = browse("desk")
    light = give(cast, PARENT, redrawn("a", picture(colour="teal")))
    page = client.get(reverse("home")).content.decode()
    assert 'class="logo plated"' in page
    assert "on-dark" not in page
    dark = give(cast, PARENT, redrawn("b", picture(colour="white")), LOGO_DARK)
    page = client.get(reverse("home")).content.decode()
    assert f'<img class="on-light" src="{light}" alt=""><img class="on-dark" src="{dark}" alt="">' in page
    settings = browse("administrator").get(
        reverse("organization-settings", args=[cast.organizations[PARENT].pk])
    )
    assert f'src="{dark}" alt="The logo on dark ground"' in settings.content.decode()


def test_the_portal_shows_the_logo_to_its_contacts_and_not_before(cast):
    with bound(cast.network.pk):
        lab = build_lab(cast)
    phone = Phone(cast)
    phone.sign_in(lab.contact)
    address = give(cast, PARENT, redrawn("a", picture()))
    assert address in phone.get("portal").content.decode()
    assert address in phone.post("portal-sign-out").content.decode()
    with bound(cast.network.pk):
        link = link_path(lab.contact)
    assert "logos/" not in phone.client.get(link).content.decode()


def test_a_receipt_and_a_statement_carry_the_logo_of_their_organization(cast, browse):
    with bound(cast.network.pk):
        sale = open_market(cast).sell("CHECKUP", at="S")
    give(cast, PARENT, redrawn("a", picture(colour="teal")))
    own = give(cast, "S", redrawn("b", picture(colour="plum")))
    receipt = browse("desk").get(reverse("sale-receipt", args=[sale.pk])).content.decode()
    assert own in receipt.partition('<article class="receipt"')[2]
    statement = browse("finance").get(reverse("statement"), {"organization": "S"}).content.decode()
    assert own in statement.partition('<div class="page-head">')[2]


# who can get it


def test_whoever_knows_the_digest_gets_the_picture_and_no_other_file(cast, client):
    address = give(cast, PARENT, redrawn("a", picture()))
    assert client.get(address).status_code == 200
    with bound(cast.network.pk):
        other = hashlib.sha256(b"%PDF-").hexdigest()
        lab = build_lab(cast)
        done = lab.order("S")
        for step in ("accept", "start", "complete"):
            lab.answer(done, step)
        file = type(stored_file(Logo.objects.get().file_id)).objects.exclude(name__startswith="logo").first()
        assert file is not None
    assert client.get(reverse("logo", args=[file.sha256])).status_code == 404
    assert client.get(reverse("logo", args=[other])).status_code == 404
    assert client.get("/logos/../etc/passwd").status_code == 404


def test_the_database_refuses_a_wrong_digest_a_second_row_and_another_networks_file(world):
    png = redrawn("a", picture())
    give(world, PARENT, png)
    logo = Logo.objects.get()
    insert = "INSERT INTO orgs_logo (sha256, file_id, added_by, added_at) VALUES (%s, %s, 'x', now())"
    for digest, name in ((logo.sha256, "logo_once"), ("A" * 64, "logo_digest"), ("a", "logo_digest")):
        with (
            pytest.raises(IntegrityError, match=name),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(insert, [digest, logo.file_id])
    with (
        pytest.raises(IntegrityError, match="logo_file_same_network"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(insert, ["b" * 64, logo.file_id + 10_000])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_pdf_has_the_logo_and_the_names(cast):
    png = redrawn("a", picture())
    give(cast, PARENT, png)
    with bound(cast.network.pk):
        head = paper_head(cast["S"])
        assert (head.name, head.logo) == (cast["S"].name, png)
        assert cast.network.name in head.details
