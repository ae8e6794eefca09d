"""Runs the experiments of a run side by side, each with a bound, and collects what they find."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from live.outcomes import Finding, NotFoundOut
from live.run import Run
from live.waiting import GivenUp, Pause, Steps

Tell = Callable[[str], None]
Answers = dict[str, Finding | NotFoundOut]


@dataclass(frozen=True, slots=True)
class Experiment:
    """Some work in the account that answers ``facts``; without any, it prepares something for the others.

    It begins when those that it ``needs`` have ended well and those that it comes ``after`` have ended. ``within`` is
    how many minutes it may pause in all; what a call to AWS takes is bounded by the call.
    """

    name: str
    facts: tuple[str, ...]
    steps: Callable[[Run], Steps]
    within: float
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def chosen(experiments: Sequence[Experiment], facts: Collection[str]) -> tuple[Experiment, ...]:
    """Returns the experiments that answer any of these facts, and what they need, in order."""
    wanted = {each.name for each in experiments if set(each.facts) & set(facts)}
    while more := {name for each in experiments if each.name in wanted for name in each.needs} - wanted:
        wanted |= more
    return tuple(each for each in experiments if each.name in wanted)


def conduct(experiments: Sequence[Experiment], run: Run, answers: Answers, tell: Tell) -> None:
    """Runs all of them and puts into ``answers`` what comes of each fact, as it comes: an interruption loses none."""
    schedule = _Schedule(experiments, run, answers, tell)
    try:
        while schedule.goes_on():
            pass
    finally:
        schedule.close()


@dataclass
class _Started:
    experiment: Experiment
    steps: Steps
    due: float
    paused: float = 0.0
    waits_for: str = ""


@dataclass
class _Schedule:
    experiments: Sequence[Experiment]
    run: Run
    answers: Answers
    tell: Tell
    _started: dict[str, _Started] = field(default_factory=dict)
    _ended: dict[str, str] = field(default_factory=dict)
    """By name; the text is why it failed, empty where it ended well."""

    def goes_on(self) -> bool:
        """Starts what can start, and does the step that is due first. Returns whether there was one."""
        for experiment in self.experiments:
            self._start(experiment)
        running = [each for each in self._started.values() if each.experiment.name not in self._ended]
        if not running:
            return False
        first = min(running, key=lambda each: each.due)
        time.sleep(max(0.0, first.due - time.monotonic()))
        self._step(first)
        return True

    def close(self) -> None:
        """Ends what is under way: programs that an experiment has started stop before anything is taken away."""
        for started in self._started.values():
            started.steps.close()

    def _start(self, experiment: Experiment) -> None:
        if experiment.name in self._started or experiment.name in self._ended:
            return
        names = {each.name for each in self.experiments}
        if not {*experiment.needs, *experiment.after} & names <= self._ended.keys():
            return
        for need in experiment.needs:
            if self._ended[need]:
                self._end(experiment, f"it needs {need}, which failed: {self._ended[need]}")
                return
        self.tell(f"{experiment.name}: begins")
        self._started[experiment.name] = _Started(experiment, experiment.steps(self.run), time.monotonic())

    def _step(self, started: _Started) -> None:
        experiment = started.experiment
        if started.paused > experiment.within:
            started.steps.close()
            self._end(experiment, f"not within {experiment.within:g} minutes; it still waited for {started.waits_for}")
            return
        try:
            yielded = next(started.steps)
        except StopIteration:
            self._end(experiment, "")
        except (GivenUp, ClientError, BotoCoreError) as failure:
            self._end(experiment, str(failure))
        else:
            self._take(started, yielded)

    def _take(self, started: _Started, yielded: Pause | Finding) -> None:
        if isinstance(yielded, Finding):
            self.answers[yielded.fact] = yielded
            self.tell(f"{yielded.fact}: {yielded.found}")
            return
        started.paused += yielded.minutes
        started.due = time.monotonic() + yielded.minutes * self.run.aws.minute
        if yielded.waits_for != started.waits_for:
            started.waits_for = yielded.waits_for
            self.tell(f"{started.experiment.name}: waits for {yielded.waits_for}")

    def _end(self, experiment: Experiment, failure: str) -> None:
        self._ended[experiment.name] = failure
        if failure:
            self.tell(f"{experiment.name}: {failure}")
        for fact in experiment.facts:
            self.answers.setdefault(fact, NotFoundOut(failure or "the experiment said nothing of it"))
