"""Work that happens after the request: outbox, relay, mail, stored files."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "work"
    verbose_name = "Work"

    def ready(self) -> None:
        from core.ports import socket
        from work.outbox import Outbox

        socket.outbox = Outbox()
