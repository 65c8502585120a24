"""Content to start with: charting templates by specialty, questionnaires and programs, written for Caretree."""

from content.starter.programs import PROGRAMS
from content.starter.questionnaires import QUESTIONNAIRES
from content.starter.read import Starter
from content.starter.templates import TEMPLATES

STARTERS: tuple[Starter, ...] = (*TEMPLATES, *QUESTIONNAIRES, *PROGRAMS)

__all__ = ["STARTERS", "Starter"]
