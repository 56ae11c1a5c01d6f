"""Fans: chances of one pair over time and the rungs it stands on, by arm."""

from __future__ import annotations

from collections.abc import Sequence

from detente.assessments import rounding as say
from detente.assessments.schema import Assessment, DyadSetting, Forecast, Occupancy, Series
from detente.reports import charts, tables, theme
from detente.reports.figure import (
    NARROW,
    Figure,
    Key,
    Panel,
    Sentences,
    arm_colours,
    capital,
    panel,
    title_of,
)
from detente.reports.marks import Axis, Band
from detente.reports.tables import Table

HEIGHT = 140.0
"""Of a fan's plot, in its own pixels."""


def fans(a: Assessment, prose: Sentences, dyad: DyadSetting) -> Figure:
    """Draw one pair: every outcome by year and, for each arm, the rung it stands on.

    Arms are drawn apart where the pair met; elsewhere they share its intensities and the focus's
    arm stands for all.
    """
    arms = [x.id for x in a.arms] if dyad.met else [a.focus.arm]
    chances, chance_data = _chances(a, dyad, arms)
    rungs, rung_data = _rungs(a, dyad, arms)
    names, colours = {x.id: x.label for x in a.arms}, arm_colours(a)
    key = [Key("band", colours[arm], names[arm]) for arm in arms] if dyad.met else []
    key += [Key("band", theme.RUNG_COLOURS[i % 3], r.label) for i, r in enumerate(a.rungs) if i]
    rows = (tuple(chances), tuple(rungs)) if dyad.met else ((*chances, *rungs),)
    return Figure(
        f"pair-{dyad.id}",
        title_of(dyad),
        tuple(prose[f"forecast:{dyad.id}"]),
        rows,
        tuple(key),
        (*chance_data, *rung_data),
    )


def _chances(
    a: Assessment, dyad: DyadSetting, arms: Sequence[str]
) -> tuple[list[Panel], list[Table]]:
    names = {x.id: x.label for x in a.arms}
    panels: list[Panel] = []
    data: list[Table] = []
    for outcome in a.outcomes:
        series = {
            x.arm: x for x in a.forecasts.outcomes if (x.dyad, x.outcome) == (dyad.id, outcome.id)
        }
        if shown := [series[arm] for arm in arms if arm in series]:
            panels.append(_chance_panel(a, dyad, outcome.label, shown))
            caption = f"{dyad.id}: chance of {outcome.label} by year"
            heads = [(capital(names[x.arm]), x.series) for x in shown]
            data.append(tables.over_time(caption, heads))
    return panels, data


def _rungs(
    a: Assessment, dyad: DyadSetting, arms: Sequence[str]
) -> tuple[list[Panel], list[Table]]:
    names, rungs = {x.id: x.label for x in a.arms}, [r.id for r in a.rungs[1:]]
    on = [x for x in a.forecasts.occupancy if x.dyad == dyad.id and x.rung in rungs]
    top = max((v for x in on if x.arm in arms for v in x.series.hi), default=0.0)
    panels: list[Panel] = []
    data: list[Table] = []
    for arm in arms:
        if shown := [x for x in on if x.arm == arm]:
            title = "Standing on a rung in that year" + (f": {names[arm]}" if dyad.met else "")
            panels.append(_rung_panel(a, dyad, title, shown, top))
            caption = f"{dyad.id}, {names[arm]}: chance of standing on a rung, by year"
            data.append(tables.over_time(caption, [(capital(x.rung), x.series) for x in shown]))
    return panels, data


def _chance_panel(
    a: Assessment, dyad: DyadSetting, outcome: str, shown: Sequence[Forecast]
) -> Panel:
    colours, single = arm_colours(a), len(shown) == 1
    styles = {
        x.arm: (theme.INK if single else colours[x.arm], x.arm == a.focus.reference and not single)
        for x in shown
    }
    filled = {a.focus.arm, a.focus.reference}
    lines = [(x.series, *styles[x.arm], single or x.arm in filled) for x in shown]
    top = max(v for x in shown for v in x.series.hi)
    return _fan(dyad, f"{capital(outcome)}: happened by then", lines, top)


def _rung_panel(
    a: Assessment, dyad: DyadSetting, title: str, shown: Sequence[Occupancy], top: float
) -> Panel:
    order = {r.id: i for i, r in enumerate(a.rungs)}
    lines = [(x.series, theme.RUNG_COLOURS[order[x.rung] % 3], False, True) for x in shown]
    return _fan(dyad, title, lines, top)


def _fan(
    dyad: DyadSetting, title: str, lines: Sequence[tuple[Series, str, bool, bool]], top: float
) -> Panel:
    """Draw series with colour, dash and fill; the axis ends a little above ``top``."""
    scale = say.scale_of([top])

    def scaled(values: Sequence[float]) -> list[float]:
        return [v * scale.factor for v in values]

    bands = [
        Band(colour, s.years, scaled(s.mean), scaled(s.lo), scaled(s.hi), dashed, filled)
        for s, colour, dashed, filled in lines
    ]
    percent = scale.sign == "%"
    high = min(1.05 * top * scale.factor, scale.factor) or 1.0
    axis = Axis("", 0.0, high, suffix="%" if percent else "")
    chart = charts.fan(bands, axis, NARROW, HEIGHT, years=lines[0][0].years[-1])
    title = title if percent else f"{title}, {scale.axis}"
    return panel(title, chart, f"{dyad.id}. {title}")
