"""What an organization changes of a form that is linked to it, kept apart from the form itself.

An overlay is `{"hidden": {linkId: text}, "changed": {linkId: {"was": text, "now": {key: value}}}, "added": [item, …]}`:
shared questions that aren't asked here, those that are asked in other words, and questions of the organization's own
behind the shared ones. It is laid over each version of the form; what no longer fits is named, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from content.rules.body import (
    MOST_ITEMS,
    Body,
    Item,
    Problem,
    fresh_link_id,
    item_problems,
    items_of,
    section_of,
)

Overlay = dict[str, Any]
#: What of a shared question may be put differently; None takes it away.
REWORDED = ("text", "help", "required")
NOTHING: Overlay = {"hidden": {}, "changed": {}, "added": []}


@dataclass(frozen=True)
class Misfit:
    """One change of an overlay that a version of the form doesn't take as it is: of which item, and what became of it."""

    text: str
    what: str


@dataclass(frozen=True)
class Laid:
    """A form with an overlay on it, and what of the overlay doesn't fit."""

    body: Body
    misfits: list[Misfit]


def overlay_of(shared: Body, local: Body) -> Overlay:
    """What makes the local body of the shared one; `overlay_problems` says whether it is one that may be."""
    theirs = {item["linkId"]: item for item in items_of(shared)}
    ours = {item["linkId"]: item for item in items_of(local)}
    changed = {
        key: {"was": theirs[key]["text"], "now": now}
        for key, item in ours.items()
        if key in theirs
        and (now := {one: item.get(one) for one in REWORDED if item.get(one) != theirs[key].get(one)})
    }
    return {
        "hidden": {key: item["text"] for key, item in theirs.items() if key not in ours},
        "changed": changed,
        "added": deepcopy([item for key, item in ours.items() if key not in theirs]),
    }


def overlay_problems(shared: Body, local: Body, *, adapts: bool) -> list[Problem]:
    """Why a body that is right by itself is no local form of the shared one. Unless it `adapts`, it only adds."""
    return list(_overlay_problems(items_of(shared), items_of(local), adapts=adapts))


def _overlay_problems(shared: list[Item], local: list[Item], *, adapts: bool) -> Iterator[Problem]:
    theirs = {item["linkId"]: item for item in shared}
    ours = {item["linkId"]: item for item in local}
    own = [item for item in local if item["linkId"] not in theirs]
    if own and local[-len(own) :] != own:
        yield Problem(own[0]["linkId"], "", "Your own questions stand behind the shared ones. Move it down.")
    elif own and own[0]["type"] != "group":
        yield Problem(own[0]["linkId"], "", "Your own questions begin with a section. Put one before it.")
    kept = [item for item in shared if item["linkId"] in ours]
    if [item["linkId"] for item in local if item["linkId"] in theirs] != [item["linkId"] for item in kept]:
        yield Problem("", "", "The shared questions stay in their order. Only your own can be moved.")
    sections = section_of(shared)
    for item in kept:
        now = ours[item["linkId"]]
        for key in sorted({*item, *now}):
            if item.get(key) != now.get(key) and (key not in REWORDED or not adapts):
                says = "wording, help and whether it is required" if adapts else "questions of your own"
                yield Problem(item["linkId"], key, f"Of a shared form, only {says} can be yours.")
        section = sections.get(item["linkId"])
        if section is not None and section["linkId"] not in ours:
            says = f"“{section['text'][:60]}” is hidden and holds it. Hide it, too, and before its section."
            yield Problem(item["linkId"], "", says)
    if len(kept) < len(shared) and not adapts:
        yield Problem(
            "", "", "Of a shared form, nothing can be hidden here; only questions of your own can be added."
        )


def laid_over(shared: Body, overlay: Overlay) -> Laid:
    """A version of the shared form as the overlay changes it; always a right body, whatever the version became."""
    misfits: list[Misfit] = []
    theirs = items_of(shared)
    ids = {item["linkId"] for item in theirs}
    hidden = _hidden(theirs, overlay["hidden"], misfits)
    items = []
    for item in theirs:
        if item["linkId"] not in hidden:
            now = overlay["changed"].get(item["linkId"], {"now": {}})["now"]
            fits = {
                key: value
                for key, value in now.items()
                if key != "required" or item["type"] not in ("group", "score")
            }
            said = {key: value for key, value in {**item, **fits}.items() if value is not None}
            items.append(said)
    for key, change in overlay["changed"].items():
        if key not in ids:
            misfits.append(Misfit(change["was"], "is asked no longer; your wording of it has no place"))
    _add(items, ids, overlay["added"], misfits)
    return Laid(deepcopy({"items": items}), misfits)


def _hidden(items: list[Item], wanted: Mapping[str, str], misfits: list[Misfit]) -> set[str]:
    """Which of the wanted items can be hidden: those that no shown item needs."""
    there = {item["linkId"]: item for item in items}
    misfits += [
        Misfit(text, "is asked no longer; there is nothing to hide")
        for key, text in wanted.items()
        if key not in there
    ]
    hidden = {key for key in wanted if key in there}
    sections = section_of(items)
    for item in reversed(items):  # an item needs only what stands before it
        if item["linkId"] in hidden:
            continue
        for key in _needs(item, sections):
            if key in hidden:
                hidden.discard(key)
                misfits.append(Misfit(there[key]["text"], f"is shown again: “{item['text']}” needs it"))
    return hidden


def _needs(item: Item, sections: Mapping[str, Item]) -> list[str]:
    """The items without which an item can't be asked."""
    section = sections.get(item["linkId"])
    own = [section["linkId"]] if section else []
    return [*own, *(one["question"] for one in item.get("enableWhen", [])), *item.get("of", [])]


def _add(items: list[Item], taken: set[str], added: list[Item], misfits: list[Misfit]) -> None:
    """Put the organization's own items behind the others, as far as they fit."""
    names: dict[str, str] = {}
    for own in deepcopy(added):
        link_id = own["linkId"]
        if link_id in taken:
            names[link_id] = fresh_link_id({"items": [*items, *({"linkId": one} for one in taken)]}, link_id)
            own["linkId"] = names[link_id]
        for condition in own.get("enableWhen", []):
            condition["question"] = names.get(condition["question"], condition["question"])
        if "of" in own:
            own["of"] = [names.get(one, one) for one in own["of"]]
        before = {item["linkId"]: item for item in items}
        wrong = item_problems(own, before)
        if wrong:
            own = {key: value for key, value in own.items() if key not in ("enableWhen", "enableBehavior")}
            if "of" in own:
                own["of"] = [one for one in own["of"] if not item_problems(own | {"of": [one]}, before)]
        if item_problems(own, before) or len(items) == MOST_ITEMS:
            misfits.append(Misfit(own["text"], "is left out: what it counts or its place is gone"))
            continue
        if wrong:
            misfits.append(Misfit(own["text"], f"is asked without its condition: {wrong[0].message}"))
        items.append(own)
        taken.add(own["linkId"])


def in_words(overlay: Overlay) -> str:
    """How much an overlay changes: "2 local questions, 1 hidden"; '' when nothing."""
    asked = sum(item["type"] != "group" for item in overlay["added"])
    counts = (
        (asked, "local question" if asked == 1 else "local questions"),
        (len(overlay["hidden"]), "hidden"),
        (len(overlay["changed"]), "reworded"),
    )
    return ", ".join(f"{count} {word}" for count, word in counts if count)
