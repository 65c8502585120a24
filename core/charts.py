"""Geometry of charts: numbers in, SVG coordinates out; drawn by `components/chart.html`, with no script."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core import locale

AXIS_WIDTH = 44
AXIS_HEIGHT = 22
TOP = 10
SIZES = {"wide": (1080, 236), "middle": (560, 216), "narrow": (320, 208)}

Formatter = Callable[[float], str]


@dataclass(frozen=True)
class Series:
    """One named row of values, as many as the chart has labels."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True)
class Tick:
    """A line of the grid with its value; coordinates are text, so that no locale can touch them."""

    y: str
    text_y: str
    label: str


@dataclass(frozen=True)
class Bar:
    series: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Column:
    """What stands over one label."""

    x: str
    label: str
    title: str
    bars: list[Bar]
    labelled: bool


@dataclass(frozen=True)
class Dot:
    x: str
    y: str
    title: str


@dataclass(frozen=True)
class Line:
    series: int
    points: str
    area: str
    dots: list[Dot]


@dataclass(frozen=True)
class Plot:
    """A chart laid out for one size; the page shows the one that fits its container."""

    size: str
    width: str
    height: str
    left: str
    label_x: str
    label_y: str
    zero: str
    ticks: list[Tick]
    columns: list[Column]
    lines: list[Line]


@dataclass(frozen=True)
class Row:
    """The same numbers as a line of a table, for whoever doesn't see the picture."""

    label: str
    values: list[str]


@dataclass(frozen=True)
class Chart:
    """Everything `components/chart.html` needs."""

    title: str
    description: str
    series: list[str]
    rows: list[Row]
    plots: list[Plot]


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round values that cover low..high, about `count` of them, zero among them."""
    low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        return [0.0, 1.0]
    rough = (high - low) / count
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def short_number(value: float) -> str:
    """1,200 -> 1.2k: a value short enough for an axis."""
    size = abs(value)
    for limit, unit in ((1e9, "bn"), (1e6, "m"), (1e4, "k")):
        if size >= limit:
            return _plain(value / (1e3 if unit == "k" else limit)) + unit
    return _plain(value)


def bar_chart(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    stacked: bool = True,
    description: str = "",
    format_value: Formatter = short_number,
) -> Chart:
    """Bars over labels; several series stand on one another, or beside one another when not `stacked`."""
    _check(labels, series)
    ticks = nice_ticks(*_range(series, stacked=stacked))
    plots = [
        _bar_plot(size, labels, series, ticks, stacked=stacked, format_value=format_value) for size in SIZES
    ]
    return _chart(title, description, labels, series, plots, format_value)


def line_chart(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    description: str = "",
    format_value: Formatter = short_number,
) -> Chart:
    """One line per series over labels."""
    _check(labels, series)
    ticks = nice_ticks(*_range(series, stacked=False))
    plots = [_line_plot(size, labels, series, ticks, format_value=format_value) for size in SIZES]
    return _chart(title, description, labels, series, plots, format_value)


def _chart(
    title: str,
    description: str,
    labels: Sequence[str],
    series: Sequence[Series],
    plots: list[Plot],
    format_value: Formatter,
) -> Chart:
    rows = [
        Row(label, [format_value(one.values[index]) for one in series]) for index, label in enumerate(labels)
    ]
    return Chart(
        title,
        description or _describe(labels, series, format_value),
        [one.name for one in series],
        rows,
        plots,
    )


def _bar_plot(
    size: str,
    labels: Sequence[str],
    series: Sequence[Series],
    ticks: list[float],
    *,
    stacked: bool,
    format_value: Formatter,
) -> Plot:
    scale = _Scale(size, ticks, len(labels))
    every = scale.label_every(labels)
    columns = []
    for index, label in enumerate(labels):
        drawn = _stack(scale, series, index) if stacked else _beside(scale, series, index)
        columns.append(
            Column(
                x=_text(scale.center(index)),
                label=label,
                title=_title(label, series, index, format_value),
                bars=list(drawn),
                labelled=index % every == 0,
            )
        )
    return scale.plot(columns, [], format_value)


def _stack(scale: _Scale, series: Sequence[Series], index: int) -> Iterator[Bar]:
    width = min(scale.slot * 0.62, 46)
    above = below = 0.0
    for number, one in enumerate(series, start=1):
        value = one.values[index]
        start = above if value >= 0 else below
        yield _bar(scale, number, scale.center(index) - width / 2, width, start, start + value)
        if value >= 0:
            above += value
        else:
            below += value


def _beside(scale: _Scale, series: Sequence[Series], index: int) -> Iterator[Bar]:
    group = min(scale.slot * 0.74, 24.0 * len(series))
    width = group / len(series)
    left = scale.center(index) - group / 2
    for number, one in enumerate(series, start=1):
        yield _bar(scale, number, left + (number - 1) * width, width * 0.9, 0.0, one.values[index])


def _bar(scale: _Scale, series: int, x: float, width: float, start: float, end: float) -> Bar:
    top, bottom = scale.y(max(start, end)), scale.y(min(start, end))
    return Bar(series=series, x=_text(x), y=_text(top), width=_text(width), height=_text(bottom - top))


def _line_plot(
    size: str,
    labels: Sequence[str],
    series: Sequence[Series],
    ticks: list[float],
    *,
    format_value: Formatter,
) -> Plot:
    scale = _Scale(size, ticks, len(labels))
    every = scale.label_every(labels)
    columns = [
        Column(_text(scale.center(index)), label, "", [], labelled=index % every == 0)
        for index, label in enumerate(labels)
    ]
    lines = []
    for number, one in enumerate(series, start=1):
        points = [
            (_text(scale.center(index)), _text(scale.y(value))) for index, value in enumerate(one.values)
        ]
        line = " ".join(f"{x},{y}" for x, y in points)
        zero = _text(scale.y(0))
        area = f"{points[0][0]},{zero} {line} {points[-1][0]},{zero}" if points else ""
        dots = [
            Dot(x, y, f"{labels[index]}: {one.name} {format_value(one.values[index])}")
            for index, (x, y) in enumerate(points)
        ]
        lines.append(Line(number, line, area, dots))
    return scale.plot(columns, lines, format_value)


class _Scale:
    """From values and positions to coordinates."""

    def __init__(self, size: str, ticks: list[float], count: int) -> None:
        self.size = size
        self.width, self.height = SIZES[size]
        self.ticks = ticks
        self.count = max(count, 1)
        self.slot = (self.width - AXIS_WIDTH) / self.count
        self.bottom = self.height - AXIS_HEIGHT

    def center(self, index: int) -> float:
        return AXIS_WIDTH + self.slot * (index + 0.5)

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.bottom - (value - low) / (high - low) * (self.bottom - TOP)

    def label_every(self, labels: Sequence[str]) -> int:
        """Each how many labels fit, at about 6.5 units a letter."""
        longest = max((len(label) for label in labels), default=1) * 6.5 + 8
        return max(1, math.ceil(longest / self.slot))

    def plot(self, columns: list[Column], lines: list[Line], format_value: Formatter) -> Plot:
        return Plot(
            size=self.size,
            width=str(self.width),
            height=str(self.height),
            left=str(AXIS_WIDTH),
            label_x=str(AXIS_WIDTH - 8),
            label_y=str(self.height - 5),
            zero=_text(self.y(0)),
            ticks=[
                Tick(_text(self.y(tick)), _text(self.y(tick) + 4), format_value(tick)) for tick in self.ticks
            ],
            columns=columns,
            lines=lines,
        )


def _range(series: Sequence[Series], *, stacked: bool) -> tuple[float, float]:
    columns = list(zip(*(one.values for one in series), strict=True))
    if not columns:
        return 0.0, 0.0
    if stacked:
        lows = [sum(min(value, 0.0) for value in column) for column in columns]
        highs = [sum(max(value, 0.0) for value in column) for column in columns]
    else:
        lows = [min(column) for column in columns]
        highs = [max(column) for column in columns]
    return min(lows), max(highs)


def _describe(labels: Sequence[str], series: Sequence[Series], format_value: Formatter) -> str:
    parts = []
    for one in series:
        if not one.values:
            continue
        peak = max(range(len(one.values)), key=lambda index: one.values[index])
        parts.append(f"{one.name}: highest {format_value(one.values[peak])} at {labels[peak]}.")
    return " ".join(parts) or "No data."


def _title(label: str, series: Sequence[Series], index: int, format_value: Formatter) -> str:
    return f"{label}: " + ", ".join(f"{one.name} {format_value(one.values[index])}" for one in series)


def _check(labels: Sequence[str], series: Sequence[Series]) -> None:
    for one in series:
        if len(one.values) != len(labels):
            raise ValueError(
                f"The series {one.name!r} has {len(one.values)} values for {len(labels)} labels."
            )


def _plain(value: float) -> str:
    return locale.number(Decimal(str(round(value, 2))).normalize())


def _text(value: float) -> str:
    return f"{value:.1f}"
