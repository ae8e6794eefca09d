from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.core.artifact.object_keys import function_of, key_problem
from controller.core.model import Cause, Target
from controller.core.model.events import AlarmFired, ArtifactUploaded, Ignored, Tick
from controller.inbound.parse import Event, RequestReceived, UploadRefused, parse
from tests.growth import LINEAR, growth

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LIVE = Target("checkout", "live")


def one(raw: object) -> Event:
    (event,) = parse(raw, NOW)
    return event


def object_created(key: object, **changes: object) -> dict[str, object]:
    uploaded = {"key": key, "version-id": "v1", "sequencer": "0A", **changes}
    detail = {"bucket": {"name": "artifacts"}, "object": uploaded}
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2026-11-23T10:00:00Z",
        "detail": detail,
    }


def record(key: str, event: str = "ObjectCreated:Put") -> dict[str, object]:
    described = {
        "bucket": {"name": "artifacts"},
        "object": {"key": key, "versionId": "v1", "sequencer": "0A"},
    }
    return {
        "eventSource": "aws:s3",
        "eventName": event,
        "eventTime": "2026-11-23T10:00:00.123Z",
        "s3": described,
    }


def series(
    resource: str = "checkout:live",
    version: str | None = "7",
    *,
    called: str = "e",
    namespace: str = "AWS/Lambda",
) -> dict[str, object]:
    ran = {} if version is None else {"ExecutedVersion": version}
    dimensions = {"FunctionName": "checkout", "Resource": resource, **ran}
    return {"id": called, "metricStat": {"metric": {"namespace": namespace, "dimensions": dimensions}}}


def alarm(*metrics: object, state: str = "ALARM") -> dict[str, object]:
    configuration = {"metrics": list(metrics)}
    detail = {
        "alarmName": "checkout-errors",
        "state": {"value": state, "timestamp": "2026-11-23T10:20:48.554+0000"},
        "configuration": configuration,
    }
    return {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": detail}


def fired(*metrics: object) -> AlarmFired:
    event = one(alarm(*metrics))
    assert isinstance(event, AlarmFired)
    return event


def key_of(event: Event) -> str:
    assert isinstance(event, ArtifactUploaded | UploadRefused)
    return (event.uploaded if isinstance(event, UploadRefused) else event).key


def test_an_upload_through_eventbridge_is_understood() -> None:
    happened = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    expected = ArtifactUploaded("artifacts", "checkout/build.zip", "v1", "0A", happened)
    assert one(object_created("checkout/build.zip")) == expected


def test_a_direct_notification_gives_an_event_for_each_record() -> None:
    events = parse({"Records": [record("checkout/a.zip"), record("billing/b.zip")]}, NOW)
    assert [key_of(event) for event in events] == ["checkout/a.zip", "billing/b.zip"]


def test_only_a_direct_notification_encodes_the_key() -> None:
    encoded = "checkout/a+b%2B%C3%A4.zip"
    assert key_of(one({"Records": [record(encoded)]})) == "checkout/a b+ä.zip"
    assert key_of(one(object_created(encoded))) == encoded


@pytest.mark.parametrize("event", ["ObjectRemoved:DeleteMarkerCreated", "ObjectRestore:Completed", "", "s3:TestEvent"])
def test_other_records_are_ignored_by_name(event: str) -> None:
    assert one({"Records": [record("checkout/a.zip", event)]}) == Ignored(
        f"not an upload: source 'aws:s3', event '{event}'"
    )


def test_s3s_test_message_is_ignored() -> None:
    assert one({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "artifacts"}) == Ignored("S3's test message")


@pytest.mark.parametrize("version_id", [None, "", "null", 7])
def test_a_version_that_pins_nothing_is_none(version_id: object) -> None:
    event = one(object_created("checkout/build.zip", **{"version-id": version_id}))
    assert isinstance(event, ArtifactUploaded)
    assert event.version_id is None


def test_a_sequencer_that_is_not_hexadecimal_is_left_out() -> None:
    event = one(object_created("checkout/build.zip", sequencer="../x"))
    assert isinstance(event, ArtifactUploaded)
    assert event.sequencer == ""


@pytest.mark.parametrize("key", ["checkout/slipway.json", "checkout/", "build.zip.sig", "logs/a.log.gz"])
def test_a_key_that_is_no_zip_is_ignored(key: str) -> None:
    assert one(object_created(key)) == Ignored(f"not a zip: '{key}'; only keys that end in .zip are deployed")


@pytest.mark.parametrize(
    ("key", "function", "problem"),
    [
        ("build.zip", None, "no folder"),
        ("/build.zip", None, "an empty, . or .. part"),
        ("checkout//build.zip", "checkout", "an empty, . or .. part"),
        ("checkout/../billing/build.zip", "checkout", "an empty, . or .. part"),
        ("../build.zip", None, "an empty, . or .. part"),
        ("check out/build.zip", None, "has the character ' '"),
        ("checkout/büild.zip", "checkout", r"has the character '\xfc'"),
        ("checkout/build\n.zip", "checkout", r"has the character '\n'"),
        ("checkout.v2/build.zip", None, "checkout.v2 is no function's name"),
        ("f" * 65 + "/build.zip", None, "is no function's name"),
        ("checkout/" + "b" * 1100 + ".zip", "checkout", "longer than 1024"),
        ("checkout/\ud800.zip", "checkout", "has the character '?'"),
    ],
)
def test_a_key_that_cannot_be_deployed_is_refused(key: str, function: str | None, problem: str) -> None:
    event = one(object_created(key))
    assert isinstance(event, UploadRefused)
    assert event.function == function
    assert problem in event.reason.text
    assert len(event.uploaded.key.encode()) <= 1024


@pytest.mark.parametrize("key", ["checkout/build.ZIP", "checkout/build.jar", "checkout/build.tar.gz", "checkout/b.7z"])
def test_another_kind_of_archive_is_refused_for_its_function(key: str) -> None:
    event = one(object_created(key))
    assert isinstance(event, UploadRefused)
    assert event.function == "checkout"
    assert "does not end in .zip but in " in event.reason.text


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("checkout/Slipway.json", "checkout/slipway.json"),
        ("checkout/slipway.yaml", "checkout/slipway.json"),
        ("checkout/slipway.json.txt", "checkout/slipway.json"),
        ("checkout/deploy/slipway.json", "checkout/slipway.json"),
        ("check.out/Slipway.json", "FUNCTION/slipway.json"),
        ("slipway.json", "FUNCTION/slipway.json"),
        ("Slipway.json", "FUNCTION/slipway.json"),
    ],
)
def test_what_is_nearly_a_functions_manifest_is_refused_and_is_no_functions_deployment(key: str, right: str) -> None:
    event = one(object_created(key))
    assert isinstance(event, UploadRefused)
    assert event.function is None
    assert event.reason.cause is Cause.BAD_MANIFEST
    assert event.reason.text.startswith(f"{key} in the bucket")
    assert f"a manifest is {right}" in event.reason.text


@pytest.mark.parametrize("key", ["f/b.zip", "my-fn_1/1.4.2.zip", "F/releases/2026-11/b.zip", "f/.zip", "f/..b.zip"])
def test_a_good_key_names_its_function(key: str) -> None:
    assert key_problem(key) is None
    assert function_of(key) == key.split("/", maxsplit=1)[0]


def test_a_key_that_is_asked_for_must_end_in_zip() -> None:
    assert key_problem("checkout/slipway.json") == "it does not end in .zip"


@pytest.mark.parametrize("bucket", ["b", " ", "b" * 256, "b/c", "bücket", "b" * 100_000])
def test_what_is_uploaded_to_no_bucket_is_ignored(bucket: str) -> None:
    """A record of it could not be saved: the name would be too long for a key of the table."""
    event = one(
        {**object_created("checkout/1.zip"), "detail": {"bucket": {"name": bucket}, "object": {"key": "f/1.zip"}}}
    )
    assert isinstance(event, Ignored)
    assert event.reason.startswith("an upload to what is no bucket: ") and len(event.reason) < 300


@pytest.mark.parametrize("bucket", ["abc", "Old_Bucket.of-2010", "b" * 255])
def test_what_is_uploaded_to_a_bucket_of_any_age_is_an_upload(bucket: str) -> None:
    event = one(
        {**object_created("checkout/1.zip"), "detail": {"bucket": {"name": bucket}, "object": {"key": "f/1.zip"}}}
    )
    assert isinstance(event, ArtifactUploaded)


@pytest.mark.parametrize("version", ["v" * 1025, "v\n1", "\0"])
def test_an_upload_of_what_is_no_version_is_ignored(version: str) -> None:
    event = one(object_created("checkout/1.zip", **{"version-id": version}))
    assert isinstance(event, Ignored)
    assert event.reason.startswith("an upload of what is no version: ") and len(event.reason) < 300


def test_a_key_that_is_refused_is_kept_as_far_as_s3_could_have_it() -> None:
    event = one(object_created("é" * 1_000 + ".zip"))
    assert isinstance(event, UploadRefused)
    assert event.uploaded.key == "é" * 512


@pytest.mark.parametrize(("length", "heard"), [(255, AlarmFired), (256, Ignored)])
def test_an_alarm_with_a_longer_name_than_any_has_is_ignored(length: int, heard: type) -> None:
    detail = {"alarmName": "a" * length, "state": {"value": "ALARM"}}
    event = one({"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": detail})
    assert isinstance(event, heard)


def test_an_alarm_on_one_version_names_it() -> None:
    at = datetime(2026, 11, 23, 10, 20, 48, 554_000, tzinfo=UTC)
    assert one(alarm(series())) == AlarmFired("checkout-errors", at, LIVE, "7")


def test_our_own_alarm_is_about_its_canary() -> None:
    event = fired(
        {"id": "excess", "expression": "canary_errors - stable_errors", "returnData": True},
        series(version="7", called="canary_errors"),
        series(version="7", called="canary_invocations"),
        series(version="6", called="stable_errors"),
        series(version="6", called="stable_invocations"),
    )
    assert (event.target, event.version) == (LIVE, "7")


def test_a_rate_of_one_version_names_it() -> None:
    event = fired(series(version="7", called="e"), series(version="7", called="i"))
    assert (event.target, event.version) == (LIVE, "7")


def test_an_alarm_on_two_versions_names_neither() -> None:
    event = fired(series(version="7", called="e"), series(version="6", called="i"))
    assert (event.target, event.version) == (LIVE, None)


@pytest.mark.parametrize("other", ["billing:live", "checkout:beta"])
def test_an_alarm_on_two_aliases_names_neither(other: str) -> None:
    event = fired(series(), series(other))
    assert (event.target, event.version) == (None, None)


@pytest.mark.parametrize("resource", ["checkout", "checkout:7", "checkout:$LATEST", ":live", "checkout:live:7", ""])
def test_a_metric_of_no_alias_names_no_target(resource: str) -> None:
    assert fired(series(resource)).target is None


@pytest.mark.parametrize("version", [None, "$LATEST", "0", "07", "7.0", "\u0667"])
def test_a_dimension_that_is_no_number_is_no_version(version: str | None) -> None:
    assert fired(series(version=version)).version is None


def test_a_metric_of_another_service_names_no_target() -> None:
    assert fired(series(namespace="Shop/Orders")).target is None


def test_an_alarm_without_metrics_has_its_name_alone() -> None:
    event = fired()
    assert (event.name, event.target, event.version) == ("checkout-errors", None, None)


@pytest.mark.parametrize(
    ("previous", "calm"), [("OK", True), ("INSUFFICIENT_DATA", True), ("ALARM", False), ("", False)]
)
def test_an_alarm_was_calm_before_it_fired_where_its_event_says_so(previous: str, calm: bool) -> None:
    raw = alarm(series())
    raw["detail"]["previousState"] = {"value": previous}
    event = one(raw)
    assert isinstance(event, AlarmFired)
    assert event.was_calm is calm


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA", ""])
def test_an_alarm_that_does_not_fire_is_ignored(state: str) -> None:
    assert one(alarm(series(), state=state)) == Ignored(f"alarm 'checkout-errors' is '{state}', not ALARM")


def test_the_direct_action_says_the_same_as_the_event() -> None:
    raw = alarm(series())
    assert one({"source": "aws.cloudwatch", "alarmData": raw["detail"]}) == one(raw)


def test_a_scheduled_event_is_a_tick() -> None:
    assert one({"source": "aws.events", "detail-type": "Scheduled Event"}) == Tick()


@pytest.mark.parametrize(
    ("time", "at"),
    [
        ("2026-11-24T09:58:00Z", datetime(2026, 11, 24, 9, 58, tzinfo=UTC)),
        ("2026-11-24T09:58:00+00:00", datetime(2026, 11, 24, 9, 58, tzinfo=UTC)),
        ("soon", NOW),
        (None, NOW),
    ],
)
def test_a_tick_says_when_it_is_of_and_without_that_it_is_of_now(time: str | None, at: datetime) -> None:
    found = one({"source": "aws.events", "detail-type": "Scheduled Event", "time": time})
    assert isinstance(found, Tick)
    assert found.at == at


def test_a_request_is_handed_on_as_it_is() -> None:
    asked = {"request": "status", "function": 7}
    assert one(asked) == RequestReceived(asked)


@pytest.mark.parametrize("raw", [{}, {"function": "checkout"}, "status"])
def test_what_a_person_may_have_meant_is_a_request_without_its_name(raw: object) -> None:
    assert isinstance(one(raw), RequestReceived)


@pytest.mark.parametrize("raw", [None, 7, [], [{"request": "status"}]])
def test_a_payload_that_is_no_object_is_ignored(raw: object) -> None:
    assert one(raw) == Ignored("not a JSON object")


def test_another_event_is_ignored_by_name() -> None:
    assert one({"source": "aws.ec2", "detail-type": "x" * 300}) == Ignored(
        f"not an event for Slipway: source 'aws.ec2', detail-type '{'x' * 200}...'"
    )


def test_no_records_are_ignored() -> None:
    assert one({"Records": []}) == Ignored("no records")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T10:20:48Z", datetime(2026, 11, 23, 10, 20, 48, tzinfo=UTC)),
        ("2026-11-23T10:20:48.554+0000", datetime(2026, 11, 23, 10, 20, 48, 554_000, tzinfo=UTC)),
        ("2026-11-23T11:20:48+01:00", datetime(2026, 11, 23, 10, 20, 48, tzinfo=UTC)),
        ("2026-11-23T10:20:48", datetime(2026, 11, 23, 10, 20, 48, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", NOW),
        ("yesterday", NOW),
        (7, NOW),
    ],
)
def test_times_are_read_and_a_missing_one_is_now(text: object, expected: datetime) -> None:
    event = one({**object_created("checkout/build.zip"), "time": text})
    assert isinstance(event, ArtifactUploaded)
    assert event.happened_at == expected


WORDS = st.sampled_from(
    (
        *("source", "detail-type", "detail", "Records", "s3", "object", "bucket", "key", "name", "alarmData"),
        *("alarmName", "state", "value", "configuration", "metrics", "metricStat", "metric", "dimensions"),
        *("Resource", "request", "time", "namespace", "eventSource", "eventName", "ExecutedVersion", "aws.s3"),
        *("Object Created", "aws.cloudwatch", "CloudWatch Alarm State Change", "ALARM", "AWS/Lambda", "aws:s3"),
        *("ObjectCreated:Put", "checkout:live", "checkout/b.zip"),
    )
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | WORDS, inner, max_size=8),
    max_leaves=40,
)


@settings(max_examples=100)
@given(VALUES)
def test_any_json_value_becomes_events(raw: object) -> None:
    assert parse(raw, NOW)


@settings(max_examples=100)
@given(st.sampled_from(["detail", "alarmData", "Records"]), VALUES, VALUES, VALUES)
def test_any_json_value_in_a_known_shape_is_read(where: str, first: object, second: object, third: object) -> None:
    for raw in (
        object_created("checkout/b.zip"),
        alarm(series()),
        {"Records": [record("checkout/b.zip"), first]},
    ):
        assert parse({**raw, where: first}, NOW)
        assert parse(raw, NOW)
    assert parse(alarm(first, second, {"id": third, "metricStat": {"metric": first}}), NOW)
    assert parse({"Records": [first, {**record("checkout/b.zip"), "s3": second}, {"s3": third}]}, NOW)
    assert parse(object_created(first, sequencer=second, **{"version-id": third}), NOW)


@pytest.mark.parametrize("part", ["a", "../", "%"])
def test_a_payload_of_eight_times_the_length_is_read_in_eight_times_the_time(part: str) -> None:
    def key(parts: int) -> str:
        return f"{part * parts}.zip"

    def read(longest: str) -> None:
        parse({"Records": [record(longest)]}, NOW)
        parse(object_created(longest), NOW)

    assert growth(key, read, 120_000 // len(part)) < LINEAR
