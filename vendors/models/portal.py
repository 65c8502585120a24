"""How a contact gets into the portal: the link, the one-time code, the session. Secrets are stored as hashes."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel

_OWN = "contact_id = (SELECT app.contact_id())"


class PortalLink(TenantModel):
    """A link sent to a contact's registered address. It only lets one ask for a code to that same address."""

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE")

    contact = TenantKey(
        "vendors.VendorContact", on_delete=models.PROTECT, related_name="links", db_index=False
    )
    secret_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "portal link"
        indexes = [models.Index(fields=["network", "contact", "-id"], name="portallink_contact")]

    @property
    def access_organization_id(self) -> int:
        return self.contact.access_organization_id


class PortalCode(TenantModel):
    """A one-time code. Every attempt counts a try before the code is compared; the newest of a link is the valid one."""

    tenancy = Tenancy(
        web="SELECT, INSERT",
        portal="SELECT, UPDATE (tries, used_at)",
        portal_rows=_OWN,
        keyed=False,
    )

    link = TenantKey("vendors.PortalLink", on_delete=models.PROTECT, related_name="+", db_index=False)
    contact = TenantKey("vendors.VendorContact", on_delete=models.PROTECT, related_name="+", db_index=False)
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(db_default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "one-time code"
        constraints = [
            models.CheckConstraint(condition=models.Q(tries__range=(0, 5)), name="portalcode_tries")
        ]
        indexes = [
            models.Index(fields=["network", "link", "-id"], name="portalcode_link"),
            models.Index(fields=["network", "contact"], name="portalcode_contact"),
        ]


class PortalSession(TenantModel):
    """A signed-in contact in one browser; ends when idle or old, as the settings say."""

    tenancy = Tenancy(
        web="SELECT, UPDATE (ended_at)",
        portal="SELECT, INSERT, UPDATE (seen_at, ended_at)",
        portal_rows=_OWN,
        keyed=False,
    )

    contact = TenantKey("vendors.VendorContact", on_delete=models.PROTECT, related_name="+", db_index=False)
    link = TenantKey("vendors.PortalLink", on_delete=models.PROTECT, related_name="+", db_index=False)
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "portal session"
        indexes = [
            models.Index(fields=["network", "contact", "-id"], name="portalsession_contact"),
            models.Index(fields=["network", "link"], name="portalsession_link"),
        ]
