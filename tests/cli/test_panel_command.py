"""``detente panel``: a panel as a file, its recipe, its coverage, and one line for a mistake."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from detente.cli import app

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _mirror(mirror: str) -> None:
    del mirror


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["panel", *arguments])


STATES = ("state-year", "--years", "1900-1900", "--add", "capabilities")
DYADS = ("dyad-year", "--years", "1900-1903", "--dyads", "USA-UKG,UKG-RUS")


def test_a_panel_becomes_a_file_and_its_recipe_makes_it_again(tmp_path: Path):
    first, second, recipe = (str(tmp_path / n) for n in ("a.parquet", "b.parquet", "r.toml"))
    done = run(
        *(*DYADS, "--add", "capabilities,gml_disputes", "--lag", "cinc1"),
        *("--out", first, "--save-recipe", recipe),
    )
    assert done.exit_code == 0, done.stderr
    assert "wrote" in done.stdout
    again = run("--recipe", recipe, "--out", second)
    assert again.exit_code == 0, again.stderr
    assert pl.read_parquet(first).equals(pl.read_parquet(second))
    assert pl.read_parquet(first).columns[-1] == "cinc1_lag1"


def test_without_a_file_the_first_rows_are_shown():
    shown = run(*DYADS, "--add", "peace_years,gml_disputes")
    assert shown.exit_code == 2
    assert "add the feature with this column before it" in shown.stderr
    shown = run(*DYADS, "--add", "gml_disputes,peace_years", "--at-risk")
    assert shown.exit_code == 0
    assert "gmlmidspell" in shown.stdout


def test_options_of_features_are_passed_on(tmp_path: Path):
    out = tmp_path / "p.csv"
    done = run(
        *("state-year", "--years", "1821-1821", "--states", "220", "--add", "gml_disputes"),
        *("--option", "gml_disputes.leaders_known=true", "--out", str(out)),
    )
    assert done.exit_code == 0, done.stderr
    assert pl.read_csv(out)["gmlmidongoing"].to_list() == [0]


def test_coverage_citations_and_the_list():
    coverage = json.loads(run(*DYADS, "--add", "capabilities", "--coverage", "--json").stdout)
    assert coverage[0]["column"] == "milex1"
    assert "@article{singer1987rcwd" in run(*DYADS, "--add", "capabilities", "--cite").stdout
    listed = json.loads(run("--list", "--json").stdout)
    assert "leader-dyad-year" in listed["units"]
    assert {"capabilities", "gml_disputes"} <= {each["name"] for each in listed["features"]}
    assert "capabilities" in run("--list").stdout


def test_the_list_tells_where_a_feature_fits_and_what_it_is_measured_in():
    every = {each["name"]: each for each in json.loads(run("--list", "--json").stdout)["features"]}
    assert every["capabilities"]["measured_in"]["irst"] == "thousands of tons"
    assert every["interstate_wars"]["measured_in"]["cowinteronset"] is None
    assert every["incidents"]["units"] == ["dyad-year", "leader-dyad-year"]
    lines = run("--list").stdout.splitlines()
    assert max(map(len, lines)) <= 100
    at = next(i for i, line in enumerate(lines) if line.startswith(" incidents "))
    assert lines[at + 1].split() == ["joins", "to", "dyad-year,", "leader-dyad-year"]
    assert lines[at + 2].split() == ["in", "number", "(mie_incidents)"]
    near = next(i for i, line in enumerate(lines) if line.startswith(" capital_distance "))
    assert [line.split() for line in lines[near + 1 : near + 3]] == [
        ["joins", "to", "all", "units"],
        ["in", "kilometres"],
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dyad-year",), "give a unit and --years"),
        (("dyad-year", "--years", "then"), "first year 'then' is not a whole number"),
        (("dyad-year", "--years", "1900", "--add", "capabilites"), "did you mean 'capabilities'"),
        (("dyad-year", "--years", "1900", "--dyads", "relvant"), "did you mean 'relevant'"),
        (("state-year", "--years", "1900", "--option", "x"), "feature.option=value"),
        (
            ("state-year", "--years", "1900", "--option", "gml_disputes.leaders_known=1"),
            "which is not added",
        ),
        (("dyad-year", "--years", "1900", "--recipe", "r.toml"), "leave them out"),
        (("--recipe", "r.toml", "--only", "cinc"), "leave them out"),
        (("--recipe", "r.toml", "--lag", "cinc"), "leave them out"),
        (("--recipe", "r.toml", "--at-risk"), "leave them out"),
        (("--recipe", "r.toml", "--dyads", "majors"), "leave them out"),
        ((*STATES, "--only", "cink"), "unknown column of --only: 'cink': did you mean 'cinc'?"),
        ((*STATES, "--only", "year"), "unknown column of --only: 'year'"),
        ((*STATES, "--add", "majors", "--only", "cinc"), "no column of 'majors': leave it out"),
        ((*STATES, "--only", "cinc", "--option", "capabilities.only=tpop"), "give one"),
        (("state-year", "--years", "1900", "--only", "cinc"), "there is none yet"),
        (("--recipe", "no.toml"), "recipe no.toml cannot be read"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments: tuple[str, ...], message: str):
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_states_are_chosen_by_code_abbreviation_or_name():
    years = ("--years", "1900-1905", "--json")
    codes = run("state-year", *years, "--states", "2,365").stdout
    assert json.loads(codes)["rows"] == 12
    assert run("state-year", *years, "--states", "USA,Russia").stdout == codes
    wrong = run("state-year", *years, "--states", "USA,Rusia")
    assert (wrong.exit_code, "did you mean 'Russia'?" in wrong.stderr) == (2, True)


def test_columns_are_chosen_by_the_option_only(tmp_path: Path):
    out = tmp_path / "p.csv"
    years = ("state-year", "--years", "1900-1900", "--add", "capabilities")
    done = run(*years, "--option", "capabilities.only=cinc,tpop", "--out", str(out))
    assert done.exit_code == 0, done.stderr
    assert pl.read_csv(out).columns == ["ccode", "year", "tpop", "cinc"]


def test_only_keeps_columns_of_all_features_added(tmp_path: Path):
    out, recipe = tmp_path / "p.csv", tmp_path / "r.toml"
    done = run(
        *(*DYADS, "--add", "gml_disputes,capabilities", "--only", "cinc1,gmlmidonset"),
        *("--only", "cinc2", "--lag", "cinc2", "--out", str(out), "--save-recipe", str(recipe)),
    )
    assert done.exit_code == 0, done.stderr
    columns = ["ccode1", "ccode2", "year", "gmlmidonset", "cinc1", "cinc2", "cinc2_lag1"]
    assert pl.read_csv(out).columns == columns
    again = tmp_path / "again.csv"
    assert run("--recipe", str(recipe), "--out", str(again)).exit_code == 0
    assert again.read_text() == out.read_text()


def test_what_is_not_shown_is_said_with_the_way_to_it():
    assert (
        "and 32 more rows: --out FILE writes them all"
        in run("state-year", "--years", "1900-1900").stdout
    )
    wrong = run("state-year", "--years", "1900-1900", "--lag", "cinc")
    assert "unknown column 'cinc': there is none yet" in wrong.stderr


def test_a_wide_panel_shows_the_columns_that_fit():
    wide = CliRunner().invoke(
        app,
        ["panel", *DYADS, "--add", "capabilities,democracy,alliances"],
        env={"COLUMNS": "80"},
    )
    assert "more columns: --json names them all" in wide.stdout
    heading = next(line for line in wide.stdout.splitlines() if "ccode1" in line)
    assert heading.split()[:4] == ["ccode1", "ccode2", "year", "milex1"]
