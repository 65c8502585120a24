"""Transactional rules: who pays whom, how much, and how it is shown."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel, VersionedModel
from ledger.models.posted import PostedModel


class Rule(TenantModel):
    """A rule's name; what it says is in its versions."""

    tenancy = Tenancy(web="SELECT, INSERT")

    code = models.CharField(max_length=60)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "rule"
        constraints = [models.UniqueConstraint(fields=["network", "code"], name="rule_code_unique")]

    def __str__(self) -> str:
        return self.code

    @property
    def access_organization_id(self) -> None:
        """Rules belong to the whole network."""


class RuleVersion(TenantModel, VersionedModel):
    """What a rule says from `starts_on` to `ends_on`.

    A draft may be edited and deleted. Once active it never changes but for its end (a trigger in
    sql/0002_guards.up.sql), and it is activated by somebody else than its author.
    """

    class Event(models.TextChoices):
        SALE = "sale", "Sale"
        REDEMPTION = "redemption", "Redemption"
        CHARGE = "charge", "Charge"
        SERVICE_REQUEST = "service_request", "Service request"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    rule = TenantKey("ledger.Rule", on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    event = models.CharField(max_length=20, choices=Event)
    when = models.JSONField(default=dict, blank=True)
    outcome = models.JSONField(default=dict, blank=True)
    priority = models.IntegerField(default=0)
    starts_on = models.DateField(
        null=True, blank=True, help_text="The first effective date; empty: always before."
    )
    ends_on = models.DateField(null=True, blank=True, help_text="The last effective date.")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    sentence = models.TextField(blank=True, help_text="What the rule says, in plain words.")
    examples = models.TextField(
        blank=True,
        default="",
        help_text="Worked examples: scenarios without this rule, one YAML document each.",
    )
    author_id = models.BigIntegerField(null=True)
    activated_by_id = models.BigIntegerField(null=True)
    activated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "rule version"
        constraints = [
            models.UniqueConstraint(fields=["network", "rule", "number"], name="ruleversion_number_unique"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="ruleversion_number"),
            models.CheckConstraint(
                condition=models.Q(event__in=["sale", "redemption", "charge", "service_request"]),
                name="ruleversion_event_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "active", "ended"]), name="ruleversion_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft", activated_at__isnull=True)
                | (~models.Q(status="draft") & models.Q(activated_at__isnull=False)),
                name="ruleversion_activated",
            ),
            models.CheckConstraint(
                condition=models.Q(activated_by_id__isnull=True)
                | models.Q(author_id__isnull=True)
                | ~models.Q(activated_by_id=models.F("author_id")),
                name="ruleversion_four_eyes",
            ),
        ]
        indexes = [models.Index(fields=["network", "status", "event"], name="ruleversion_in_force")]

    def __str__(self) -> str:
        return f"{self.rule.code} version {self.number}"

    @property
    def access_organization_id(self) -> None:
        """Rules belong to the whole network."""


class RuleVolume(PostedModel):
    """What a rule with tiers has answered at one organization in one month: the sum of `inputs.volume` of its events.

    A trigger on the events keeps it (sql/0021_rule_guards.up.sql). `counted` says what is counted: units, or amounts on a
    basis in a currency; a version that counts something else begins at zero.
    """

    tenancy = Tenancy(web="SELECT", poster="SELECT, INSERT, UPDATE", keyed=False)

    pk = models.CompositePrimaryKey("rule_id", "organization_id", "counted", "month")
    rule = TenantKey("ledger.Rule", on_delete=models.PROTECT, related_name="volumes", db_index=False)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    counted = models.CharField(max_length=40)
    month = models.DateField()
    volume = models.BigIntegerField()

    class Meta:
        verbose_name = "rule volume"
