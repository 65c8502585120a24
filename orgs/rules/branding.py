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
