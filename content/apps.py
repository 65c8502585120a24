"""Charting templates and questionnaires: versioned, shared down the tree, filled by apps above."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "content"
    verbose_name = "Content"

    def ready(self) -> None:
        from content import content_parts, nav, permissions, refusals, verbs  # noqa: F401  (they register themselves)
        from content.rules import settings  # noqa: F401  (it declares what is asked)
