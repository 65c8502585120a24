"""Forms as FHIR R4 Questionnaires, and back. What has no match is said, by its linkId.

A section is a group. What FHIR has no word of its own for is written as the guides do: help and the labels of a scale as
display items, bounds and units as extensions. A score has an extension of Caretree's and is calculated by others not at
all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from content.rules.body import COUNTED, Body, Item, fresh_link_id, items_of, number_of
from core.errors import Refused
from core.files import KINDS

Json = dict[str, Any]
HL7 = "http://hl7.org/fhir/StructureDefinition/"
UNIT, LEAST, MOST = f"{HL7}questionnaire-unit", f"{HL7}minValue", f"{HL7}maxValue"
PLACES, CONTROL, MIME = f"{HL7}maxDecimalPlaces", f"{HL7}questionnaire-itemControl", f"{HL7}mimeType"
CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
SCORE = "urn:caretree:questionnaire-score"
#: What stands in display items below a question: key -> the end of its linkId and its control.
DISPLAYED = {"help": "help", "minLabel": "lower", "maxLabel": "upper"}
TYPES = {"string": "string", "text": "text", "date": "date", "attachment": "attachment", "group": "group"}
STATUSES = {"draft": "draft", "published": "active"}
MOST_DEEP = 20


@dataclass(frozen=True)
class About:
    """What a Questionnaire says of itself."""

    code: str
    name: str
    description: str
    number: int
    state: str


def questionnaire_of(about: About, body: Body) -> Json:
    """A version of a form as a Questionnaire."""
    known = {item["linkId"]: item for item in items_of(body)}
    top: list[Json] = []
    section = top
    for item in items_of(body):
        made = _item(item, known)
        if item["type"] == "group":
            top.append(made)
            section = made.setdefault("item", [])
        else:
            section.append(made)
    for one in top:
        if one["type"] == "group" and not one["item"]:
            del one["item"]
    said = {"description": about.description} if about.description else {}
    return {
        "resourceType": "Questionnaire",
        "identifier": [{"system": "urn:caretree:content", "value": about.code}],
        "version": str(about.number),
        "title": about.name,
        "status": STATUSES[about.state],
        "subjectType": ["Patient"],
        **said,
        "item": top,
    }


def _item(item: Item, known: Mapping[str, Item]) -> Json:
    kind = item["type"]
    found: Json = {"linkId": item["linkId"], "text": item["text"], "type": _type(item)}
    extensions = list(_extensions(item))
    if extensions:
        found["extension"] = extensions
    if item.get("enableWhen"):
        found["enableWhen"] = [_condition(one, known[one["question"]]) for one in item["enableWhen"]]
        found["enableBehavior"] = item.get("enableBehavior", "all")
    if item.get("required"):
        found["required"] = True
    if kind == "score":
        found["readOnly"] = True
    if kind == "multichoice":
        found["repeats"] = True
    if "answerOption" in item:
        found["answerOption"] = [{"valueString": one} for one in item["answerOption"]]
    shown = [_display(item, key, end) for key, end in DISPLAYED.items() if item.get(key)]
    if shown:
        found["item"] = shown
    return found


def _type(item: Item) -> str:
    if item["type"] == "decimal":
        if item.get("unit"):
            return "quantity"
        return "decimal" if item.get("decimals") else "integer"
    return TYPES.get(item["type"]) or {"scale": "integer", "score": "decimal"}.get(item["type"], "choice")


def _extensions(item: Item) -> Iterator[Json]:
    kind = item["type"]
    if kind == "scale":
        yield {"url": CONTROL, "valueCodeableConcept": _coded("slider")}
    if kind in COUNTED:
        for key, url in (("min", LEAST), ("max", MOST)):
            if item.get(key) is not None:
                value = number_of(item[key])
                assert value is not None
                whole = value == value.to_integral_value() and "." not in str(item[key])
                yield {
                    "url": url,
                    **({"valueInteger": int(value)} if whole else {"valueDecimal": float(value)}),
                }
    if item.get("unit"):
        yield {"url": UNIT, "valueCoding": {"display": item["unit"]}}
    if kind == "decimal" and _type(item) != "integer":
        yield {"url": PLACES, "valueInteger": item.get("decimals", 0)}
    for mime in item.get("accept", []):
        yield {"url": MIME, "valueCode": mime}
    if kind == "score":
        bands = [
            {
                "url": "band",
                "extension": [
                    {"url": "from", "valueString": str(band["from"])},
                    {"url": "label", "valueString": band["label"]},
                ],
            }
            for band in item.get("bands", [])
        ]
        of = [{"url": "of", "valueString": one} for one in item["of"]]
        yield {"url": SCORE, "extension": [{"url": "method", "valueCode": item["method"]}, *of, *bands]}


def _coded(control: str) -> Json:
    return {"coding": [{"system": CONTROLS, "code": control}]}


def _display(item: Item, key: str, end: str) -> Json:
    control = {"url": CONTROL, "valueCodeableConcept": _coded(end)}
    link_id = f"{item['linkId']}_{end}"
    return {"linkId": link_id, "text": item[key], "type": "display", "extension": [control]}


def _condition(condition: Mapping[str, str], asked: Item) -> Json:
    found: Json = {"question": condition["question"], "operator": condition["operator"]}
    if condition["operator"] == "exists":
        return found | {"answerBoolean": True}
    text, kind = condition["answer"], _type(asked)
    value = number_of(text) if asked["type"] in COUNTED else None
    if value is None:
        return found | {"answerDate" if kind == "date" else "answerString": text}
    number = int(value) if "." not in text and "," not in text else float(value)
    if kind == "quantity":
        return found | {"answerQuantity": {"value": number, "unit": asked["unit"]}}
    return found | (
        {"answerInteger": number}
        if isinstance(number, int) and kind == "integer"
        else {"answerDecimal": number}
    )


@dataclass
class Read:
    """A form that was read, and what of the Questionnaire has no match here, each by its linkId."""

    body: Body = field(default_factory=lambda: {"items": []})
    unmatched: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def say(self, link_id: Any, what: str) -> None:
        self.unmatched.append(f"{str(link_id)[:60]}: {what}")


def read_questionnaire(data: Any) -> Read:
    """The form that a Questionnaire is; refuses what is none. Whether it may be filled, `problems_of` says."""
    if not isinstance(data, dict) or data.get("resourceType") != "Questionnaire":
        raise Refused(
            "invalid", "This is no FHIR Questionnaire: its resourceType says something else.", field="file"
        )
    read = Read()
    _read_items(read, _rows(data.get("item")), depth=0)
    return read


def _rows(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _read_items(read: Read, rows: list[Json], *, depth: int) -> None:
    sectioned = False
    for row in rows:
        link_id = row.get("linkId")
        if not isinstance(link_id, str) or not isinstance(row.get("text"), str):
            read.say(link_id, "an item needs a linkId and a text; it is left out with what is below it.")
            continue
        if row.get("type") == "group":
            if depth:
                read.say(
                    link_id, "a section within a section has no match; it is left out with what is below it."
                )
                continue
            sectioned = True
        elif sectioned and not depth:
            read.say(link_id, "a question behind a section would become part of it; it is left out.")
            continue
        item = _read_item(read, row)
        if item is None:
            continue
        items_of(read.body).append(item)
        below = [one for one in _rows(row.get("item")) if one.get("type") != "display"]
        if row["type"] == "group":
            _read_items(read, below, depth=depth + 1)
        elif below:
            read.say(link_id, "questions below a question have no match; they are left out.")


def _read_item(read: Read, row: Json) -> Item | None:
    link_id, extensions = row["linkId"], _rows(row.get("extension"))
    score = next((one for one in extensions if one.get("url") == SCORE), None)
    maker = _READ.get(str(row.get("type"))) if score is None else _read_score
    if maker is None:
        read.say(link_id, f"the type “{str(row.get('type'))[:30]}” has no match; it is left out.")
        return None
    ours = link_id if _is_ours(read, link_id) else fresh_link_id(read.body, link_id)
    own = maker(read, row, {str(one.get("url")): one for one in extensions})
    if own is None:
        return None
    read.names[link_id] = ours
    item: Item = {"linkId": ours, "text": row["text"]} | own
    for one in _rows(row.get("item")):
        key = _shown_as(one)
        if key and isinstance(one.get("text"), str):
            item[key] = one["text"]
        elif one.get("type") == "display":
            read.say(one.get("linkId"), "a text for display has no match; it is left out.")
    if row.get("required") is True and item["type"] not in ("group", "score"):
        item["required"] = True
    _read_conditions(read, row, item)
    return item


def _is_ours(read: Read, link_id: str) -> bool:
    return fresh_link_id(read.body, link_id) == link_id and len(link_id) <= 36


def _shown_as(row: Json) -> str:
    codes = [
        coding.get("code")
        for extension in _rows(row.get("extension"))
        if extension.get("url") == CONTROL
        for coding in _rows((extension.get("valueCodeableConcept") or {}).get("coding"))
    ]
    return (
        next((key for key, end in DISPLAYED.items() if end in codes), "")
        if row.get("type") == "display"
        else ""
    )


def _value(extension: Mapping[str, Any] | None, *keys: str) -> Any:
    return next((extension[key] for key in keys if key in extension), None) if extension else None


def _plain(kind: str) -> Callable[[Read, Json, Mapping[str, Json]], Item | None]:
    return lambda read, row, extensions: {"type": kind}


def _read_number(read: Read, row: Json, extensions: Mapping[str, Json]) -> Item | None:
    bounds = {
        key: _value(extensions.get(url), "valueInteger", "valueDecimal")
        for key, url in (("min", LEAST), ("max", MOST))
    }
    control = (extensions.get(CONTROL) or {}).get("valueCodeableConcept") or {}
    codes = [one.get("code") for one in _rows(control.get("coding"))] if isinstance(control, dict) else []
    if row["type"] == "integer" and "slider" in codes:
        return {"type": "scale"} | {key: value for key, value in bounds.items() if value is not None}
    item: Item = {"type": "decimal"} | {key: str(value) for key, value in bounds.items() if value is not None}
    places = _value(extensions.get(PLACES), "valueInteger")
    item["decimals"] = 0 if row["type"] == "integer" else 2 if places is None else places
    unit = _value(extensions.get(UNIT), "valueCoding")
    if isinstance(unit, dict):
        item["unit"] = str(unit.get("display") or unit.get("code") or "")
    return item


def _read_choice(read: Read, row: Json, extensions: Mapping[str, Json]) -> Item | None:
    options = [_option(one) for one in _rows(row.get("answerOption"))]
    if not options or None in options:
        read.say(row["linkId"], "its options are no texts or stand elsewhere; it is left out.")
        return None
    return {"type": "multichoice" if row.get("repeats") is True else "choice", "answerOption": options}


def _option(option: Json) -> str | None:
    value = option.get("valueString", option.get("valueInteger"))
    if isinstance(option.get("valueCoding"), dict):
        value = option["valueCoding"].get("display") or option["valueCoding"].get("code")
    return None if value is None else str(value)


def _read_boolean(read: Read, row: Json, extensions: Mapping[str, Json]) -> Item | None:
    return {"type": "choice", "answerOption": ["Yes", "No"]}


def _read_file(read: Read, row: Json, extensions: Mapping[str, Json]) -> Item | None:
    named = [one.get("valueCode") for one in _rows(row.get("extension")) if one.get("url") == MIME]
    accepted = [one for one in named if one in KINDS]
    if named and len(accepted) < len(named):
        read.say(row["linkId"], "some of its kinds of files are not taken here; they are left out.")
    return {"type": "attachment", "accept": accepted or list(KINDS)}


def _read_score(read: Read, row: Json, extensions: Mapping[str, Json]) -> Item | None:
    parts = _rows(extensions[SCORE].get("extension"))
    bands = [
        {str(one.get("url")): one.get("valueString") for one in _rows(part.get("extension"))}
        for part in parts
        if part.get("url") == "band"
    ]
    of = [str(one.get("valueString")) for one in parts if one.get("url") == "of"]
    item = {
        "type": "score",
        "method": next((one.get("valueCode") for one in parts if one.get("url") == "method"), ""),
        "of": [read.names.get(one, one) for one in of],
    }
    return item | ({"bands": bands} if bands else {})


def _read_conditions(read: Read, row: Json, item: Item) -> None:
    found = []
    for condition in _rows(row.get("enableWhen")):
        asked = read.names.get(str(condition.get("question")))
        answer = next((value for key, value in condition.items() if key.startswith("answer")), None)
        if (
            asked is None
            or condition.get("operator") not in ("=", "!=", ">", "<", "exists")
            or answer is None
        ):
            read.say(row["linkId"], "when it is shown has no match; without, it is always shown.")
            return
        made = {"question": asked, "operator": condition["operator"]}
        if condition["operator"] == "exists":
            if answer is not True:
                read.say(
                    row["linkId"], "shown when something is not answered has no match; it is always shown."
                )
                return
        else:
            made["answer"] = _answer(answer)
        found.append(made)
    if found:
        item |= {"enableWhen": found, "enableBehavior": row.get("enableBehavior", "all")}


def _answer(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        value = next((value[key] for key in ("value", "display", "code") if key in value), "")
    return str(value)


_READ: dict[str, Callable[[Read, Json, Mapping[str, Json]], Item | None]] = {
    "group": _plain("group"),
    "string": _plain("string"),
    "text": _plain("text"),
    "date": _plain("date"),
    "integer": _read_number,
    "decimal": _read_number,
    "quantity": _read_number,
    "choice": _read_choice,
    "boolean": _read_boolean,
    "attachment": _read_file,
}
