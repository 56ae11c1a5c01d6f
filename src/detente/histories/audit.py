"""An audit of the rungs: counts, imputed days, and every war against the COW list of wars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from detente.histories.days import KEY, dated_disputes
from detente.histories.rungs import SETTLEMENTS, UNDATED, build_spells, dyadic_disputes
from detente.histories.system import politically_relevant_spells
from detente.histories.war_list import match_pairs, match_wars

ERAS = {"1816-1913": 1816, "1914-1945": 1914, "1946-1991": 1946, "1992-2014": 1992}
"""First year of each era."""

USA, SETTLEMENT_CHECK = 2, (1946, 2014)


@dataclass(frozen=True, slots=True)
class Audit:
    """The tables of an audit by name; each holds its own columns.

    ``overview`` has one row per headline figure; ``wars`` and ``cow_pairs`` hold every dyad-war
    against the COW inter-state wars, in both directions, with the reason where they differ.
    """

    tables: Mapping[str, pl.DataFrame]

    def to_dict(self) -> dict[str, list[dict[str, Any]]]:
        """Return the tables as lists of rows of plain values, days in ISO form."""
        return {name: [_plain(row) for row in t.to_dicts()] for name, t in self.tables.items()}


def audit(*, extra: Mapping[str, pl.DataFrame] | None = None) -> Audit:
    """Return :func:`build_audit` of the public datasets.

    Parameters
    ----------
    extra
        More tables to show, by name (meetings, exposed events).

    Raises
    ------
    UnavailableError
        If a dataset is in neither the mirror nor the cache.
    """
    from detente.sources import load

    return build_audit(
        load("dyadic_mid"),
        load("mid5_part"),
        load("gml_part"),
        load("mie"),
        load("cow_interstate_wars"),
        load("cow_states"),
        load("contiguity"),
        load("cow_majors"),
        extra=extra,
    )


def build_audit(
    dyadic_mid: pl.DataFrame,
    mid5_part: pl.DataFrame,
    gml_part: pl.DataFrame,
    mie: pl.DataFrame,
    wars: pl.DataFrame,
    states: pl.DataFrame,
    contiguity: pl.DataFrame,
    majors: pl.DataFrame,
    *,
    extra: Mapping[str, pl.DataFrame] | None = None,
) -> Audit:
    """Count what the spells are made of and hold every dyad-war against the COW list.

    Parameters
    ----------
    dyadic_mid, mid5_part, gml_part, mie, wars, states
        As for :func:`detente.histories.build_spells`.
    contiguity, majors
        The tables ``contiguity`` and ``cow_majors``.
    extra
        More tables to carry along, by name.

    Returns
    -------
    Audit
        ``overview, eras, majors, days, war_days, settlements, settlements_usa, onsets,
        concentration, wars, cow_pairs, left_out`` and those of ``extra``.

    Raises
    ------
    ValueError
        If ``extra`` names a table that the audit has itself.
    """
    disputes = dyadic_disputes(dyadic_mid, mid5_part, gml_part, mie, wars, states)
    spells = build_spells(dyadic_mid, mid5_part, gml_part, mie, wars, states)
    spells = _relevant(spells, politically_relevant_spells(states, contiguity, majors))
    matched = match_wars(disputes, wars)
    pairs = match_pairs(spells, disputes, wars)
    tables = {
        "overview": _overview(disputes, spells, matched, pairs),
        "eras": _eras(disputes, spells),
        "majors": _by_major(disputes, states, majors),
        "days": _days(disputes),
        "war_days": _days(spells.filter(pl.col("rung") == "war")),
        "settlements": _settlements(spells),
        "settlements_usa": _settlements_usa(disputes, spells),
        "onsets": _onsets(disputes, spells),
        "concentration": _concentration(disputes),
        "wars": matched,
        "cow_pairs": pairs,
        "left_out": _left_out(dated_disputes(dyadic_mid, mid5_part, gml_part, mie), disputes),
    }
    taken = set(tables) & set(extra or {})
    if taken:
        raise ValueError(f"extra tables {sorted(taken)} have names of the audit's own tables")
    return Audit(tables=tables | dict(extra or {}))


def _relevant(spells: pl.DataFrame, relevant: pl.DataFrame) -> pl.DataFrame:
    """Mark the spells that start on a day on which their dyad is politically relevant."""
    key = ["ccode1", "ccode2", "start"]
    inside = (
        spells.select(key)
        .join(relevant.rename({"start": "from", "stop": "to"}), on=["ccode1", "ccode2"])
        .filter(pl.col("start").is_between("from", "to", closed="left"))
        .select(*key, pl.lit(True).alias("relevant"))
        .unique()
    )
    return spells.join(inside, on=key, how="left", maintain_order="left").with_columns(
        pl.col("relevant").fill_null(False)
    )


def _era(day: str = "start") -> pl.Expr:
    """Return the era of a day; later eras override earlier ones."""
    era = pl.lit(next(iter(ERAS)))
    for name, year in ERAS.items():
        era = pl.when(pl.col(day).dt.year() >= year).then(pl.lit(name)).otherwise(era)
    return era.alias("era")


def _one_day() -> pl.Expr:
    return (pl.col("stop") - pl.col("start")).dt.total_days() == 1


def _overview(
    disputes: pl.DataFrame, spells: pl.DataFrame, matched: pl.DataFrame, pairs: pl.DataFrame
) -> pl.DataFrame:
    war = pl.col("rung") == "war"
    ends = [disputes["start_source"], disputes["stop_source"]]
    undated = sum(int(source.is_in(UNDATED).sum()) for source in ends)
    rows: list[tuple[str, float]] = [
        ("dyad-disputes", disputes.height),
        ("disputes", disputes["dispnum"].n_unique()),
        ("dyad-wars", int(disputes["war"].sum())),
        ("disputes with a dyad-war", disputes.filter("war")["dispnum"].n_unique()),
        ("dyads", spells.select("ccode1", "ccode2").n_unique()),
        ("episodes", spells.select("ccode1", "ccode2", "episode").n_unique()),
        ("spells of dispute", spells.filter(~war).height),
        ("spells of war", spells.filter(war).height),
        (
            "spells of dispute, politically relevant",
            spells.filter(~war & pl.col("relevant")).height,
        ),
        ("spells of war, politically relevant", spells.filter(war & pl.col("relevant")).height),
        ("spells censored at the end of the record", int(spells["censored"].sum())),
        ("share of dyad-dispute days imputed", undated / max(2 * disputes.height, 1)),
        ("one-day dyad-disputes", disputes.filter(_one_day()).height),
        ("dyad-wars in the COW list", int(matched["matched"].sum())),
        ("dyad-wars not in the COW list", int((~matched["matched"]).sum())),
        ("COW opposing pairs", pairs.height),
        ("COW opposing pairs without our war", int((~pairs["matched"]).sum())),
    ]
    return pl.DataFrame(rows, schema={"figure": pl.String, "value": pl.Float64}, orient="row")


def _eras(disputes: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    undated = pl.col("start_source").is_in(UNDATED), pl.col("stop_source").is_in(UNDATED)
    war = pl.col("rung") == "war"
    counted = disputes.group_by(_era()).agg(
        pl.len().alias("dyad_disputes"),
        pl.col("war").sum().alias("dyad_wars"),
        _one_day().sum().alias("one_day"),
        undated[0].mean().alias("start_imputed"),
        undated[1].mean().alias("stop_imputed"),
    )
    runs = spells.group_by(_era()).agg(
        (~war).sum().alias("dispute_spells"),
        war.sum().alias("war_spells"),
        (~war & pl.col("relevant")).sum().alias("dispute_spells_relevant"),
        (war & pl.col("relevant")).sum().alias("war_spells_relevant"),
    )
    return counted.join(runs, on="era", how="full", coalesce=True).sort("era")


def _by_major(disputes: pl.DataFrame, states: pl.DataFrame, majors: pl.DataFrame) -> pl.DataFrame:
    """Count disputes that began while a party was a major power, one row per power."""
    power = majors.select("ccode", pl.col("start").alias("in"), pl.col("stop").alias("out"))
    sides = pl.concat(
        [
            disputes.join(power, left_on=f"ccode{n}", right_on="ccode").select(
                *KEY, "start", "stop", "war", pl.col(f"ccode{n}").alias("ccode"), "in", "out"
            )
            for n in (1, 2)
        ]
    ).filter(pl.col("start").is_between("in", "out", closed="left"))
    both = sides.select(KEY).is_duplicated()
    names = states.group_by("ccode").agg(pl.col("name").last())
    return (
        sides.with_columns(both.alias("both"))
        .group_by("ccode", _era())
        .agg(
            pl.len().alias("dyad_disputes"),
            pl.col("war").sum().alias("dyad_wars"),
            pl.col("both").sum().alias("with_a_major"),
            (pl.col("both") & pl.col("war")).sum().alias("wars_with_a_major"),
        )
        .join(names, on="ccode", how="left")
        .select("ccode", "name", pl.exclude("ccode", "name"))
        .sort("ccode", "era")
    )


def _days(spells: pl.DataFrame) -> pl.DataFrame:
    """Count where the first and last days of dyad-disputes (or spells of war) come from."""
    first = spells.group_by(pl.col("start_source").alias("source")).agg(pl.len().alias("first"))
    last = spells.group_by(pl.col("stop_source").alias("source")).agg(pl.len().alias("last"))
    counts = first.join(last, on="source", how="full", coalesce=True).fill_null(0)
    return counts.with_columns(
        (pl.col("first") / pl.col("first").sum()).alias("first_share"),
        (pl.col("last") / pl.col("last").sum()).alias("last_share"),
    ).sort("first", "source", descending=[True, False])


def _settlements(spells: pl.DataFrame) -> pl.DataFrame:
    """Count how episodes ended, by the era in which they ended and whether the last rung is war."""
    last = pl.col("episode") != pl.col("episode").shift(-1).over("ccode1", "ccode2")
    ended = spells.filter(last.fill_null(True) & ~pl.col("censored"))
    return (
        ended.group_by(_era("stop"), pl.col("rung").alias("from"), "settlement")
        .agg(pl.len().alias("episodes"))
        .sort("era", "from", "settlement", nulls_last=True)
    )


def _settlements_usa(disputes: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """Count settlements of the United States since 1946, by dyad-dispute and by episode."""
    usa = (pl.col("ccode1") == USA) | (pl.col("ccode2") == USA)
    years = pl.col("start").dt.year().is_between(*SETTLEMENT_CHECK)
    names = {str(code): name for code, name in SETTLEMENTS.items()}
    coded = pl.col("settlement").cast(pl.String).replace_strict(names, default=None)
    single = disputes.filter(usa & years).group_by(coded).agg(pl.len().alias("dyad_disputes"))
    last = pl.col("episode") != pl.col("episode").shift(-1).over("ccode1", "ccode2")
    since = pl.col("start").dt.year() >= SETTLEMENT_CHECK[0]
    merged = (
        spells.filter(last.fill_null(True) & usa & since & ~pl.col("censored"))
        .group_by("settlement")
        .agg(pl.len().alias("episodes"))
    )
    return single.join(merged, on="settlement", how="full", coalesce=True, nulls_equal=True).sort(
        "settlement", nulls_last=True
    )


def _onsets(disputes: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """Count initiations and joinings, of dyad-disputes, dyad-wars and episodes, by era."""
    began = pl.when(pl.col("orig1") & pl.col("orig2")).then(pl.lit("initiation"))
    single = disputes.group_by(_era(), began.otherwise(pl.lit("joining")).alias("onset")).agg(
        pl.len().alias("dyad_disputes"), pl.col("war").sum().alias("dyad_wars")
    )
    merged = (
        spells.filter(pl.col("onset").is_not_null())
        .group_by(_era(), "onset")
        .agg(pl.len().alias("episodes"))
    )
    return single.join(merged, on=["era", "onset"], how="full", coalesce=True).sort("era", "onset")


def _concentration(disputes: pl.DataFrame) -> pl.DataFrame:
    """Return the disputes with most dyad-wars, and the share of all that they add up to."""
    total = max(int(disputes["war"].sum()), 1)
    return (
        disputes.filter("war")
        .group_by("dispnum")
        .agg(pl.len().alias("dyad_wars"), pl.col("start").min())
        .sort("dyad_wars", "dispnum", descending=[True, False])
        .with_columns((pl.col("dyad_wars").cum_sum() / total).alias("share_so_far"))
    )


def _left_out(dated: pl.DataFrame, disputes: pl.DataFrame) -> pl.DataFrame:
    gone = dated.join(disputes, on=KEY, how="anti")
    reason = pl.lit("not both members of the state system in these days").alias("reason")
    return gone.select(*KEY, "start", "stop", "war", "hihost", reason).sort(*KEY)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in row.items()}
