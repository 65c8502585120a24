"""How the demo's network looks: a logo of three hills, and a host name that waits for the operator."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from core.actors import UserActor
from orgs.actions.hostname import request_host_name
from orgs.actions.setting import NewValue, assign_setting
from orgs.pictures import redrawn
from orgs.rules.settings import LOGO

if TYPE_CHECKING:
    from orgs.models import Organization

HOST_NAME = "care.sahyadri.localhost"
_HILLS = (
    ("#9cc5bd", (0, 96, 44, 34, 88, 96)),
    ("#2f7f79", (56, 96, 112, 8, 160, 96)),
    ("#14504f", (24, 96, 68, 52, 116, 96)),
)


def build_brand(actor: UserActor, parent: Organization) -> None:
    """Upload the logo and ask for the host name, as the parent's administrator would."""
    png = redrawn("logo.png", _logo())
    new = NewValue(hashlib.sha256(png).hexdigest(), reason="As on our letters.")
    assign_setting(actor, parent, setting=LOGO, new=new, picture=png)
    request_host_name(actor, None, name=HOST_NAME, face="console")


def _logo() -> bytes:
    picture = Image.new("RGBA", (160, 96))
    draw = ImageDraw.Draw(picture)
    for colour, points in _HILLS:
        draw.polygon(points, fill=colour)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
