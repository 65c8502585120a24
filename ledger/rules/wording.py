"""What changed between two sentences, word by word."""

from difflib import SequenceMatcher

Change = tuple[str, str]


def changes(before: str, after: str) -> list[Change]:
    """Return the words in order, as ("same" | "gone" | "new", words)."""
    old, new = before.split(), after.split()
    found: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", " ".join(old[a:b])))
            continue
        if a < b:
            found.append(("gone", " ".join(old[a:b])))
        if c < d:
            found.append(("new", " ".join(new[c:d])))
    return found
