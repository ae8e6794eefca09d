"""The simulation of the error gate is right: its dice, its tables, its bars. `make judge` plays all of it."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bench.judging import bars, readme
from bench.judging.__main__ import ALL, DEPLOYMENTS, FEW, QUICK_DEPLOYMENTS, main, report, whole
from bench.judging.bars import CELL
from bench.judging.binomial import binomial
from bench.judging.deployments import TRAFFIC, WAYS, Deployed, is_rolled_back, rolled_back, served
from bench.judging.gates import GATES, NAMES, AnyError, ErrorGate, Gate, OverFivePercent
from bench.judging.tables import bad_releases, good_releases
from bench.judging.traffic import Cell, minutes
from bench.judging.trials import NEVER, TIMES, TOO_SOON, Caught, Onset, Outcome, Size, medians, played, watched
from controller.core.judge import Minute
from controller.core.manifest import build

ROOT = Path(__file__).resolve().parents[2]
DEPLOYED = [Deployed(way, 1_000, 3) for way in WAYS]
GOOD, BAD = Minute(100, 0, 900, 1), Minute(100, 50, 900, 1)


def outcome(cell: Cell = CELL, false_rollbacks: int = 0, median: Caught = NEVER, good: int = 1000) -> Outcome:
    by_onset = {(onset, times): (median, Caught(1, 2), TOO_SOON) for onset in Onset for times in TIMES}
    return Outcome(cell, Size(good, 150, 240), (false_rollbacks, 1000, 5), by_onset)


# The dice


@pytest.mark.parametrize(
    ("trials", "chance"),
    [(5, 0.3), (40, 0.02), (60, 0.5), (400, 0.02), (1_000, 0.9), (10_000, 0.1), (10_000, 0.0001)],
    ids=["few", "rare", "even", "skewed", "likely", "many", "many and rare"],
)
def test_every_count_comes_as_often_as_the_binomial_says(trials: int, chance: float) -> None:
    throws = 20_000
    dice = random.Random(3)
    thrown = Counter(binomial(dice, trials, chance) for _ in range(throws))
    assert throws == sum(thrown[count] for count in range(trials + 1))
    assert chi_squared(thrown, trials, chance, throws) < 5


def chi_squared(thrown: Counter[int], trials: int, chance: float, throws: int) -> float:
    """How many standard deviations Pearson's statistic lies over its mean, with the rare counts taken together."""
    expected = {count: throws * probability(count, trials, chance) for count in range(trials + 1)}
    common = [count for count in expected if expected[count] >= 10]
    pairs = [(float(thrown[count]), expected[count]) for count in common]
    pairs.append((throws - sum(seen for seen, _ in pairs), max(1e-9, throws - sum(wanted for _, wanted in pairs))))
    statistic = sum((seen - wanted) ** 2 / max(wanted, 1) for seen, wanted in pairs)
    return (statistic - len(common)) / math.sqrt(2 * len(common))


def probability(count: int, trials: int, chance: float) -> float:
    ways = math.lgamma(trials + 1) - math.lgamma(count + 1) - math.lgamma(trials - count + 1)
    return math.exp(ways + count * math.log(chance) + (trials - count) * math.log1p(-chance))


@pytest.mark.parametrize(("trials", "chance", "count"), [(0, 0.5, 0), (9, 0.0, 0), (9, 1.0, 9), (10_000, 1.0, 10_000)])
def test_what_is_certain_is_not_left_to_the_dice(trials: int, chance: float, count: int) -> None:
    assert binomial(random.Random(1), trials, chance) == count


def test_a_million_trials_take_few_throws() -> None:
    dice = Counted(1)
    assert 99_000 < binomial(dice, 1_000_000, 0.1) < 101_000
    assert dice.throws < 200


class Counted(random.Random):
    throws = 0

    def random(self) -> float:
        self.throws += 1
        return super().random()


def test_the_canary_never_fails_more_than_always() -> None:
    minute = next(minutes(random.Random(1), Cell(50, 100, 20.0), times=10))
    assert minute.canary_errors == minute.canary_invocations > 0
    assert minute.canary_invocations + minute.stable_invocations == 100


# The gates


def test_any_error_of_the_canary_fires_the_first_rival() -> None:
    assert AnyError().after(Minute(1000, 1, 9000, 0)).fired
    assert not AnyError().after(Minute(1000, 0, 9000, 900)).fired


@pytest.mark.parametrize(
    ("errors", "fires"),
    [([51, 51], True), ([51, 0, 51], True), ([51, 0, 0, 51], False), ([50, 50, 50], False), ([51], False)],
)
def test_two_of_three_minutes_over_five_percent_fire_the_second_rival(errors: list[int], fires: bool) -> None:
    gate = OverFivePercent()
    for each in errors:
        gate = gate.after(Minute(1000, each, 9000, 0))
    assert gate.fired is fires


def test_a_minute_without_the_canary_is_not_over_five_percent() -> None:
    assert not OverFivePercent().after(Minute(0, 0, 9, 9)).after(Minute(0, 0, 9, 9)).fired


def test_the_error_gate_fires_on_evidence() -> None:
    gate: Gate = ErrorGate()
    assert not gate.after(GOOD).fired
    assert gate.after(BAD).fired


# The walks


def test_what_is_caught_counts_minutes_and_all_errors() -> None:
    assert watched(GATES, iter([GOOD, BAD, BAD, BAD]), 4).caught == (Caught(2, 52), Caught(2, 52), Caught(3, 103))


def test_what_is_not_caught_in_time_is_never_caught() -> None:
    assert watched(GATES, iter([GOOD, BAD]), 1).caught == (NEVER, NEVER, NEVER)


def test_a_gate_that_fired_before_was_too_soon() -> None:
    before = watched(GATES, iter([Minute(100, 1, 900, 1)]), 1).gates
    assert watched(before, iter([BAD]), 1).caught == (Caught(1, 51), TOO_SOON, NEVER)


def test_a_median_is_never_only_where_most_were_not_caught() -> None:
    gates = (AnyError(),)
    caught_late = iter([GOOD, BAD, GOOD, GOOD, BAD, BAD])
    assert medians([gates] * 3, caught_late, at_most=2) == (Caught(2, 52),)
    assert medians([gates] * 3, iter([GOOD, GOOD, GOOD, GOOD, BAD]), at_most=2) == (NEVER,)


def test_a_gate_that_cannot_see_is_said_to_catch_nothing() -> None:
    found = played(Cell(1, 10, 0.01), Size(20, 20, 20))
    assert found.false_rollbacks == (0, 0, 0)
    assert {median for each in found.medians.values() for median in each} == {NEVER}


def test_the_same_cell_plays_the_same() -> None:
    size = Size(10, 5, 20)
    assert played(CELL, size) == played(CELL, size)


# Whole deployments


def test_a_deployment_has_each_weight_of_its_manifest_for_its_hold_and_a_tick() -> None:
    manifest = build({"strategy": {"steps": [{"weight": 1, "hold": "2m"}, {"weight": 50, "hold": "1m"}], "bake": "9m"}})
    walk = list(served(random.Random(1), manifest, 10_000, 1.0))
    assert [round(minute.canary_invocations, -2) for minute in walk] == [100, 100, 100, 5_000, 5_000]
    assert {minute.canary_invocations + minute.stable_invocations for minute in walk} == {10_000}


def test_a_step_waits_until_enough_requests_have_reached_the_canary() -> None:
    manifest = build({"strategy": {"steps": [{"weight": 1, "hold": "1m"}]}, "gates": {"min_invocations": 10}})
    *before, last = served(random.Random(1), manifest, 50, 1.0)
    reached = sum(minute.canary_invocations for minute in before)
    assert reached < 10 <= reached + last.canary_invocations


def test_the_evidence_goes_on_from_step_to_step() -> None:
    """Each step alone proves nothing."""
    first, second = [Minute(100, 2, 900, 2)] * 3, [Minute(500, 9, 500, 1)]
    assert not is_rolled_back(iter(first))
    assert not is_rolled_back(iter(second))
    assert is_rolled_back(iter(first + second))


def test_the_default_strategy_is_among_the_ways() -> None:
    assert build({}).strategy in [manifest.strategy for manifest in WAYS.values()]
    assert all(step.hold for manifest in WAYS.values() for step in manifest.strategy.steps)


def test_a_thousand_deployments_are_spread_over_the_traffic_evenly() -> None:
    assert DEPLOYMENTS == 1_000
    assert DEPLOYMENTS % len(TRAFFIC) == QUICK_DEPLOYMENTS % len(TRAFFIC) == 0


def test_the_same_deployments_are_rolled_back_again() -> None:
    way = next(iter(WAYS))
    assert rolled_back(way, 200, 3.0, 50) == rolled_back(way, 200, 3.0, 50) == 1


# The tables


def test_the_first_table_has_a_line_for_each_weight_and_traffic() -> None:
    _, _, *lines = good_releases([outcome(each, 3) for each in ALL]).splitlines()
    assert len(lines) == 16
    assert [cell.strip() for cell in lines[0].split("|")[1:4]] == ["1 %", "10", "0.3 / 100 / 0.5"]


def test_the_second_table_has_a_line_for_each_cell() -> None:
    _, _, *lines = bad_releases([outcome(each, 0, Caught(1234, 5678)) for each in ALL], Onset.LATE).splitlines()
    assert len(lines) == 64
    words = [cell.strip() for cell in lines[63].split("|")[1:5]]
    assert words == ["50 %", "10,000", "10 %", "1,234 (5,678) / 1 (2) / good"]


def test_nothing_caught_is_a_dash() -> None:
    assert "| - / 1 (2) / good |" in bad_releases([outcome()], Onset.START)


def test_all_cells_that_are_asked_for_are_played() -> None:
    assert len(set(ALL)) == 4 * 4 * 4
    assert {whole(cell).good for cell in ALL} == {1_000, 200}
    assert set(FEW) <= set(ALL)
    assert CELL in FEW


# The bars


@pytest.mark.parametrize(("wrong", "holds"), [(0, True), (10, True), (24, True), (25, False), (300, False)])
def test_only_an_improbable_count_of_false_rollbacks_breaks_the_bar(wrong: int, holds: bool) -> None:
    worst, _ = bars.rows([outcome(FEW[0], wrong), outcome(FEW[1], 0)], [])
    assert worst.holds is holds
    assert worst.numbers["false_rollbacks"] == wrong


def test_a_cell_with_few_runs_does_not_hide_one_that_breaks_the_bar() -> None:
    worst, _ = bars.rows([outcome(FEW[0], 1, good=10), outcome(FEW[1], 30)], [])
    assert worst.measured == f"1 of 10; too many: {FEW[1]}"
    assert not worst.holds


def test_each_cell_of_the_first_table_has_its_bar() -> None:
    held = {row.what: row.holds for row in bars.cells([outcome(FEW[0], 24), outcome(FEW[1], 25)])}
    assert held == {f"good releases rolled back, {FEW[0]}": True, f"good releases rolled back, {FEW[1]}": False}


@pytest.mark.parametrize(("runs", "most"), [(100, 6), (200, 9), (1_000, 24)])
def test_a_bar_says_how_many_chance_explains(runs: int, most: int) -> None:
    (row,) = bars.cells([outcome(FEW[0], good=runs)])
    assert row.bar == f"at most 1%, by chance {most} of {runs:,}"
    assert at_least(most, runs) >= bars.IMPROBABLE > at_least(most + 1, runs)


def at_least(count: int, runs: int) -> float:
    """How probable ``count`` or more of ``runs`` are where each happens in one case of a hundred, exactly."""
    ways = sum(math.comb(runs, each) * 99 ** (runs - each) for each in range(count, runs + 1))
    return ways / 100**runs


@pytest.mark.parametrize(("wrong", "holds"), [(0, True), (10, True), (11, False)])
def test_whole_deployments_are_held_to_ten_of_a_thousand(wrong: int, holds: bool) -> None:
    row, *_ = bars.rows([outcome()], [Deployed("somehow", 1_000, wrong)])
    assert (row.bar, row.measured, row.holds) == ("at most 10 of 1,000", f"{wrong} of 1,000", holds)


def test_many_cells_that_are_each_just_probable_break_the_bar_together() -> None:
    each, together = bars.rows([outcome(cell, 18) for cell in ALL if cell != CELL], [])
    assert (each.holds, together.holds) == (True, False)


@pytest.mark.parametrize(
    ("median", "held"),
    [(Caught(7, 13), 4), (Caught(8, 13), 3), (Caught(7, 14), 3), (Caught(1, 1), 4), (NEVER, 0)],
)
def test_a_median_over_the_design_breaks_its_bar(median: Caught, held: int) -> None:
    rows = list(bars.rows([outcome(median=median)], []))[2:]
    assert (len(rows), sum(row.holds for row in rows)) == (4, held)


def test_the_medians_are_only_asked_where_they_were_played() -> None:
    assert len(list(bars.rows([outcome(FEW[0])], []))) == 2


# README.md


def test_the_part_of_the_readme_is_replaced_and_nothing_else() -> None:
    text = f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n"
    assert readme.rewritten(text, "new") == f"before\n{readme.BEGIN}\n\nnew\n\n{readme.END}\nafter\n"
    assert readme.rewritten(readme.rewritten(text, "new"), "new") == readme.rewritten(text, "new")


@pytest.mark.parametrize("text", ["", readme.BEGIN, f"{readme.END}\n{readme.BEGIN}\n"])
def test_a_readme_without_the_part_is_refused(text: str) -> None:
    with pytest.raises(readme.NoPart, match="needs each of these lines once"):
        readme.rewritten(text, "new")


def test_the_part_shows_both_tables_and_every_bar() -> None:
    outcomes = [outcome(cell) for cell in ALL]
    part = readme.part(outcomes, DEPLOYED)
    assert good_releases(outcomes) in part
    assert all(bad_releases(outcomes, onset) in part for onset in Onset)
    assert all(row.what in part for row in bars.rows(outcomes, DEPLOYED))
    assert " / ".join(NAMES) in part


def test_the_readme_shows_a_whole_run_with_every_bar() -> None:
    shown = (ROOT / "README.md").read_text("utf-8").partition(readme.BEGIN)[2].partition(readme.END)[0]
    for row in bars.rows([outcome(cell, good=whole(cell).good) for cell in ALL], DEPLOYED):
        assert f"- {row.what}: " in shown, "run: .venv/bin/python -m bench.judging --readme"
        assert f"(bar: {row.bar})" in shown


# All together


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], str]:
    file = tmp_path_factory.mktemp("judging") / "part.md"
    command = [sys.executable, "-m", "bench.judging", "--quick", "--markdown", str(file)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False), file.read_text("utf-8")


def test_a_small_simulation_holds_every_bar(quick: tuple[subprocess.CompletedProcess[str], str]) -> None:
    run, part = quick
    result = json.loads(run.stdout.splitlines()[-1])
    assert (run.returncode, result["ok"], len(result["rows"])) == (0, True, len(FEW) + len(WAYS) + 6), (
        run.stdout + run.stderr
    )
    assert part.count("\n| 10 % ") == len(FEW) // 2 + 2 * len(FEW)


@pytest.mark.parametrize(("wrong", "holds"), [(0, True), (300, False)])
def test_the_last_line_says_whether_every_bar_holds(wrong: int, holds: bool) -> None:
    text, held = report([outcome(FEW[0], wrong)], DEPLOYED, seconds=1.26)
    assert held is holds
    assert json.loads(text.splitlines()[-1]).items() >= {"ok": holds, "seconds": 1.3}.items()


def test_a_small_simulation_does_not_get_into_the_readme() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--quick", "--readme"])
