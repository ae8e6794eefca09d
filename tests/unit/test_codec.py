"""How a deployment is written down: nothing is lost, and other releases can read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.manifest.building import build
from controller.core.manifest.settings import HookPoint, Manifest
from controller.core.model import (
    Approval,
    Artifact,
    CarriedOut,
    Cause,
    Deployment,
    Entry,
    Milestone,
    Notice,
    Person,
    Phase,
    Reason,
    Routing,
    Target,
    TestOutcome,
)
from controller.core.model.deployment import Alarms, Failing
from controller.core.model.deployment.hook_run import HookRun, HookStatus
from controller.core.records.codec import SCHEMA, from_record, read, to_record, write
from controller.core.statistics.before_after import ServedBefore
from controller.core.statistics.sequential_evidence import CountedMinute, Judgement, Minute
from controller.core.statistics.shift import Shift
from controller.core.statistics.slow_requests import Measure, SlowRequests, Threshold
from tests.builders import NOW, after, changed, deployment, eventful, manifest, shift, slow_requests

FULL = eventful()
BARE = Deployment(  # what FULL has that every record has
    target=FULL.target,
    number=FULL.number,
    artifact=FULL.artifact,
    manifest=FULL.manifest,
    phase=FULL.phase,
    opened_at=FULL.opened_at,
    phase_since=FULL.phase_since,
    alarms=Alarms(FULL.alarms.own),
)
NEEDED = {
    "schema", "target", "number", "artifact", "manifest", "phase", "opened_at", "phase_since", "alarms",
}  # fmt: skip


GROUPS = ("versions", "traffic", "evidence", "alarms", "hold", "bookkeeping")


def but(record: dict[str, Any], group: str, **values: object) -> dict[str, Any]:
    """Returns a record that has these values in one of its groups."""
    return {**record, group: {**record.get(group, {}), **values}}


def stored(record: Mapping[str, object]) -> dict[str, object]:
    """Returns a record as it comes back from the table, which leaves out what is None."""
    return {name: value for name, value in json.loads(json.dumps(record)).items() if value is not None}


# -- nothing is lost --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", Phase)
def test_a_deployment_comes_back_as_it_was(phase: Phase) -> None:
    before = eventful(phase)
    assert from_record(to_record(before), 9) == before
    assert from_record(stored(to_record(before)), 9) == before


@pytest.mark.parametrize("phase", Phase)
def test_a_deployment_that_has_just_entered_a_phase_comes_back(phase: Phase) -> None:
    before = deployment(phase)
    assert from_record(stored(to_record(before)), 0) == before


def test_the_full_example_leaves_no_field_at_its_first_value() -> None:
    optional = {each.name for each in fields(Deployment)} - NEEDED
    assert [name for name in optional if getattr(FULL, name) == getattr(BARE, name)] == []


@pytest.mark.parametrize("group", GROUPS)
def test_nor_does_any_of_its_groups(group: str) -> None:
    full, bare = getattr(FULL, group), getattr(BARE, group)
    first = [each.name for each in fields(full) if getattr(full, each.name) == getattr(bare, each.name)]
    assert first == (["own"] if group == "alarms" else [])


def test_every_field_stands_in_the_record_under_its_name() -> None:
    names = {each.name for each in fields(Deployment)} - {"revision", "extra"}
    assert set(to_record(FULL)) == names | {"schema", *FULL.extra}


def test_fields_that_say_nothing_are_not_stored() -> None:
    assert set(to_record(BARE)) == NEEDED
    assert to_record(changed(BARE, expected_routings=(Routing("2"),)))["traffic"] == {
        "expected_routings": [{"version": "2"}]
    }


def test_a_default_that_says_something_is_written() -> None:
    """A later release may have another one, and this deployment keeps what it began with."""
    (written,) = to_record(deployment(slow_requests=(slow_requests(),)))["evidence"]["slow_requests"]  # type: ignore[index]
    assert (written["spread"], written["settles_in"]) == ("1.0", 120_000_000)


def test_a_record_says_its_schema() -> None:
    assert to_record(deployment())["schema"] == SCHEMA == 1


def test_the_revision_is_the_stores() -> None:
    assert "revision" not in to_record(FULL)
    assert from_record(to_record(FULL), 77).revision == 77


def test_a_record_is_json_without_fractions() -> None:
    def refuse(fraction: str) -> object:
        raise AssertionError(fraction)

    assert json.loads(json.dumps(to_record(FULL)), parse_float=refuse) == to_record(FULL)


def test_sets_are_written_in_order() -> None:
    record: dict[str, Any] = to_record(FULL)
    assert record["alarms"]["disarmed"] == ["checkout-cpu", "checkout-p99"]
    assert record["bookkeeping"]["done"] == sorted(milestone.value for milestone in FULL.done)


# -- the manifest -----------------------------------------------------------------------------------------------------


def test_fractions_in_the_manifest_survive_the_table() -> None:
    exact = manifest(
        strategy={"steps": [{"weight": 0.25, "hold": "1m"}, {"weight": 33.33, "hold": "1m"}]},
        tests=[{"name": "ping", "payload": {"price": 0.1}, "response": {"properties": {"price": {"maximum": 1.5}}}}],
    )
    found = from_record(stored(to_record(deployment(manifest=exact))), 0)
    assert found.manifest == exact
    assert [step.weight for step in found.manifest.strategy.steps] == [25, 3333]


def test_a_manifest_that_was_accepted_stays_accepted() -> None:
    """A newer release may refuse what an older one took; its open deployments still have to end."""
    record = {**to_record(deployment()), "manifest": json.dumps({"function": {"MemorySize": 1}, "unheard_of": True})}
    assert from_record(record, 0).manifest.function == {"MemorySize": 1}


# -- other releases ---------------------------------------------------------------------------------------------------


def test_fields_that_this_code_does_not_know_survive() -> None:
    record = {**to_record(deployment()), "evidence": {"3": [1, 2]}, "schema": 2}
    found = from_record(stored(record), 0)
    assert found.extra == {"evidence": {"3": [1, 2]}}
    assert to_record(changed(found, step=1))["evidence"] == {"3": [1, 2]}


def test_writing_twice_what_this_code_does_not_know_is_writing_it_once() -> None:
    extra = {"bookkeeping": {"done": ["polished", "tested"]}, "alarms": {"disarmed": ["checkout-p99"]}}
    record: dict[str, Any] = to_record(replace(FULL, extra=extra))
    known: dict[str, Any] = to_record(replace(FULL, extra={}))
    assert record["bookkeeping"]["done"] == [*known["bookkeeping"]["done"], "polished"]
    assert record["alarms"] == known["alarms"]
    assert to_record(replace(from_record(record, 9), extra=record)) == record


def test_an_unknown_field_cannot_overwrite_a_known_one() -> None:
    assert to_record(replace(FULL, extra={"phase": "FAILED"}))["phase"] == "SHIFTING"


def test_a_record_without_optional_fields_is_read() -> None:
    record: dict[str, Any] = {name: value for name, value in to_record(FULL).items() if name in NEEDED}
    assert from_record({**record, "alarms": {"own": record["alarms"]["own"]}}, 0) == BARE


@pytest.mark.parametrize("name", [name for name in to_record(FULL) if name not in NEEDED])
def test_any_one_optional_field_may_be_absent(name: str) -> None:
    record = {key: value for key, value in to_record(FULL).items() if key != name}
    assert from_record(record, 9).number == FULL.number


@pytest.mark.parametrize(
    ("group", "name"),
    [(group, name) for group in GROUPS for name in to_record(FULL)[group] if name != "own"],  # type: ignore[attr-defined]
)
def test_nor_need_any_one_in_a_group_be_there(group: str, name: str) -> None:
    record: dict[str, Any] = to_record(FULL)
    less = {key: value for key, value in record[group].items() if key != name}
    assert from_record({**record, group: less}, 9).number == FULL.number


@pytest.mark.parametrize("group", GROUPS)
def test_a_field_of_a_group_that_this_code_does_not_know_survives(group: str) -> None:
    found = from_record(but(to_record(BARE), group, of_the_next=[1]), 0)
    assert found == replace(BARE, extra={group: {"of_the_next": [1]}})
    assert to_record(found) == but(to_record(BARE), group, of_the_next=[1])


def test_a_field_inside_another_that_this_code_does_not_know_survives() -> None:
    record: dict[str, Any] = to_record(FULL)
    artifact_of_the_next, bake = {**record["artifact"], "sbom": "sbom.json"}, record["evidence"]["bake"]
    bake_of_the_next = {**bake, "runs": {**bake["runs"], "walks": ["1.0"]}}
    found = from_record(but({**record, "artifact": artifact_of_the_next}, "evidence", bake=bake_of_the_next), 0)
    assert found.artifact == FULL.artifact
    again: dict[str, Any] = to_record(changed(found, step=0))
    assert (again["artifact"], again["evidence"]["bake"]) == (artifact_of_the_next, bake_of_the_next)


def test_it_survives_where_this_code_has_nothing_to_write_there() -> None:
    found = from_record(but(to_record(BARE), "evidence", shift={"of_the_next": 1}), 0)
    assert found.evidence.shift == Shift()
    assert to_record(found)["evidence"] == {"shift": {"of_the_next": 1}}


def test_what_a_newer_release_knows_of_an_approval_is_not_said_of_the_next_one() -> None:
    approval = {**write(Approval(NOW, given=True)), "by": "alice"}
    found = from_record(but(to_record(deployment()), "hold", approval=approval), 0)
    later = Approval(after(minutes=9))
    assert to_record(changed(found, approval=later))["hold"] == {"approval": write(later)}


def test_a_milestone_that_this_code_does_not_know_is_left_out_and_survives() -> None:
    """Else the newer release would do it a second time."""
    found = from_record(but(to_record(deployment()), "bookkeeping", done=["polished", "tested"]), 0)
    assert found.done == {Milestone.TESTED}
    again: dict[str, Any] = to_record(found.with_done(Milestone.PRUNED))
    assert again["bookkeeping"]["done"] == ["pruned", "tested", "polished"]


def test_a_measure_that_this_code_does_not_know_is_left_out() -> None:
    record = to_record(deployment(slow_requests=(slow_requests(Measure.P50), slow_requests(Measure.P99))))
    first, second = record["evidence"]["slow_requests"]  # type: ignore[index]
    of_the_next = {**first, "threshold": {**first["threshold"], "measure": "p42"}}
    found = from_record(but(record, "evidence", slow_requests=[of_the_next, second]), 0)
    assert [each.measure for each in found.evidence.slow_requests] == [Measure.P99]


def test_slow_requests_of_an_older_release_is_judged_as_it_was() -> None:
    record = to_record(deployment(slow_requests=(slow_requests(),)))
    (known,) = record["evidence"]["slow_requests"]  # type: ignore[index]
    older = {name: value for name, value in known.items() if name not in ("spread", "settles_in", "complete_at")}
    assert from_record(but(record, "evidence", slow_requests=[older]), 0).evidence.slow_requests == (slow_requests(),)


def test_a_reason_that_a_newer_release_gave_can_be_read() -> None:
    """The known-good controller must be able to roll back what a newer one began."""
    record = {**to_record(deployment(Phase.ROLLING_BACK)), "reason": {"cause": "unheard_of", "text": "errors rose"}}
    assert from_record(record, 0).reason == Reason(Cause.OTHER, "errors rose")


def test_a_mode_that_only_a_newer_release_knows_is_left_to_that() -> None:
    """Whoever read it as the mode that it is not would judge, or promote, by it."""
    record: dict[str, Any] = to_record(FULL)
    shift_of = record["evidence"]["shift"]
    past = shift_of["past"]
    of_the_next = {**past, "history": {**past["history"], "kind": "tidal"}}
    with pytest.raises(ValueError, match=r"^evidence: shift: past: history: kind: this release has no Kind 'tidal'$"):
        from_record(but(record, "evidence", shift={**shift_of, "past": of_the_next}), 0)


def test_a_wait_of_a_kind_that_this_code_does_not_know_is_none() -> None:
    record: dict[str, Any] = to_record(FULL)
    of_the_next = {**record["hold"]["delay"], "kind": "asleep"}
    assert from_record(but(record, "hold", delay=of_the_next), 0).hold.delay is None


def test_a_test_of_an_older_release_was_run_once() -> None:
    written = {"name": "ping", "passed": True, "seconds": "0.123"}
    found = from_record(but(to_record(FULL), "evidence", tests=[written]), 0)
    assert found.evidence.tests == (TestOutcome("ping", True, 0.123, "", 1),)


def test_what_hooks_that_only_a_newer_release_knows_were_asked_is_left_out() -> None:
    """They are asked again when that one comes back."""
    known, _ = to_record(FULL)["evidence"]["hooks"]  # type: ignore[index]
    hooks = [known, {**known, "point": "at_noon"}, {**known, "status": "PERHAPS"}]
    record = but(to_record(FULL), "evidence", hooks=hooks)
    assert from_record(record, 0).evidence.hooks == (
        FULL.evidence.hooks[0],
        replace(FULL.evidence.hooks[0], status=HookStatus.NO_ANSWER),
    )


def test_a_value_of_an_older_release_is_read_by_itself() -> None:
    older = {"bucket": "b", "key": "f/a.zip", "version_id": None, "uploaded_at": NOW.isoformat()}
    assert read(Artifact, older) == Artifact("b", "f/a.zip", None, NOW)


# -- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"traffic": {"step": "1"}}, "traffic: step: int was expected, found str"),
        ({"number": 4.5}, "number: int was expected, found float"),
        ({"hold": {"paused": 1}}, "hold: paused: bool was expected, found int"),
        ({"versions": {"stable": 2}}, "versions: stable: str was expected, found int"),
        ({"traffic": {"confirmed_at": 3}}, "traffic: confirmed_at: str was expected, found int"),
        ({"traffic": {"confirmed_at": "noon"}}, "traffic: confirmed_at: Invalid isoformat string: 'noon'"),
        ({"artifact": []}, "artifact: dict was expected, found list"),
        ({"bookkeeping": {"timeline": {}}}, "bookkeeping: timeline: list was expected, found dict"),
        ({"bookkeeping": {"outbox": [{"at": "now"}]}}, "bookkeeping: outbox: at: Invalid isoformat string"),
        (
            {"failing": {"reason": {"cause": "other", "text": None}}},
            "failing: reason: text: str was expected, found NoneType",
        ),
        (
            {"evidence": {"tests": [{"name": "ping", "passed": True, "seconds": "soon"}]}},
            "evidence: tests: seconds: could not convert",
        ),
        ({"reason": {"text": "errors rose"}}, "reason: .* missing 1 required positional argument: 'cause'"),
        (
            {"traffic": {"expected_routings": [{"version": "2", "canary": "2", "weight": 1}]}},
            "traffic: expected_routings: version 2 cannot be its own canary",
        ),
        ({"target": {"function": "", "alias": "live"}}, "target: not a function name: ''"),
        ({"phase": "POLISHING"}, "phase: this release has no Phase 'POLISHING'"),
        ({"manifest": "{"}, "manifest: Expecting property name"),
        ({"evidence": {"bake": {"before": [[900]]}}}, "evidence: bake: before: zip"),
    ],
)
def test_a_bad_record_is_refused_with_the_place_of_the_problem(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        from_record({**to_record(FULL), **changes}, 0)


@pytest.mark.parametrize("name", sorted(NEEDED - {"schema"}))
def test_a_field_that_every_record_needs_is_named_where_it_is_missing(name: str) -> None:
    record = {key: value for key, value in to_record(FULL).items() if key != name}
    with pytest.raises(TypeError, match=name):
        from_record(record, 0)


def test_a_value_that_could_not_be_read_back_is_not_written() -> None:
    with pytest.raises(TypeError, match="int was expected, found str"):
        to_record(replace(FULL, number="42"))  # type: ignore[arg-type]


def test_a_type_that_the_codec_has_to_learn_first_is_named() -> None:
    with pytest.raises(TypeError, match="a record cannot hold dict"):
        write(Unheard({}))


@dataclass(frozen=True)
class Unheard:
    of: dict[str, int]


# -- any deployment ---------------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
VERSIONS = st.integers(1, 10**9).map(str)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
DURATIONS = st.builds("{}{}".format, st.integers(0, 60), st.sampled_from("sm"))
PEOPLE = st.builds(Person, TEXTS, TEXTS)
REASONS = st.builds(Reason, st.sampled_from(Cause), TEXTS, PEOPLE)
ARTIFACTS = st.builds(
    Artifact, TEXTS, TEXTS, st.none() | TEXTS, MOMENTS, st.text("0123456789ABCDEF", max_size=20), st.integers(0, 2**40)
)
ENTRIES = st.builds(Entry, MOMENTS, TEXTS)
NOTICES = st.builds(Notice, MOMENTS, st.sampled_from(Phase), TEXTS, PEOPLE)
SECONDS = st.floats(0, 900)
OUTCOMES = st.builds(TestOutcome, TEXTS, st.booleans(), SECONDS, TEXTS, st.integers(0, 100))
RUNS = st.builds(
    HookRun, st.sampled_from(HookPoint), st.integers(0, 99), MOMENTS, st.none() | MOMENTS, st.sampled_from(HookStatus),
    TEXTS, st.none() | TEXTS.map(json.dumps), st.integers(0, 10**6), calling=st.booleans(), overdue=st.booleans(),
)  # fmt: skip
EXTRAS = st.dictionaries(
    st.text("xyz", min_size=1, max_size=5).map("future_{}".format), st.integers() | TEXTS | st.lists(TEXTS), max_size=3
)


@st.composite
def routings(draw: st.DrawFn) -> Routing:
    version, canary = draw(VERSIONS), draw(st.none() | VERSIONS)
    if canary is None or canary == version:
        return Routing(version)
    return Routing(version, canary, draw(st.integers(1, 9999)))


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    weights = sorted(draw(st.sets(st.integers(1, 9999), max_size=4)))
    steps = [{"weight": weight / 100, "hold": draw(DURATIONS)} for weight in weights]
    return build(
        {
            "strategy": {"steps": steps, "bake": draw(DURATIONS)},
            "gates": {"alarms": draw(st.lists(TEXTS, max_size=3)), "min_invocations": draw(st.integers(0, 10**6))},
            "tests": [{"name": draw(TEXTS), "payload": draw(st.floats(allow_nan=False)), "within": "1s"}],
            "on_newer": draw(st.sampled_from(["supersede", "queue", "reject"])),
            "on_failure": draw(st.sampled_from(["rollback", "freeze"])),
            "function": {"Environment": {"Variables": draw(st.dictionaries(TEXTS, TEXTS, max_size=2))}},
        }
    )


@st.composite
def deployments(draw: st.DrawFn) -> Deployment:
    some: dict[str, Any] = {
        "target": st.builds(Target, NAMES, NAMES.map("a{}".format)),
        "number": st.integers(1, 10**9),
        "artifact": ARTIFACTS,
        "manifest": manifests(),
        "phase": st.sampled_from(Phase),
        "opened_at": MOMENTS,
        "phase_since": MOMENTS,
        "own": TEXTS,
        "reason": st.none() | REASONS,
        "failing": st.none() | st.builds(Failing, REASONS, MOMENTS),
        "frozen": st.none() | REASONS,
        "turned_back_at": st.none() | MOMENTS,
        "stable": st.none() | VERSIONS,
        "stable_artifact": st.none() | ARTIFACTS,
        "sha256": st.none() | TEXTS,
        "canary": st.none() | VERSIONS,
        "tests": st.lists(OUTCOMES, max_size=3).map(tuple),
        "step": st.integers(0, 99),
        "expected_routings": st.lists(routings(), max_size=3).map(tuple),
        "since": st.none() | MOMENTS,
        "confirmed_at": st.none() | MOMENTS,
        "disarmed": st.frozensets(TEXTS, max_size=3),
        "overridden": st.frozensets(TEXTS, max_size=3),
        "approval": st.none() | st.builds(Approval, MOMENTS, st.booleans(), st.booleans()),
        "own_made_at": st.none() | MOMENTS,
        "longest_timeout": st.none() | st.integers(1, 900).map(lambda seconds: timedelta(seconds=seconds)),
        "stable_before": st.none() | st.builds(ServedBefore, st.integers(0, 10**9), st.integers(0, 10**9)),
        "unreadable_since": st.none() | MOMENTS,
        "overruled_at": st.none() | MOMENTS,
        "doubts": st.integers(0, 3),
        "shift": st.just(Shift()) | st.lists(st.integers(0, 9), min_size=1, max_size=3).map(_looked),
        "slow_requests": st.lists(any_slow_requests(), max_size=3).map(tuple),
        "hooks": st.lists(RUNS, max_size=3).map(tuple),
        "drift": TEXTS,
        "newer": st.none() | st.integers(1, 10**9),
        "done": st.frozensets(st.sampled_from(Milestone)),
        "person": PEOPLE,
        "carried_out": st.lists(st.builds(CarriedOut, TEXTS, MOMENTS, PEOPLE), max_size=3).map(tuple),
        "timeline": st.lists(ENTRIES, max_size=3).map(tuple),
        "outbox": st.lists(NOTICES, max_size=3).map(tuple),
        "revision": st.integers(0, 10**6),
        "extra": EXTRAS,
    }
    flags = ["lifts_quarantine", "queued", "preflighted", "onboards", "paused", "closing"]
    some.update(dict.fromkeys(flags, st.booleans()))
    return changed(BARE, **{name: draw(each) for name, each in some.items()})


@st.composite
def any_slow_requests(draw: st.DrawFn) -> SlowRequests:
    times = st.timedeltas(timedelta(0), timedelta(minutes=15))
    threshold = Threshold(draw(st.sampled_from(Measure)), draw(times), draw(times))
    steps = draw(st.lists(MOMENTS, min_size=1, max_size=3).map(tuple))
    judgement = draw(st.just(Judgement()) | st.lists(st.integers(0, 9), min_size=1, max_size=3).map(_judged))
    skipped, spread = draw(st.integers(0, 10**6)), draw(st.floats(1, 1000))
    return SlowRequests(
        threshold, draw(MOMENTS), steps, judgement, skipped, spread, draw(times), draw(st.none() | MOMENTS)
    )


def _looked(errors: list[int]) -> Shift:
    return shift(*(Minute(9, each, 90, 1) for each in errors))


def _judged(errors: list[int]) -> Judgement:
    minutes = (CountedMinute(after(minutes=place), Minute(9, each, 90, 1)) for place, each in enumerate(errors))
    return Judgement().after(minutes)


@settings(max_examples=60, deadline=None)
@given(deployments())
def test_any_deployment_comes_back_as_it_was(before: Deployment) -> None:
    assert from_record(to_record(before), before.revision) == before
    assert from_record(stored(to_record(before)), before.revision) == before
