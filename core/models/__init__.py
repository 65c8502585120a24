"""The tenant tables that everything points to."""

from core.models.enterprise import Enterprise
from core.models.network import Network

__all__ = ["Enterprise", "Network"]
