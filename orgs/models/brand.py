"""What of a network is shown before anybody signs in: its logos, and its own host names."""

from django.db import models

from core.tenancy import Tenancy, TenantKey, TenantModel
from orgs.rules.hostname import PATTERN


class Logo(TenantModel):
    """A picture that was uploaded as a logo; the settings name it by its digest, and so does its address."""

    tenancy = Tenancy(web="SELECT, INSERT")

    sha256 = models.CharField(max_length=64)
    file = TenantKey("work.StoredFile", on_delete=models.PROTECT, related_name="+", db_index=False)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = "logo"
        constraints = [
            models.UniqueConstraint(fields=["network", "sha256"], name="logo_once"),
            models.CheckConstraint(condition=models.Q(sha256__regex="^[0-9a-f]{64}$"), name="logo_digest"),
        ]
        indexes = [models.Index(fields=["sha256"], name="logo_of_any_network")]


class HostName(TenantModel):
    """A name of the network's own at which its console or its portal answers, once an operator has confirmed it.

    Several networks may ask for a name; it is confirmed for one.
    """

    class Face(models.TextChoices):
        CONSOLE = "console", "Console"
        PORTAL = "portal", "Vendor portal"

    name = models.CharField(max_length=253)
    face = models.CharField(max_length=10, choices=Face)
    requested_by = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=200, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "host name"
        constraints = [
            models.UniqueConstraint(fields=["network", "name"], name="hostname_once"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(confirmed_at__isnull=False), name="hostname_one_network"
            ),
            models.CheckConstraint(condition=models.Q(name__regex=PATTERN), name="hostname_written"),
            models.CheckConstraint(
                condition=models.Q(face__in=["console", "portal"]), name="hostname_face_known"
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True, confirmed_by="")
                | (models.Q(confirmed_at__isnull=False) & ~models.Q(confirmed_by="")),
                name="hostname_confirmed_by",
            ),
        ]

    @property
    def access_organization_id(self) -> None:
        return None
