"""What branding is made of. Pure functions."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

#: The accents that static/css/accents.css knows.
ACCENTS = {
    "teal": "Teal",
    "blue": "Blue",
    "indigo": "Indigo",
    "violet": "Violet",
    "plum": "Plum",
    "green": "Green",
    "ochre": "Ochre",
    "graphite": "Graphite",
}


def email_address(text: str) -> str:
    """An e-mail address; ValueError otherwise."""
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError(f"“{text}” is no e-mail address, such as help@clinic.example.") from None
    return text


#: The same for mail, on light and on dark ground: mail programs know neither style sheets of ours nor oklch().
ON_PAPER = {
    "teal": ("#00696e", "#5ecbcb"),
    "blue": ("#1e5ba1", "#85bcf5"),
    "indigo": ("#444cb2", "#a4b3f8"),
    "violet": ("#6742a2", "#c0a7f8"),
    "plum": ("#8b3473", "#eb98cf"),
    "green": ("#256b3a", "#76cf8a"),
    "ochre": ("#7c500f", "#e4ac59"),
    "graphite": ("#4d5d6b", "#abb9c7"),
}
