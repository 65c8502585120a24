"""What is asked of a vendor for a patient, and every step it took."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

from core.money import Money
from core.tenancy import Tenancy, TenantKey, TenantModel
from vendors.rules.transitions import CHOICES, DISCLOSED, DRAFT, ON_HOLD, OPEN, RUNNING, STATES
from vendors.rules.turnaround import Hours

#: What the portal reads of a request: nothing of the patient, no note, no sell price, nothing of staff.
TASK_COLUMNS = (
    "id",
    "network_id",
    "vendor_id",
    "organization_id",
    "number",
    "organization_name",
    "service_name",
    "vendor_code",
    "priority",
    "status",
    "buy_minor",
    "currency",
    "requested_at",
    "received_at",
    "accepted_at",
    "rejected_at",
    "started_at",
    "completed_at",
    "cancelled_at",
    "failed_at",
    "target_at",
    "due_at",
    "held_at",
    "held_for",
    "promised_at",
    "reason_code",
    "reason_text",
    "version",
)
#: What the portal writes of a request; a trigger holds it to the vendor's transitions.
ANSWER_COLUMNS = (
    "status",
    "received_at",
    "accepted_at",
    "rejected_at",
    "started_at",
    "completed_at",
    "cancelled_at",
    "failed_at",
    "due_at",
    "held_at",
    "held_for",
    "promised_at",
    "reason_code",
    "reason_text",
    "version",
)
_MINE = "vendor_id = (SELECT app.vendor_id())"
_DISCLOSED_SQL = ", ".join(f"'{state}'" for state in DISCLOSED)


class ServiceRequest(TenantModel):
    """One service asked of one vendor for one patient. Prices, names and target are copied when it is sent."""

    class Priority(models.TextChoices):
        ROUTINE = "routine", "Routine"
        URGENT = "urgent", "Urgent"
        STAT = "stat", "Immediate"

    class Channel(models.TextChoices):
        PORTAL = "portal", "Portal"

    tenancy = Tenancy(
        web="SELECT, INSERT, UPDATE",
        portal=f"SELECT ({', '.join(TASK_COLUMNS)}), UPDATE ({', '.join(ANSWER_COLUMNS)})",
        portal_rows=f"{_MINE} AND status <> 'draft'",
    )

    number = models.CharField(max_length=20)
    organization = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    vendor = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    patient = TenantKey("patients.Patient", on_delete=models.PROTECT, related_name="+", db_index=False)
    service = TenantKey("ledger.Service", on_delete=models.PROTECT, related_name="+", db_index=False)
    vendor_service = TenantKey(
        "vendors.VendorService", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    organization_name = models.CharField(max_length=200)
    service_name = models.CharField(max_length=200)
    vendor_code = models.CharField(max_length=40)
    buy_minor = models.BigIntegerField()
    sell_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    turnaround_minutes = models.PositiveIntegerField()
    priority = models.CharField(max_length=10, choices=Priority, default=Priority.ROUTINE)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.PORTAL)
    clinical_note = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=CHOICES, default=DRAFT)
    key = models.CharField(max_length=80, help_text="The idempotency key of the order.")
    created_at = models.DateTimeField(db_default=Now())
    requested_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    target_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="The target, later by the holds that are over.")
    escalated_at = models.DateTimeField(null=True, help_text="When people were told that it is overdue.")
    held_at = models.DateTimeField(null=True, help_text="Since when it is on hold.")
    held_for = models.DurationField(default=timedelta(0), db_default=timedelta(0))
    promised_at = models.DateTimeField(null=True)
    reason_code = models.CharField(max_length=40, blank=True)
    reason_text = models.CharField(max_length=500, blank=True)
    billed_at = models.DateTimeField(null=True)
    billed_minor = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "request"
        constraints = [
            models.UniqueConstraint(fields=["network", "number"], name="servicerequest_number_unique"),
            models.UniqueConstraint(fields=["network", "key"], name="servicerequest_key_unique"),
            models.CheckConstraint(condition=models.Q(status__in=STATES), name="servicerequest_status_known"),
            models.CheckConstraint(
                condition=models.Q(priority__in=["routine", "urgent", "stat"]),
                name="servicerequest_priority_known",
            ),
            models.CheckConstraint(condition=models.Q(channel="portal"), name="servicerequest_channel_known"),
            models.CheckConstraint(
                condition=models.Q(buy_minor__gte=0, sell_minor__gte=0), name="servicerequest_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "cancelled"])
                | models.Q(requested_at__isnull=False, target_at__isnull=False),
                name="servicerequest_sent_has_target",
            ),
            models.CheckConstraint(
                condition=models.Q(target_at=None, due_at=None)
                | models.Q(
                    due_at=models.ExpressionWrapper(
                        models.F("target_at") + models.F("held_for"), output_field=models.DateTimeField()
                    )
                ),
                name="servicerequest_due_after_holds",
            ),
            models.CheckConstraint(
                condition=models.Q(status=ON_HOLD, held_at__isnull=False)
                | ~models.Q(status=ON_HOLD) & models.Q(held_at=None),
                name="servicerequest_held_then",
            ),
            models.CheckConstraint(
                condition=models.Q(held_for__gte=timedelta(0)), name="servicerequest_held_for"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "-id"], name="servicerequest_newest"),
            models.Index(fields=["network", "vendor", "status", "due_at"], name="servicerequest_worklist"),
            models.Index(fields=["network", "organization", "-id"], name="servicerequest_organization"),
            models.Index(
                fields=["network", "due_at"],
                name="servicerequest_overdue",
                condition=models.Q(status__in=RUNNING, escalated_at=None),
            ),
            models.Index(fields=["network", "patient", "-id"], name="servicerequest_patient"),
            models.Index(fields=["network", "requested_at"], name="servicerequest_period"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def access_organization_id(self) -> int:
        """Staff hold their permissions over requests at the organization that ordered."""
        return self.organization_id

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def hours(self) -> Hours | None:
        """Its gross and its net clock; None before it was sent."""
        if self.requested_at is None or self.due_at is None:
            return None
        return Hours(self.requested_at, self.due_at, self.held_for, self.held_at, self.completed_at)

    @property
    def buy(self) -> Money:
        return Money(self.buy_minor, self.currency)

    @property
    def sell(self) -> Money:
        return Money(self.sell_minor, self.currency)

    @property
    def billed(self) -> Money | None:
        return None if self.billed_minor is None else Money(self.billed_minor, self.currency)


class RequestTransition(TenantModel):
    """One step of a request: from, to, who, when, why, and the key that makes a repeated click one step."""

    tenancy = Tenancy(
        web="SELECT, INSERT",
        portal="SELECT (id, network_id, vendor_id, request_id, to_status, at, key), INSERT",
        portal_rows=f"{_MINE} AND actor_kind = 'contact' AND actor_id = (SELECT app.contact_id())",
        keyed=False,
    )

    request = TenantKey(
        "vendors.ServiceRequest", on_delete=models.PROTECT, related_name="transitions", db_index=False
    )
    vendor = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    from_status = models.CharField(max_length=20)
    to_status = models.CharField(max_length=20)
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=200)
    reason_code = models.CharField(max_length=40, blank=True)
    reason_text = models.CharField(max_length=500, blank=True)
    key = models.CharField(max_length=80)

    class Meta:
        verbose_name = "transition"
        constraints = [
            models.UniqueConstraint(
                fields=["network", "request", "key"], name="requesttransition_key_unique"
            ),
        ]
        indexes = [models.Index(fields=["network", "vendor"], name="requesttransition_vendor")]


class TaskPatient(TenantModel):
    """The minimum of a patient that the vendor sees: the portal role can't read patients, so it is copied on acceptance.

    A trigger refuses the row unless the request was accepted, and the policy shows it only while the request
    stands accepted, being worked on, or completed.
    """

    tenancy = Tenancy(
        web="SELECT, INSERT",
        portal="SELECT",
        portal_rows=f"{_MINE} AND EXISTS (SELECT 1 FROM vendors_servicerequest r"  # noqa: S608 - constants
        f" WHERE r.network_id = vendors_taskpatient.network_id AND r.id = vendors_taskpatient.request_id"
        f" AND r.status IN ({_DISCLOSED_SQL}))",
        keyed=False,
    )

    request = TenantKey("vendors.ServiceRequest", on_delete=models.PROTECT, related_name="+", db_index=False)
    vendor = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=201)
    birth_date = models.DateField(null=True, help_text="Empty where vendors don't see it.")
    gender = models.CharField(max_length=10, blank=True)
    clinical_note = models.TextField(blank=True)
    disclosed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "patient of a task"
        constraints = [
            models.UniqueConstraint(fields=["network", "request"], name="taskpatient_request_unique")
        ]
        indexes = [models.Index(fields=["network", "vendor"], name="taskpatient_vendor")]
