"""The simulation of the error gate is right: its dice, its releases, its bars. `make judge` plays all of it."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bench.judging import bars, cells, page
from bench.judging.__main__ import main, report
from bench.judging.binomial import binomial
from bench.judging.causes import Bursts, Cause, ColdStarts, LongBursts, Outage, Retries, Served, SickEnvironments
from bench.judging.cells import Cell, Way, manifest
from bench.judging.dice import in_bursts, independent
from bench.judging.own_alarm import OwnAlarm
from bench.judging.release import played
from bench.judging.rivals import RIVALS, AnyError, Fisher, OneLook, OverFivePercent, watched
from bench.judging.service import MINUTE, START, Alias, Late, Service
from bench.judging.simulation import Simulated
from bench.judging.trials import Caught, Ended, RivalEnded
from controller.core.gates.own_alarm import minutes_watched
from controller.core.manifest.building import build
from controller.core.model import Cause as Because
from controller.core.statistics.before_after import ServedBefore
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from tests.adapters.test_alarms import MINUTES
from tests.pages import PAGES

ROOT = Path(__file__).resolve().parents[2]
QUIET = Service(1_000, (Bursts(0.001),))
BROKEN = Service(1_000, (Bursts(0.001, more=0.5),))


def ended(cell: Cell, rolled_back: int = 0, **changes: object) -> Ended:
    rivals = dict.fromkeys(RIVALS, RivalEnded(0.5, 0.33, 30.0))
    return replace(Ended(cell, 1_000, rolled_back, early=rolled_back, met=14.0, rivals=rivals), **changes)  # type: ignore[arg-type]


def whole_run() -> Simulated:
    return Simulated(
        [ended(cell) for cell in cells.promised()],
        [ended(cell, 40) for cell in cells.unpromised()],
        [ended(cell, 1_000) for cell in cells.failing_late()],
        [Caught(each, int(each.minutes), int(each.errors)) for each in cells.worse()],
        ended(cells.TEN_TIMES, 870),
    )


# The dice


@pytest.mark.parametrize(
    ("trials", "chance"),
    [(5, 0.3), (40, 0.02), (60, 0.5), (400, 0.02), (1_000, 0.9), (10_000, 0.1), (10_000, 0.0001)],
    ids=["few", "rare", "even", "skewed", "likely", "many", "many and rare"],
)
@pytest.mark.parametrize("of", ["one by one", "by a table"])
def test_every_count_comes_as_often_as_the_binomial_says(of: str, trials: int, chance: float) -> None:
    throws, dice = 20_000, random.Random(3)
    table = independent(trials, chance)
    throw: Callable[[], int] = (lambda: binomial(dice, trials, chance)) if of == "one by one" else (lambda: table(dice))
    thrown = Counter(throw() for _ in range(throws))
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
    assert binomial(random.Random(1), trials, chance) == independent(trials, chance)(random.Random(1)) == count


def test_a_million_trials_take_few_throws() -> None:
    dice = Counted(1)
    assert 99_000 < binomial(dice, 1_000_000, 0.1) < 101_000
    assert dice.throws < 200


class Counted(random.Random):
    throws = 0

    def random(self) -> float:
        self.throws += 1
        return super().random()


@pytest.mark.parametrize("size", [1.0, 1.25, 3.0, 10.0])
def test_errors_in_bursts_are_as_many_and_as_spread_as_geometric_sizes_make_them(size: float) -> None:
    dice, throw = random.Random(2), in_bursts(5.0, size)
    thrown = [throw(dice) for _ in range(40_000)]
    mean = sum(thrown) / len(thrown)
    variance = sum((each - mean) ** 2 for each in thrown) / len(thrown)
    assert mean == pytest.approx(5, rel=0.05)
    assert variance == pytest.approx(5 * (2 * size - 1), rel=0.08)


# Why requests fail

CAUSES: dict[str, Cause] = {
    "one by one": Bursts(0.01),
    "bursts": Bursts(0.01, 3),
    "bursts over two minutes": LongBursts(0.01, 10, 2),
    "sick environments": SickEnvironments(an_hour=6, minutes=10, errors_a_minute=10),
    "tried three times": Retries(0.01),
}


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES.keys())
def test_a_day_and_a_deployment_have_the_errors_that_were_asked_for_and_the_canary_its_share(cause: Cause) -> None:
    dice, minutes = random.Random(4), 4_000
    day = [*cause.day(dice, 1_000, minutes)]
    assert sum(each.failed for each in day) == pytest.approx(10 * minutes, rel=0.1)
    assert not any(each.on_canary for each in day)
    met = [each for number in range(minutes) for each in cause.errors(dice, Served(number, 300, 700, 0.3))]
    assert sum(each.failed for each in met) == pytest.approx(10 * minutes, rel=0.1)
    assert sum(each.failed for each in met if each.on_canary) == pytest.approx(3 * minutes, rel=0.2)


def test_an_event_is_tried_again_after_one_minute_and_after_two_more() -> None:
    tried = [*Retries(0.3).errors(random.Random(1), Served(7, 0, 1_000, 0.0))]
    assert [each.minute for each in tried] == [7, 8, 10]
    assert len({each.failed for each in tried}) == 1


def test_cold_starts_fail_in_the_first_minute_of_a_step_and_an_outage_hits_both() -> None:
    dice = random.Random(1)
    assert [*ColdStarts(5).errors(dice, Served(0, 100, 900, 0.1))] == []
    (cold,) = ColdStarts(5).errors(dice, Served(0, 100, 900, 0.1, begins_step=True))
    assert cold.on_canary
    outage = Outage(1.0, begins=2, ends=4)
    assert [*outage.errors(dice, Served(1, 100, 900, 0.1))] == [*outage.errors(dice, Served(4, 100, 900, 0.1))] == []
    hit = outage.errors(dice, Served(2, 100, 900, 0.1))
    assert {each.on_canary: each.failed for each in hit} == {True: 100, False: 900}


# What CloudWatch shows


def shown(service: Service, looks: int, second: int = 20) -> list[list[CountedMinute]]:
    alias, seen = Alias(random.Random(5), service, second), []
    for number in range(looks):
        alias.look(number)
        alias.serve(number, 0.1)
        seen.append([*alias.shown])
    return seen


def test_a_minute_is_there_whole_at_the_second_look_after_it() -> None:
    seen = shown(QUIET, 4)
    assert [len(each) for each in seen] == [0, 0, 1, 2]
    assert seen[2][0].began == START
    counts = seen[2][0].counts
    assert counts.canary_invocations + counts.stable_invocations == 1_000
    assert seen[3][0] == seen[2][0]


def test_what_ends_late_is_counted_late_in_the_minute_in_which_it_began() -> None:
    seen = shown(Service(1_000, (Bursts(0.1),), timeout=300, canary=Late(errors=1.0), stable=Late(successes=1.0)), 9)
    first = [each[0].counts for each in seen[2:]]
    assert first[0].canary_errors == 0 < first[-1].canary_errors
    assert first[0].stable_invocations == first[0].stable_errors > 50
    assert first[-1].canary_invocations + first[-1].stable_invocations == 1_000
    # The second look after the minute is the first here; five minutes later all requests have ended.
    assert [each.canary_errors for each in first].index(first[-1].canary_errors) == 5


def test_the_canary_gets_its_share_or_really_more() -> None:
    counts = [each.counts for each in shown(QUIET, 30)[-1]]
    more = [each.counts for each in shown(replace(QUIET, share_times=1.2), 30)[-1]]
    assert sum(each.canary_invocations for each in counts) / (1_000 * len(counts)) == pytest.approx(0.1, rel=0.1)
    assert sum(each.canary_invocations for each in more) / (1_000 * len(more)) == pytest.approx(0.12, rel=0.1)


def test_no_version_has_more_errors_than_requests() -> None:
    minutes = [each.counts for each in shown(Service(10, (Bursts(0.9, 10),)), 20)[-1]]
    assert any(each.stable_errors == each.stable_invocations for each in minutes)


# The own alarm


@pytest.mark.parametrize(
    ("errors", "expected"),
    [([30, 30], True), ([30, 0, 30], True), ([30, 0, 0, 0, 0, 30], False), ([30], False), ([12, 12, 12], False)],
)
def test_two_bad_minutes_of_the_newest_fire_the_own_alarm(errors: list[int], expected: bool) -> None:
    minutes = [CountedMinute(START + i * MINUTE, Minute(100, each, 900, 9)) for i, each in enumerate(errors)]
    assert OwnAlarm(minutes_watched(timedelta(seconds=3))).fires(minutes) is expected


def test_the_own_alarm_says_nothing_of_a_minute_without_the_stable_version_and_goes_by_a_number_in_the_bake() -> None:
    minutes = [CountedMinute(START + i * MINUTE, Minute(100, 50, 0, 0)) for i in range(3)]
    assert not OwnAlarm(5).fires(minutes)
    assert OwnAlarm(5, before=ServedBefore(1_000, 100)).fires(minutes)
    assert not OwnAlarm(5, before=ServedBefore(1_000, 400)).fires(minutes)


def test_it_takes_three_bursts_to_make_a_minute_bad() -> None:
    assert OwnAlarm(5, least_errors=28).is_bad(Minute(100, 30, 900, 9))
    assert not OwnAlarm(5, least_errors=29).is_bad(Minute(100, 30, 900, 9))
    assert OwnAlarm(5, least_errors=99).is_bad(Minute(100, 60, 900, 9))


@pytest.mark.parametrize(("canary_errors", "canary", "stable_errors", "stable", "is_bad"), MINUTES)
def test_its_bad_minutes_are_those_of_the_expression_that_cloudwatch_is_given(
    canary_errors: int | None, canary: int | None, stable_errors: int | None, stable: int | None, is_bad: bool | None
) -> None:
    if canary_errors is None or canary is None or stable_errors is None or stable is None:
        assert not is_bad
    else:
        assert OwnAlarm(5).is_bad(Minute(canary, canary_errors, stable, stable_errors)) is bool(is_bad)


# Whole deployments


@pytest.mark.parametrize("way", Way, ids=lambda way: way.name.lower())
def test_a_good_release_is_promoted_and_a_broken_one_is_not(way: Way) -> None:
    good = played(random.Random(1), replace(QUIET, causes=()), manifest(way))
    assert (good.cause, good.before_promotion, good.met, good.doubted) == (None, False, 0, timedelta(0))
    bad = played(random.Random(1), BROKEN, manifest(way))
    assert bad.cause in (Because.ERRORS, Because.ALARM)
    assert bad.before_promotion
    assert bad.judged_minutes < 20
    assert bad.met > 10


def test_the_same_release_ends_alike_again() -> None:
    service = Service(1_000, (Bursts(0.001, times=10),))
    assert played(random.Random(7), service, build({})) == played(random.Random(7), service, build({}))


def test_a_release_whose_failures_come_after_minutes_is_back_when_all_of_them_are_counted() -> None:
    service = Service(1_000, (Bursts(0.001, more=0.3),), timeout=900, canary=Late(errors=1.0))
    outcome = played(random.Random(1), service, build({}))
    assert outcome.cause in (Because.ERRORS, Because.ALARM)
    assert not outcome.before_promotion
    assert outcome.judged_minutes >= 15


# The rivals


def after(rival: OneLook | Fisher | AnyError | OverFivePercent, *minutes: Minute, bakes: bool = False) -> bool:
    now = rival
    for minute in minutes:
        now = now.after(minute, bakes=bakes)
    return now.fired


def test_any_error_of_the_canary_fires_that_rival() -> None:
    assert after(AnyError(), Minute(1000, 1, 9000, 0))
    assert not after(AnyError(), Minute(1000, 0, 9000, 900))


@pytest.mark.parametrize(
    ("errors", "expected"),
    [([51, 51], True), ([51, 0, 51], True), ([51, 0, 0, 51], False), ([50, 50, 50], False), ([51], False)],
)
def test_two_of_three_minutes_over_five_percent_fire_that_rival(errors: list[int], expected: bool) -> None:
    assert after(OverFivePercent(), *(Minute(1000, each, 9000, 0) for each in errors)) is expected


def test_fisher_adds_up_all_minutes() -> None:
    as_many = sum(math.comb(100, count) * math.comb(900, 5 - count) for count in (3, 4, 5))
    so_far = Fisher(canary=100, canary_errors=3, stable=900, stable_errors=2)
    assert so_far.tail() == pytest.approx(as_many / math.comb(1_000, 5))
    assert not after(Fisher(), Minute(100, 2, 900, 2))
    assert after(Fisher(), Minute(100, 2, 900, 2), Minute(100, 2, 900, 0))


def test_one_look_takes_what_is_counted_for_complete_and_a_single_minute_for_an_alarm() -> None:
    assert after(OneLook(), Minute(100, 14, 900, 1))
    assert not after(OneLook(), Minute(100, 2, 900, 2))
    assert after(OneLook(), *[Minute(1000, 10, 1000, 1)] * 4, bakes=True)


def test_the_rivals_see_the_same_release_until_each_has_rolled_it_back() -> None:
    found = watched(random.Random(1), BROKEN, build({}))
    assert all(each and each.before_promotion and each.judged_minutes <= 3 for each in found.values())
    calm = watched(random.Random(1), replace(QUIET, causes=()), build({}))
    assert set(calm.values()) == {None}


# The cells and the bars


def test_the_cells_are_the_ones_that_the_design_names() -> None:
    promised = {(cell.name, cell.way) for cell in cells.promised()}
    assert len(promised) == len(cells.promised())
    assert {way for _, way in promised} == set(Way)
    for those in (cells.promised(), cells.failing_late()):
        assert {cell.service.timeout for cell in those} == {3, 30, 120, 300, 900}
    assert manifest(Way.DEFAULT).strategy == build({}).strategy


@pytest.mark.parametrize(("wrong", "holds"), [(0, True), (10, True), (24, True), (25, False), (300, False)])
def test_only_an_improbable_count_of_false_rollbacks_breaks_the_bar(wrong: int, holds: bool) -> None:
    (row,) = bars.kept([ended(cells.TEN_TIMES, wrong)])
    assert row.holds is holds
    assert row.numbers["false_rollbacks"] == wrong


@pytest.mark.parametrize(("runs", "most"), [(100, 6), (200, 9), (1_000, 24)])
def test_a_bar_says_how_many_chance_explains(runs: int, most: int) -> None:
    (row,) = bars.kept([ended(cells.TEN_TIMES, runs=runs)])
    assert row.bar == f"at most 1%, by chance {most} of {runs:,}"
    assert at_least(most, runs) >= bars.IMPROBABLE > at_least(most + 1, runs)


def at_least(count: int, runs: int) -> float:
    """How probable ``count`` or more of ``runs`` are where each happens in one case of a hundred, exactly."""
    ways = sum(math.comb(runs, each) * 99 ** (runs - each) for each in range(count, runs + 1))
    return ways / 100**runs


def test_many_cells_that_are_each_just_probable_break_the_bar_together() -> None:
    many = [ended(cell, 18) for cell in cells.promised()]
    assert all(row.holds for row in bars.kept(many))
    together, _ = bars.together(many)
    assert not together.holds


def test_a_good_release_that_is_held_a_minute_longer_breaks_the_bar() -> None:
    _, short = bars.together([ended(cells.TEN_TIMES, longer=0.99)])
    _, long = bars.together([ended(cells.TEN_TIMES, longer=1.0)])
    assert (short.holds, long.holds) == (True, False)


@pytest.mark.parametrize(("early", "met", "held"), [(870, 14, 2), (799, 14, 1), (870, 20, 1), (400, 29, 0)])
def test_ten_times_as_bad_must_be_back_early_and_cost_less(early: int, met: float, held: int) -> None:
    assert sum(row.holds for row in bars.ten_times(ended(cells.TEN_TIMES, early, met=met))) == held


@pytest.mark.parametrize(
    ("minutes", "errors", "holds"), [(7, 13, True), (10, 18, True), (11, 18, False), (10, 19, False)]
)
def test_a_median_over_the_design_breaks_its_bar(minutes: int, errors: int, holds: bool) -> None:
    (row,) = bars.worse([Caught(cells.worse()[0], minutes, errors)])
    assert row.holds is holds


@pytest.mark.parametrize(("back", "holds"), [(800, True), (799, False)])
def test_failures_that_come_late_must_be_caught(back: int, holds: bool) -> None:
    (row,) = bars.failing_late([ended(cells.failing_late()[0], back)])
    assert row.holds is holds


# The page


def test_the_part_of_the_page_is_replaced_and_nothing_else() -> None:
    text = f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n"
    assert page.rewritten(text, "new") == f"before\n{page.BEGIN}\n\nnew\n\n{page.END}\nafter\n"
    assert page.rewritten(page.rewritten(text, "new"), "new") == page.rewritten(text, "new")


@pytest.mark.parametrize("text", ["", page.BEGIN, f"{page.END}\n{page.BEGIN}\n"])
def test_a_page_without_the_part_is_refused(text: str) -> None:
    with pytest.raises(page.NoPart, match="needs each of these lines once"):
        page.rewritten(text, "new")


def test_the_page_shows_every_cell_of_a_whole_run() -> None:
    shown_part = PAGES["docs/evidence/error-gate-simulation.md"].partition(page.BEGIN)[2].partition(page.END)[0]
    lines = {first_cells(line) for line in shown_part.splitlines()}
    expected = {first_cells(line) for line in page.part(whole_run()).splitlines() if line.startswith("|")}
    assert expected - lines <= {first_cells("|---|---|")}, "run: .venv/bin/python -m bench.judging --page"


def first_cells(line: str) -> tuple[str, ...]:
    """The two first cells of a line of a table; a rule is one dash."""
    return tuple(each.strip().strip("-") for each in line.split("|")[1:3])


# All together


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], str]:
    file = tmp_path_factory.mktemp("judging") / "part.md"
    command = [sys.executable, "-m", "bench.judging", "--quick", "--markdown", str(file)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False), file.read_text("utf-8")


def test_a_small_simulation_holds_every_bar(quick: tuple[subprocess.CompletedProcess[str], str]) -> None:
    run, part = quick
    result = json.loads(run.stdout.splitlines()[-1])
    assert (run.returncode, result["ok"]) == (0, True), run.stdout + run.stderr
    assert len(result["rows"]) > 15
    assert part in run.stdout


@pytest.mark.parametrize(("wrong", "holds"), [(0, True), (300, False)])
def test_the_last_line_says_whether_every_bar_holds(wrong: int, holds: bool) -> None:
    run = whole_run()
    text, held = report(replace(run, promised=[ended(run.promised[0].cell, wrong)]), seconds=1.26)
    assert held is holds
    assert json.loads(text.splitlines()[-1]).items() >= {"ok": holds, "seconds": 1.3}.items()


def test_a_small_simulation_does_not_get_onto_the_page() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--quick", "--page"])
