"""Codes of content that is made for an organization from somebody else's."""

from content.models import ContentItem


def free_code(organization_id: int, code: str) -> str:
    """The code itself, or with a number behind it, whichever the organization doesn't use yet."""
    rows = ContentItem.objects.filter(organization=organization_id, code__startswith=code[:36])
    used = set(rows.values_list("code", flat=True))
    return next(one for one in (code, *(f"{code[:36]}-{n}" for n in range(2, 999))) if one not in used)
