"""How one version differs from another."""

from __future__ import annotations

from dataclasses import dataclass

from content.rules.body import Body, items_of

WORDS = {
    "text": "question",
    "type": "type",
    "required": "whether it is required",
    "help": "help",
    "answerOption": "options",
    "enableWhen": "when it is shown",
    "enableBehavior": "when it is shown",
    "unit": "unit",
    "min": "least",
    "max": "most",
    "decimals": "decimals",
    "minLabel": "labels",
    "maxLabel": "labels",
    "method": "how it is counted",
    "of": "what is counted",
    "bands": "bands",
    "accept": "kinds of files",
    "duration": "how long",
    "content": "which form",
    "service": "which service",
    "with": "with whom",
    "day": "day",
    "every": "how often",
}


@dataclass(frozen=True)
class Difference:
    """One item that was added, removed, changed or moved; `what` names what changed."""

    kind: str
    text: str
    what: str = ""


def differences(old: Body, new: Body) -> list[Difference]:
    """From one body to another: what was removed, then what was added, changed or moved, in the new order."""
    before = {item["linkId"]: item for item in items_of(old)}
    after = {item["linkId"]: item for item in items_of(new)}
    found = [Difference("removed", item["text"]) for key, item in before.items() if key not in after]
    stayed = [key for key in before if key in after]
    now = [key for key in after if key in before]
    moved = set(now) - _longest_in_order(stayed, now)
    for key, item in after.items():
        if key not in before:
            found.append(Difference("added", item["text"]))
        elif item != before[key]:
            keys = {k for k in {*item, *before[key]} if item.get(k) != before[key].get(k)}
            words = sorted({WORDS.get(k, k) for k in keys})
            found.append(Difference("changed", item["text"], ", ".join(words)))
        elif key in moved:
            found.append(Difference("moved", item["text"]))
    return found


def _longest_in_order(old: list[str], new: list[str]) -> set[str]:
    """The most items that stand in the same order in both."""
    place = {key: number for number, key in enumerate(old)}
    best: list[tuple[int, int]] = []  # length and predecessor of the longest run that ends at each
    for i, key in enumerate(new):
        runs = [(best[j][0], j) for j in range(i) if place[new[j]] < place[key]]
        length, before = max(runs, default=(0, -1))
        best.append((length + 1, before))
    at = max(range(len(new)), key=lambda i: best[i][0], default=-1)
    kept = set()
    while at >= 0:
        kept.add(new[at])
        at = best[at][1]
    return kept
