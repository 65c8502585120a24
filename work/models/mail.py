"""Mail waiting to be sent, with what is attached to it; both are deleted once the message has left."""

from django.db import models
from django.db.models.functions import Now

from core.tenancy import Tenancy, TenantModel


class Mail(models.Model):
    """One message to one address."""

    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    html = models.TextField(
        blank=True, db_default="", help_text="The body drawn; empty: it goes as text alone."
    )
    network_id = models.BigIntegerField(null=True, help_text="Whose logo and attachments it has.")
    logo_id = models.BigIntegerField(null=True, help_text="The network's stored file.")
    sender = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    failure = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(logo_id=None) | models.Q(network_id__isnull=False),
                name="mail_logo_of_a_network",
            )
        ]
        indexes = [models.Index(fields=["next_try_at", "id"], name="mail_due")]


class MailAttachment(TenantModel):
    """A file that goes with a message: under row-level security, as its message is not, and deleted with it."""

    tenancy = Tenancy(web="SELECT, INSERT, DELETE", keyed=False)

    #: Deleted by hand: Django would look for attachments of every message, and those of no network have no binding.
    mail = models.ForeignKey(Mail, models.DO_NOTHING, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()

    class Meta:
        verbose_name = "attachment"
