"""How far an import of organizations is, and which part of it each step takes."""

from core.progress import Told

IMPORT_TOLD = Told("organization-import")
COMPARED, ADDED, RECORDED = 10, 70, 90
