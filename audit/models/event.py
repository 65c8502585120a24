"""One line for every write."""

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantModel


class AuditEvent(TenantModel):
    """Who did what to which record of the network, with old and new values. Append-only."""

    tenancy = Tenancy(
        web="SELECT, INSERT",
        portal="INSERT",
        portal_rows="actor_kind = 'contact'",
        poster="SELECT",
        keyed=False,
    )

    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    verb = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80, blank=True)
    subject_id = models.BigIntegerField(null=True)
    organization_id = models.BigIntegerField(null=True)
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["network", "-id"], name="audit_event_newest"),
            models.Index(fields=["network", "subject_type", "subject_id", "-id"], name="audit_event_subject"),
            models.Index(fields=["network", "organization_id", "-id"], name="audit_event_organization"),
        ]

    @property
    def changes(self) -> list[tuple[str, tuple[object, object]]]:
        """What changed: (name, (old, new))."""
        return [(key, (self.old.get(key), self.new.get(key))) for key in {**self.old, **self.new}]


class SystemEvent(models.Model):
    """What belongs to no network: sign-ins, new networks. Append-only."""

    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    verb = models.CharField(max_length=80)
    detail = models.JSONField(default=dict)
