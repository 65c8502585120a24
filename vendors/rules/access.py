"""What limits one-time codes, beside the settings for how long links, codes and sessions of the portal live."""

from datetime import timedelta

CODE_DIGITS = 8
CODE_PAUSE = timedelta(seconds=30)  # between two codes of one link
CODES_AN_HOUR = 6
HOUR = timedelta(hours=1)
