"""The tables of this app."""

from content.models.item import ContentItem
from content.models.share import ContentShare
from content.models.version import ContentVersion

__all__ = ["ContentItem", "ContentShare", "ContentVersion"]
