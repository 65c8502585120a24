"""Users and their sign-in."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "People"

    def ready(self) -> None:
        from core.ports import socket
        from people import permissions, refusals, verbs  # noqa: F401  (they register themselves)
        from people.queries.saved_view import SavedViews

        socket.views = SavedViews()
