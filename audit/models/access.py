"""One line for every read of patients."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantModel


class AccessEvent(TenantModel):
    """Who saw which patients: opening one or exporting is one row, a list is one row with the ids shown."""

    class Kind(models.TextChoices):
        OPEN = "open", "Opened"
        LIST = "list", "Listed"
        EXPORT = "export", "Exported"
        LOOKUP = "lookup", "Looked up at the counter"

    tenancy = Tenancy(web="SELECT, INSERT", poster="SELECT", keyed=False)

    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    patient_ids = ArrayField(models.BigIntegerField())
    organization_id = models.BigIntegerField(null=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["network", "-id"], name="audit_access_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["open", "list", "export", "lookup"]), name="access_kind_known"
            )
        ]


class PatientRead(TenantModel):
    """One patient of one line of that log: under row-level security no index finds an element of an array.

    A trigger writes it with the line, and another refuses every other row (sql/0003_patient_reads.up.sql).
    """

    tenancy = Tenancy(web="SELECT, INSERT", poster="SELECT", keyed=False)

    pk = models.CompositePrimaryKey("network_id", "patient_id", "event_id")
    patient_id = models.BigIntegerField()
    event_id = models.BigIntegerField()

    class Meta:
        verbose_name = "read of a patient"
