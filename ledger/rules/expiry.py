"""When to say that something expires soon."""

from datetime import date


def expiry_notice(expires_on: date | None, today: date, within_days: int) -> str:
    """ "expires in 12 days" on the last `within_days` days before the last day, and on it; '' otherwise."""
    if expires_on is None or not within_days or not 0 <= (expires_on - today).days <= within_days:
        return ""
    days = (expires_on - today).days
    if days == 0:
        return "expires today"
    return "expires tomorrow" if days == 1 else f"expires in {days} days"
