"""Reading YAML strictly: the core schema, every value with its line, every mistake in words."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from core.money import Money, decimals_of
from ledger.rules.outcome import parse_decimal

MAX_CHARACTERS = 500_000
MAX_NODES = 200_000
MAX_NUMBER = 2**31 - 1
MAX_TEXT = 200

_Word = TypeVar("_Word", bound=StrEnum)
_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


class Malformed(Exception):  # noqa: N818  (it names what the file is)
    """The file is not a scenario: `line` (from 1) says where and `message` says what is wrong."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


class Value:
    """One value of the file: a scalar, a list or a mapping, and the line on which it starts."""

    def __init__(self, node: Any, what: str) -> None:
        self.node = node
        self.what = what
        self.line: int = node.start_mark.line + 1

    def wrong(self, message: str) -> Malformed:
        """Return the complaint about this value, to be raised."""
        return Malformed(self.line, f"{self.what}: {message}")

    def _scalar(self) -> tuple[str, str]:
        """Return the type (text, null, bool, int, float) and the text of a scalar."""
        if not isinstance(self.node, ScalarNode):
            kind = "a list" if isinstance(self.node, SequenceNode) else "a mapping"
            raise self.wrong(f"there should be a single value, not {kind}.")
        text: str = self.node.value
        if self.node.style:
            return "text", text
        for kind, pattern in (("null", _NULL), ("bool", _BOOL), ("int", _INT), ("float", _FLOAT)):
            if pattern.fullmatch(text):
                return kind, text
        return "text", text

    def text(self) -> str:
        """Return a text of 1 to 200 characters on one line; numbers and booleans must be quoted."""
        kind, text = self._scalar()
        if kind == "null":
            raise self.wrong("it is empty.")
        if kind != "text":
            raise self.wrong(f"{text} is not a text; quote it if it is meant as one.")
        if not text.strip() or text != text.strip() or not text.isprintable():
            raise self.wrong("there should be a text on one line, without blanks around it.")
        if len(text) > MAX_TEXT:
            raise self.wrong(f"it is longer than {MAX_TEXT} characters.")
        return text

    def remark(self) -> str:
        """Return a text that may be empty."""
        kind, text = self._scalar()
        return self.text() if kind not in ("text", "null") or text.strip() not in ("", "null", "~") else ""

    def word(self, words: type[_Word]) -> _Word:
        """Return one of the words."""
        text = self.text()
        try:
            return words(text)
        except ValueError:
            raise self.wrong(f"{text} is not one of {', '.join(words)}.") from None

    def boolean(self) -> bool:
        """Return true or false."""
        kind, text = self._scalar()
        if kind != "bool":
            raise self.wrong("there should be true or false.")
        return text.lower() == "true"

    def integer(self, least: int, most: int = MAX_NUMBER) -> int:
        """Return a plain whole number between `least` and `most`."""
        kind, text = self._scalar()
        if kind != "int" or not re.fullmatch(r"-?[0-9]+", text):
            raise self.wrong(f"there should be a whole number, not {_shown(text)}.")
        number = int(text) if len(text) <= 20 else MAX_NUMBER + 1
        if not least <= number <= most:
            raise self.wrong(f"{_shown(text)} is out of range; it goes from {least} to {most}.")
        return number

    def amount(self, currency: str, *, signed: bool = False) -> int:
        """Return the minor units of a decimal string in the decimals of `currency`."""
        try:
            return Money.parse(self.decimal(), currency, signed=signed).minor
        except ValueError as error:
            raise self.wrong(str(error)) from None

    def currency(self) -> str:
        """Return an ISO 4217 currency code."""
        text = self.text()
        try:
            decimals_of(text)
        except ValueError as error:
            raise self.wrong(str(error)) from None
        return text

    def fraction(self) -> Fraction:
        """Return a non-negative percentage or weight, exactly."""
        try:
            return parse_decimal(self.decimal())
        except ValueError as error:
            raise self.wrong(str(error)) from None

    def decimal(self) -> str:
        """Return the text of a quoted decimal or a plain whole number."""
        kind, text = self._scalar()
        if kind == "float":
            raise self.wrong(f'{_shown(text)} must be quoted: "{_shown(text)}".')
        if kind not in ("text", "int"):
            raise self.wrong("there should be a number.")
        return text

    def day(self) -> date:
        """Return a date written as 2026-01-31."""
        _, text = self._scalar()
        if not _DATE.fullmatch(text):
            raise self.wrong(f"{_shown(text)} is not a date like 2026-01-31.")
        return self._date(text)

    def month(self) -> date:
        """Return the first day of a month written as 2026-01."""
        _, text = self._scalar()
        if not _MONTH.fullmatch(text):
            raise self.wrong(f"{_shown(text)} is not a month like 2026-01.")
        return self._date(f"{text}-01")

    def _date(self, text: str) -> date:
        try:
            found = date.fromisoformat(text)
        except ValueError:
            raise self.wrong(f"there is no {text} in the calendar.") from None
        if not 1900 <= found.year <= 2999:
            raise self.wrong(f"the year {found.year} is out of range; it goes from 1900 to 2999.")
        return found

    def items(self) -> list["Value"]:
        """Return the values of a list."""
        if not isinstance(self.node, SequenceNode):
            raise self.wrong("there should be a list.")
        return [Value(node, self.what) for node in self.node.value]

    def pairs(self) -> list[tuple[str, "Value"]]:
        """Return the keys and values of a mapping; a key may not come twice."""
        if not isinstance(self.node, MappingNode):
            raise self.wrong("there should be a mapping of names to values.")
        seen: set[str] = set()
        pairs: list[tuple[str, Value]] = []
        for key, value in self.node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                raise Malformed(line, f"{self.what}: a name should be a single word.")
            name: str = key.value
            if name in seen:
                raise Malformed(line, f"{self.what}: {_shown(name)} comes twice.")
            if not name.strip() or not name.isprintable() or len(name) > MAX_TEXT:
                raise Malformed(line, f"{self.what}: a name should be a text on one line.")
            seen.add(name)
            found = Value(value, name)
            if not isinstance(value, ScalarNode) or not value.value:
                found.line = line
            pairs.append((name, found))
        return pairs

    def single(self) -> tuple[str, "Value"]:
        """Return the only key and value of a mapping."""
        pairs = self.pairs()
        if len(pairs) != 1:
            raise self.wrong("there should be exactly one name with its value.")
        return pairs[0]

    def fields(self, required: str, optional: str = "") -> "Fields":
        """Return a mapping with exactly these fields (names separated by blanks)."""
        return Fields(self, required.split(), optional.split())


class Fields:
    """A mapping whose names are known: all required ones are there, and no unknown one."""

    def __init__(self, value: Value, required: list[str], optional: list[str]) -> None:
        self.line = value.line
        self.what = value.what
        self._values = dict(value.pairs())
        known = [*required, *optional]
        for name, found in self._values.items():
            if name not in known:
                raise Malformed(
                    found.line, f"{self.what}: {_shown(name)} is unknown; known are {', '.join(known)}."
                )
        for name in required:
            if name not in self._values:
                raise Malformed(self.line, f"{self.what}: {name} is missing.")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def get(self, name: str) -> Value | None:
        """Return the value of an optional field, or None."""
        return self._values.get(name)

    def wrong(self, message: str) -> Malformed:
        """Return the complaint about the whole mapping, to be raised."""
        return Malformed(self.line, f"{self.what}: {message}")


def read_yaml(text: str) -> Value:
    """Return the one document of a file; raises Malformed, and nothing else, on any other text."""
    if len(text) > MAX_CHARACTERS:
        raise Malformed(1, f"The file is larger than {MAX_CHARACTERS:,} characters.")
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Malformed(
            mark.line + 1 if mark else 1, f"This is not YAML: {error.problem or error.context}."
        ) from None
    except YAMLError as error:
        raise Malformed(1, f"This is not YAML: {str(error).splitlines()[0]}.") from None
    except RecursionError:
        raise Malformed(1, "The file is nested too deeply.") from None
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, AssertionError, NotImplementedError):
        raise Malformed(1, "This is not YAML.") from None
    if node is None:
        raise Malformed(1, "The file is empty.")
    _check_nodes(node)
    return Value(node, "the file")


def _check_nodes(root: Any) -> None:
    """Refuse tags, references that contain themselves, and more nodes than a scenario can have."""
    count = 0
    waiting: list[tuple[Any, Iterator[Any]]] = [(root, _children(root))]
    while waiting:
        child = next(waiting[-1][1], None)
        if child is None:
            waiting.pop()
            continue
        count += 1
        line = child.start_mark.line + 1
        if count > MAX_NODES:
            raise Malformed(line, "The file has too many values.")
        if any(child is node for node, _ in waiting):
            raise Malformed(line, "A value contains itself.")
        waiting.append((child, _children(child)))


def _children(node: Any) -> Iterator[Any]:
    """Yield the nodes below, after checking that the node itself carries no foreign tag."""
    expected = {MappingNode: "map", SequenceNode: "seq"}.get(type(node))
    tag = str(node.tag)
    if (expected and tag != f"tag:yaml.org,2002:{expected}") or not tag.startswith("tag:yaml.org,2002:"):
        raise Malformed(node.start_mark.line + 1, f"The tag {_shown(tag)} is not used in scenarios.")
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, SequenceNode):
        yield from node.value


def _shown(text: str) -> str:
    plain = text if text.isprintable() else repr(text)
    return plain if len(plain) <= 40 else plain[:40] + "…"
