"""Content to start with: charting templates by specialty and questionnaires, written for Caretree."""

from content.starter.questionnaires import QUESTIONNAIRES
from content.starter.read import Starter
from content.starter.templates import TEMPLATES

STARTERS: tuple[Starter, ...] = (*TEMPLATES, *QUESTIONNAIRES)

__all__ = ["STARTERS", "Starter"]
