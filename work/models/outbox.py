"""Events on their way to the worker: ids only, so that they may stand outside tenancy."""

from django.db import models
from django.db.models.functions import Now


class OutboxEvent(models.Model):
    """An event that happened in a network, written in the transaction that made it happen."""

    network_id = models.BigIntegerField()
    topic = models.CharField(max_length=80)
    ids = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    failure = models.CharField(max_length=500, default="", db_default="")

    class Meta:
        db_table = "work_outbox"
        indexes = [models.Index(fields=["next_try_at", "id"], name="outbox_due")]
