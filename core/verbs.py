"""What an audit verb means in words: each app declares those of its actions, in its `verbs.py`."""

from __future__ import annotations

_WORDS: dict[str, str] = {}


def declare_verbs(words: dict[str, str]) -> None:
    """Say in words what was done, by verb: `{"organization.moved": "Organization moved"}`."""
    for verb, said in words.items():
        if _WORDS.setdefault(verb, said) != said:
            raise ValueError(f"The verb {verb} has words already: {_WORDS[verb]!r}.")


def in_words(verb: str) -> str:
    """What was done; the verb itself of an action that is no more."""
    return _WORDS.get(verb, verb)


def verbs_like(typed: str) -> list[str]:
    """The verbs in whose words something stands."""
    wanted = typed.casefold()
    return [verb for verb, said in _WORDS.items() if wanted in said.casefold()]
