"""Working as a contact: with the portal's database role, in its vendor's locale; the settings it may not read are remembered before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core import locale
from core.tenancy.binding import portal_role
from orgs.queries.setting import preload
from orgs.rules.settings import LOCALE
from vendors.models import VendorContact


@contextmanager
def as_contact(contact: VendorContact) -> Iterator[None]:
    """Inside a bound transaction: narrow the database role to the rows of a contact and its vendor."""
    preload(contact.vendor)
    with locale.using(LOCALE.at(contact.vendor)), portal_role(contact.vendor_id, contact.pk):
        yield
