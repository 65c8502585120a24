"""Entries of the console's navigation."""

from content.permissions import CONTENT_VIEW
from core.registries import NavItem, navigation

navigation.add(
    "content", NavItem("Enterprise", "Content", "clipboard-list", "content-list", CONTENT_VIEW, 15)
)
