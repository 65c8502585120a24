"""The worker's entry: messages are JSON only, tasks are thin shells over actions."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "network.settings")

app = Celery("caretree")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
