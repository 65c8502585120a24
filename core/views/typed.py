"""What somebody had typed into a form that can't be shown again, so that it isn't lost."""

from __future__ import annotations

from django.http import QueryDict

_HIDDEN = ("_", "csrf")


def typed_into(post: QueryDict) -> dict[str, list[str]]:
    """The values by the name of their field, without passwords and what the form carried by itself."""
    typed = {
        name: [value for value in values if value]
        for name, values in post.lists()
        if name and not name.startswith(_HIDDEN) and not name.endswith("_FORMS") and "password" not in name
    }
    return {name: values for name, values in typed.items() if values}
