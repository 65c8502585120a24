"""How long links, codes and sessions of the portal live."""

from datetime import timedelta

LINK_LIFE = timedelta(days=14)
CODE_LIFE = timedelta(minutes=10)
CODE_DIGITS = 8
CODE_TRIES = 5
CODE_PAUSE = timedelta(seconds=30)  # between two codes of one link
CODES_AN_HOUR = 6
SESSION_IDLE = timedelta(minutes=15)
SESSION_LIFE = timedelta(hours=8)
HOUR = timedelta(hours=1)
