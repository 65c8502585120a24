"""Back-tests: what a draft of a rule would have answered in the past, beside what was posted."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel


class BackTest(TenantModel):
    """One run of a draft over the effective dates of a period; it posts nothing.

    `content` is what the draft said when it was asked for, so that a result of an earlier draft is known as one.
    The worker takes a batch of events at a time, in posting order; `after_event_id`, `volumes` and `sums` are where
    it stands.
    """

    class Status(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    tenancy = Tenancy()

    rule_version = TenantKey(
        "ledger.RuleVersion", on_delete=models.CASCADE, related_name="backtests", db_index=False
    )
    first_on = models.DateField()
    last_on = models.DateField()
    content = models.JSONField()
    sentence = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    total = models.IntegerField(help_text="Events to look at.")
    done = models.IntegerField(default=0)
    answered = models.IntegerField(default=0, help_text="Events that the draft would have answered.")
    differing = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    after_event_id = models.BigIntegerField(default=0)
    volumes = models.JSONField(default=dict)
    sums = models.JSONField(default=dict)
    asked_by_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "back-test"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_on__lte=models.F("last_on")), name="backtest_period"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["running", "done"]), name="backtest_status_known"
            ),
        ]
        indexes = [models.Index(fields=["network", "rule_version", "-id"], name="backtest_of_version")]

    def __str__(self) -> str:
        return f"back-test of {self.rule_version}"

    @property
    def access_organization_id(self) -> None:
        """Rules belong to the whole network."""

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


class BackTestEvent(TenantModel):
    """One event that the draft would have answered, or no longer would; what the draft gives is computed anew from it.

    `places` are the organizations whose books would differ, none where it was voided, and `changes` in the same order
    what each of them would have earned more. `volume_added` is what it added
    to the volume under `volume_key`, and what its void takes off.
    """

    tenancy = Tenancy(web="SELECT, INSERT, DELETE", keyed=False)

    pk = models.CompositePrimaryKey("backtest_id", "event_id")
    backtest = TenantKey("ledger.BackTest", on_delete=models.CASCADE, related_name="events", db_index=False)
    event = TenantKey("ledger.LedgerEvent", on_delete=models.PROTECT, related_name="+", db_index=False)
    volume_before = models.BigIntegerField(default=0)
    volume_key = models.CharField(max_length=120, blank=True)
    volume_added = models.BigIntegerField(default=0)
    refusal = models.CharField(max_length=500, blank=True)
    places = ArrayField(models.BigIntegerField(), default=list)
    changes = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        verbose_name = "event of a back-test"
