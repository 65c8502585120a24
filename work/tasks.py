"""Thin shells that the beat starts."""

from celery import shared_task

from work.actions.mail import send_due_mail
from work.actions.relay import relay_due_events


@shared_task(acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def relay() -> int:
    return relay_due_events() + send_due_mail()
