"""Experiments run side by side, each with a bound, and one that fails keeps no other from its answer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from live.experiments import EXPERIMENTS
from live.facts import FACTS
from live.outcomes import Finding, NotFoundOut
from live.run import Aws, Run
from live.schedule import Answers, Experiment, chosen, conduct
from live.waiting import GivenUp, Pause, Steps, Waiting, alone, until

MINUTE = 0.001


class Nothing:
    """Nothing is deployed in these tests."""

    def deploy(self, name: str, parameters: object) -> Waiting[dict[str, str]]:
        yield from ()
        return {}


def run() -> Run:
    return Run("slipway-live-0a1b2c", Aws(SimpleNamespace(region_name="us-east-1"), minute=MINUTE), Nothing())


def experiment(
    name: str,
    steps: Callable[[Run], Steps],
    within: float = 100,
    needs: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
) -> Experiment:
    return Experiment(name, (name,), steps, within, needs, after)


def answering(fact: str, pauses: int = 0) -> Callable[[Run], Steps]:
    def steps(_run: Run) -> Steps:
        for _ in range(pauses):
            yield Pause(1, "the answer")
        yield Finding(fact, "found", as_expected=True)

    return steps


def waiting_for_ever(_run: Run) -> Steps:
    while True:
        yield Pause(1, "something that never comes")


def failing(_run: Run) -> Steps:
    yield Pause(1, "trouble")
    raise GivenUp("it went wrong")


def conducted(*experiments: Experiment) -> tuple[Answers, list[str]]:
    answers, told = Answers(), list[str]()
    conduct(experiments, run(), answers, told.append)
    return answers, told


def test_the_waits_of_experiments_are_shared() -> None:
    _, told = conducted(experiment("slow", answering("slow", 3)), experiment("quick", answering("quick")))
    assert told.index("quick: found") < told.index("slow: found")


def test_one_that_never_ends_is_given_up_with_what_it_waited_for() -> None:
    answers, _ = conducted(experiment("endless", waiting_for_ever, within=5), experiment("quick", answering("quick")))
    assert answers["endless"] == NotFoundOut("not within 5 minutes; it still waited for something that never comes")
    assert answers["quick"] == Finding("quick", "found", as_expected=True)


def test_what_needs_a_failed_one_is_not_tried_and_says_why() -> None:
    answers, told = conducted(experiment("base", failing), experiment("top", answering("top"), needs=("base",)))
    assert answers["top"] == NotFoundOut("it needs base, which failed: it went wrong")
    assert "top: begins" not in told


def test_what_comes_after_a_failed_one_is_tried_all_the_same() -> None:
    answers, told = conducted(experiment("first", failing), experiment("next", answering("next"), after=("first",)))
    assert isinstance(answers["next"], Finding)
    assert told.index("next: begins") > told.index("first: it went wrong")


def test_what_was_found_before_an_experiment_failed_stays_found() -> None:
    def steps(_run: Run) -> Steps:
        yield Finding("a", "found", as_expected=True)
        raise GivenUp("it went wrong")

    answers, _ = conducted(Experiment("both", ("a", "b"), steps, 5))
    assert (answers["a"], answers["b"]) == (Finding("a", "found", as_expected=True), NotFoundOut("it went wrong"))


def test_an_experiment_that_forgets_a_fact_does_not_pass_it() -> None:
    answers, _ = conducted(Experiment("forgetful", ("a",), lambda _run: (yield from ()), 5))
    assert isinstance(answers["a"], NotFoundOut)


def test_an_interruption_keeps_what_was_found() -> None:
    def steps(_run: Run) -> Steps:
        yield Finding("a", "found", as_expected=True)
        raise KeyboardInterrupt

    answers = Answers()
    with pytest.raises(KeyboardInterrupt):
        conduct([Experiment("both", ("a", "b"), steps, 5)], run(), answers, lambda _text: None)
    assert answers == {"a": Finding("a", "found", as_expected=True)}


def test_an_interruption_ends_every_experiment_before_it_is_handed_on() -> None:
    ended = []

    def steps(_run: Run) -> Steps:
        try:
            yield Pause(1, "the end")
        finally:
            ended.append("slow")

    def interrupted(_run: Run) -> Steps:
        yield Pause(0.5, "Ctrl-C")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        conducted(experiment("slow", steps), experiment("interrupted", interrupted))
    assert ended == ["slow"]


def test_a_wait_looks_once_more_when_its_time_is_over() -> None:
    looks = iter([None, None, "there"])
    assert alone(until(lambda: next(looks), "it", within=2, every=1), MINUTE) == "there"
    with pytest.raises(GivenUp, match="waited 2 minutes for it"):
        alone(until(lambda: None, "it", within=2, every=1), MINUTE)


def test_every_fact_is_tried_by_one_experiment_and_every_name_is_known() -> None:
    assert sorted(fact for each in EXPERIMENTS for fact in each.facts) == sorted(fact.number for fact in FACTS)
    names = [each.name for each in EXPERIMENTS]
    assert len(set(names)) == len(names)
    assert {name for each in EXPERIMENTS for name in (*each.needs, *each.after)} <= set(names)


def test_a_choice_of_facts_brings_what_they_need_and_nothing_else() -> None:
    assert [each.name for each in chosen(EXPERIMENTS, {"L2"})] == ["log alarms"]
    assert [each.name for each in chosen(EXPERIMENTS, {"L11"})] == ["role and bucket", "the stack", "a stack update"]
