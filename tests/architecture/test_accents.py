"""Every accent that a network may choose is readable, in light and in dark, on every surface it lies on."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import pytest

from orgs.rules.branding import ACCENTS
from tests.architecture.sources import ROOT

READABLE = 4.5
SURFACES = ("page", "side", "panel", "raised", "sunken")
THEMES = ("light", "dark")
BLOCK = re.compile(r"(:root[^{]*)\{([^}]*)\}")
TOKEN = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
OKLCH = re.compile(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)(?: / ([\d.]+))?\)")


@dataclass(frozen=True)
class Colour:
    """Red, green and blue from 0 to 1 as in sRGB, and how opaque."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, ground: Colour) -> Colour:
        def mix(mine: float, below: float) -> float:
            return mine * self.alpha + below * (1 - self.alpha)

        return Colour(mix(self.red, ground.red), mix(self.green, ground.green), mix(self.blue, ground.blue))

    @property
    def luminance(self) -> float:
        def linear(value: float) -> float:
            return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

        return 0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)


def contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((one.luminance, other.luminance), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def linear_srgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """OKLCH to linear sRGB, by Björn Ottosson's matrices, which CSS Color 4 uses; may lie outside 0 to 1."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def colour(text: str) -> Colour:
    if text.strip() == "#fff":
        return Colour(1, 1, 1)
    found = OKLCH.fullmatch(text.strip())
    assert found, f"{text}: neither oklch(l c h) nor #fff"
    lightness, chroma, hue, alpha = (float(part or 1) for part in found.groups())

    def shown(value: float) -> float:
        value = min(max(value, 0), 1)
        return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055

    return Colour(*map(shown, linear_srgb(lightness, chroma, hue)), alpha)


def pair(text: str) -> dict[str, Colour]:
    """The two sides of `light-dark(a, b)`."""
    inner = text.strip().removeprefix("light-dark(").removesuffix(")")
    light, dark = re.split(r",\s*(?![^(]*\))", inner)
    return {"light": colour(light), "dark": colour(dark)}


def tokens(file: str) -> dict[str, dict[str, str]]:
    """The tokens of a sheet by selector."""
    sheet = re.sub(r"/\*.*?\*/", "", (ROOT / "static/css" / file).read_text(), flags=re.S)
    found: dict[str, dict[str, str]] = {}
    for selector, body in BLOCK.findall(sheet):
        found.setdefault(selector.strip(), {}).update(TOKEN.findall(body))
    return found


BASE = tokens("tokens.css")[":root"]
OWN = tokens("accents.css")


def accent(name: str) -> dict[str, dict[str, Colour]]:
    """The accent's tokens, by theme."""
    own = OWN.get(f':root[data-accent="{name}"]', {})
    texts = {key: text for key, text in BASE.items() if key.startswith("accent") or key in SURFACES} | own
    pairs = {key: pair(text) for key, text in texts.items()}
    return {theme: {key: sides[theme] for key, sides in pairs.items()} for theme in THEMES}


def test_the_arithmetic_is_that_of_the_standards():
    assert contrast(Colour(0, 0, 0), Colour(1, 1, 1)) == pytest.approx(21)
    assert contrast(colour("oklch(0.62796 0.25768 29.234)"), Colour(1, 1, 1)) == pytest.approx(4.0, abs=0.01)
    grey = Colour(0, 0, 0, 0.5).over(Colour(1, 1, 1))
    assert (grey.red, grey.green, grey.blue) == (0.5, 0.5, 0.5)


def test_the_sheet_knows_every_accent_with_all_its_tokens():
    assert sorted(OWN) == sorted(f':root[data-accent="{name}"]' for name in ACCENTS if name != "teal")
    wanted = {key for key in BASE if key.startswith("accent")}
    for selector, own in OWN.items():
        assert set(own) == wanted, selector


@pytest.mark.parametrize("name", [name for name in ACCENTS if name != "teal"])
def test_every_screen_shows_it_as_written(name):
    for text in OWN[f':root[data-accent="{name}"]'].values():
        for found in OKLCH.finditer(text):
            lightness, chroma, hue = map(float, found.groups()[:3])
            assert all(-0.0005 <= value <= 1.0005 for value in linear_srgb(lightness, chroma, hue)), found[0]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ACCENTS)
def test_every_accent_is_readable(name, theme):
    look = accent(name)[theme]
    for ground in ("accent", "accent-hover"):
        assert contrast(look["accent-ink"], look[ground]) >= READABLE, f"text on {ground}"
    for surface in SURFACES:
        soft = look["accent-soft"].over(look[surface])
        assert contrast(look["accent"], look[surface]) >= READABLE, f"accent on {surface}"
        assert contrast(look["accent-text"], look[surface]) >= READABLE, f"accent-text on {surface}"
        assert contrast(look["accent-text"], soft) >= READABLE, f"accent-text on accent-soft on {surface}"
