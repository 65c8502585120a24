"""People of a vendor who answer in the portal: no users, no members."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower, Now

from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel


class VendorContact(TenantModel, VersionedModel):
    """One person at a vendor, known by a registered e-mail address; signs in to the portal and nowhere else."""

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        LEAD = "lead", "Lead"

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE",
        portal="SELECT",
        portal_rows="vendor_id = (SELECT app.vendor_id())",
    )

    vendor = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=150)
    email = models.EmailField("e-mail", help_text="Links and one-time codes go to this address only.")
    role = models.CharField(max_length=10, choices=Role, default=Role.AGENT)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "contact"
        constraints = [
            models.UniqueConstraint(fields=["network", "vendor", "email"], name="vendorcontact_unique"),
            models.CheckConstraint(
                condition=models.Q(role__in=["agent", "lead"]), name="vendorcontact_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="vendorcontact_email_lower"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def access_organization_id(self) -> int:
        return self.vendor_id
