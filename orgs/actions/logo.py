"""The only place that writes logos; which one counts is a setting."""

from __future__ import annotations

import hashlib

from core.clock import now
from orgs.models import Logo, Organization
from orgs.queries.logo import is_logo
from work.actions.file import store_file


def keep_logo(organization: Organization, png: bytes, *, by: str) -> None:
    """Store a redrawn picture as a logo of the network, unless it is one already; part of the action that sets it."""
    digest = hashlib.sha256(png).hexdigest()
    if not is_logo(digest):
        file = store_file(organization.pk, f"logo {digest[:8]}.png", png)
        Logo.objects.create(sha256=digest, file=file, added_by=by[:200], added_at=now())
