"""That an organization left the network, and files of organizations' own records."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel


class Departure(TenantModel):
    """An organization left the network with everything below it. `effects` is what was shown before, and done.

    Nothing of it changes but that the organization came back, when it was reactivated.
    """

    tenancy = Tenancy(web="SELECT, INSERT, UPDATE (returned_at)")

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    left_on = models.DateField(help_text="Its last day in the network.")
    reason = models.CharField(max_length=500)
    effects = models.JSONField(default=list)
    ended_at = models.DateTimeField(db_default=Now())
    ended_by_id = models.BigIntegerField(null=True)
    ended_by = models.CharField(max_length=200)
    returned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "departure"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "organization"],
                condition=models.Q(returned_at__isnull=True),
                name="departure_once",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="departure_has_reason"),
        ]
        indexes = [models.Index(fields=["network", "organization", "-id"], name="departure_organization")]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id


class OwnRecords(TenantModel):
    """A file of the own records of an organization and everything below it, made by the worker, kept for some days.

    `patient_ids` are whose records it holds, so that every download is a logged read.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        ERASED = "erased", "Erased"

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE (status, note, name, content, size, sha256, patient_ids, made_at, expires_at)"
    )

    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    departure = TenantKey(
        Departure, on_delete=models.PROTECT, null=True, related_name="records", help_text="Made at the end."
    )
    last_day = models.DateField(help_text="The day of its statement.")
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    note = models.CharField(max_length=500, blank=True, help_text="Why it failed.")
    asked_at = models.DateTimeField(db_default=Now())
    asked_by_id = models.BigIntegerField(null=True)
    asked_by = models.CharField(max_length=200)
    made_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=200, blank=True)
    content = models.BinaryField(null=True)
    size = models.PositiveBigIntegerField(null=True, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True)
    patient_ids = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        verbose_name = "own records"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "ready", "failed", "erased"]),
                name="ownrecords_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status="ready",
                    content__isnull=False,
                    size__isnull=False,
                    made_at__isnull=False,
                    expires_at__isnull=False,
                    sha256__regex="^[0-9a-f]{64}$",
                )
                | (~models.Q(status="ready") & models.Q(content__isnull=True)),
                name="ownrecords_ready_is_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="failed") | ~models.Q(note=""), name="ownrecords_failed_why"
            ),
            models.UniqueConstraint(
                fields=["network", "organization"],
                condition=models.Q(status="waiting"),
                name="ownrecords_one_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["network", "organization", "-id"], name="ownrecords_organization")]

    @property
    def access_organization_id(self) -> int:
        return self.organization_id

    @property
    def content_type(self) -> str:
        return "application/zip"
