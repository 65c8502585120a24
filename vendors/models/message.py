"""What the network and a vendor say to one another about a request."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantKey, TenantModel

_ANSWER = "answer, answer_text, answered_at, answered_by"


class RequestMessage(TenantModel):
    """One message; or something that the other side has to answer: a question, another time, a cancellation.

    Messages are never changed; an answer is given once (`app.check_request_message` in sql/0004_conversation.up.sql).
    """

    class Side(models.TextChoices):
        STAFF = "staff", "The network"
        VENDOR = "vendor", "The vendor"

    class Kind(models.TextChoices):
        MESSAGE = "message", "Message"
        QUESTION = "question", "Question"
        PROPOSAL = "proposal", "Another time proposed"
        CANCELLATION = "cancellation", "Cancellation asked for"

    class Answer(models.TextChoices):
        ANSWERED = "answered", "Answered"
        AGREED = "agreed", "Agreed"
        DECLINED = "declined", "Declined"

    tenancy = Tenancy(
        web=f"SELECT, INSERT, UPDATE ({_ANSWER})",
        portal=f"SELECT, INSERT, UPDATE ({_ANSWER})",
        portal_rows="vendor_id = (SELECT app.vendor_id())",
        keyed=False,
    )

    request = TenantKey(
        "vendors.ServiceRequest", on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    vendor = TenantKey("orgs.Organization", on_delete=models.PROTECT, related_name="+", db_index=False)
    side = models.CharField(max_length=6, choices=Side)
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.TextField(blank=True, max_length=2000)
    reason_code = models.CharField(max_length=40, blank=True, help_text="Why it should be cancelled.")
    proposed_at = models.DateTimeField(null=True, help_text="The time that is proposed.")
    author_id = models.BigIntegerField(null=True)
    author_label = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())
    key = models.CharField(max_length=80, help_text="The idempotency key of the message.")
    answer = models.CharField(max_length=8, blank=True, choices=Answer)
    answer_text = models.TextField(blank=True, max_length=2000)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "message"
        constraints = [
            models.UniqueConstraint(fields=["network", "request", "key"], name="requestmessage_key_unique"),
            models.UniqueConstraint(
                fields=["network", "request", "side", "kind"],
                condition=models.Q(answered_at=None) & ~models.Q(kind="message"),
                name="requestmessage_one_waits",
            ),
            models.CheckConstraint(
                condition=models.Q(side__in=["staff", "vendor"]), name="requestmessage_side_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["message", "question", "proposal", "cancellation"]),
                name="requestmessage_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None)
                | models.Q(answer__in=["answered", "agreed", "declined"]),
                name="requestmessage_answer_known",
            ),
            models.CheckConstraint(
                condition=models.Q(side="vendor", kind__in=["message", "question", "proposal"])
                | models.Q(side="staff", kind__in=["message", "question", "cancellation"]),
                name="requestmessage_who_asks_what",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="proposal", proposed_at__isnull=False)
                | ~models.Q(kind="proposal") & models.Q(proposed_at=None),
                name="requestmessage_proposes_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="cancellation") & ~models.Q(reason_code="")
                | ~models.Q(kind="cancellation") & models.Q(reason_code=""),
                name="requestmessage_cancels_why",
            ),
            models.CheckConstraint(
                condition=~models.Q(text="") | models.Q(kind__in=["proposal", "cancellation"]),
                name="requestmessage_says_something",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answer="", answer_text="", answered_by="")
                | models.Q(answered_at__isnull=False, kind="question", answer="answered")
                & ~models.Q(answer_text="")
                | models.Q(
                    answered_at__isnull=False,
                    kind__in=["proposal", "cancellation"],
                    answer__in=["agreed", "declined"],
                ),
                name="requestmessage_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "request", "id"], name="requestmessage_request"),
            models.Index(fields=["network", "vendor"], name="requestmessage_vendor"),
        ]

    @property
    def waits(self) -> bool:
        """Does the other side have to answer it?"""
        return self.kind != self.Kind.MESSAGE and self.answered_at is None
