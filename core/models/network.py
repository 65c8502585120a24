"""One Parent Account with its whole tree: the isolation boundary."""

from django.db import models

from core.tenancy.models import TenantPolicy


class Network(models.Model):
    """One Parent Account. Its row is visible only while it is bound."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"

    enterprise = models.ForeignKey("core.Enterprise", on_delete=models.PROTECT, related_name="networks")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=60, default="UTC")
    status = models.CharField(max_length=20, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "code"], name="network_code_in_enterprise"),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "suspended"]), name="network_status_known"
            ),
            TenantPolicy(
                name="network_tenancy",
                tenancy={
                    "web": "SELECT, INSERT, UPDATE",
                    "poster": "SELECT",
                    "portal": "SELECT",
                    "portal_rows": "true",
                    "network_column": "id",
                    "keyed": False,
                },
            ),
        ]

    def __str__(self) -> str:
        return self.name
