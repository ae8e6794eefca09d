"""Takes away all that a run made, found by the run's name alone; so it also clears up after a run that was killed.

A name has one form, ``slipway-live-`` and six digits of hexadecimal, and all of a run's names begin with it. Nothing
else of an account is ever touched, a stack that is called ``slipway`` least of all.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from live.run import TAG, Aws
from live.waiting import GivenUp, alone, until

_NAME = re.compile(r"slipway-live-[0-9a-f]{6}")
_GONE_WITHIN = 3.0
_STACK_WITHIN = 20.0
"""Minutes in which CloudFormation deletes the stack; it takes two or three."""
_KEY_DAYS = 7
"""Source: KMS API reference, ScheduleKeyDeletion, 7 to 30 days, 2026-11."""


def new_name() -> str:
    """Returns a name for a run that no other run has."""
    return f"slipway-live-{secrets.token_hex(3)}"


def is_a_name(text: str) -> bool:
    """Is it the whole name of a run, and so safe to delete by?"""
    return bool(_NAME.fullmatch(text))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that a run makes: how those of a run are found, and how one is removed."""

    called: str
    found: Callable[[Aws, str], Iterable[str]]
    remove: Callable[[Aws, str], None]


def clean(aws: Aws, name: str, tell: Callable[[str], None]) -> tuple[str, ...]:
    """Removes everything of a run. Returns what is left, by kind and name, with the reason.

    It looks again until nothing is found any more, for some minutes: a table is listed for seconds after its deletion,
    a queue for up to a minute, and a function that still runs may write a log. What cannot be removed keeps nothing
    else from being removed.
    """
    left: dict[str, str] = {}

    def gone() -> bool:
        before = set(left)
        left.clear()
        for kind in KINDS:
            left.update(_cleaned(aws, kind, name, lambda what: None if what in before else tell(f"removes the {what}")))
        return not left

    with suppress(GivenUp):
        alone(until(gone, "all of it to be gone", _GONE_WITHIN), aws.minute)
    return tuple(f"{what}: {why}" for what, why in left.items())


def _cleaned(aws: Aws, kind: Kind, name: str, tell: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """Removes what is found, and yields each with what keeps it from being gone."""
    try:
        found = list(kind.found(aws, name))
    except (ClientError, BotoCoreError) as refusal:
        yield f"every {kind.called} of {name}", str(refusal)
        return
    for each in found:
        what = f"{kind.called} {each}"
        tell(what)
        try:
            kind.remove(aws, each)
        except (ClientError, BotoCoreError, GivenUp) as refusal:
            yield what, str(refusal)
        else:
            yield what, "it was removed, and is still listed"


def _listed(service: str, operation: str, members: str, **asked: str) -> Callable[[Aws, str], Iterator[str]]:
    """Returns what finds those of a list that are a run's. ``members`` is "Rules.Name", or "QueueUrls" for plain texts;
    ``asked`` narrows the list where AWS can, with the run's name for NAME.
    """
    listed, _, key = members.partition(".")

    def found(aws: Aws, name: str) -> Iterator[str]:
        narrowed = {parameter: text.replace("NAME", name) for parameter, text in asked.items()}
        for page in aws.client(service).get_paginator(operation).paginate(**narrowed):
            for member in page.get(listed, []):
                called = str(member[key] if key else member)
                if re.search(rf"^(.*/)?{name}(?![0-9a-zA-Z])", called):
                    yield called

    return found


def _status(aws: Aws, name: str) -> str | None:
    try:
        (stack,) = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as refusal:
        if "does not exist" in str(refusal):
            return None
        raise
    return str(stack["StackStatus"])


def _stacks(aws: Aws, name: str) -> list[str]:
    return [name] if _status(aws, name) else []


def _remove_stack(aws: Aws, name: str) -> None:
    """Deletes the stack, one that is still being made too, and waits for it; its bucket and its table stay."""
    asked = False

    def gone() -> bool:
        nonlocal asked
        status = _status(aws, name)
        if status == "DELETE_FAILED" and asked:
            raise GivenUp("CloudFormation could not delete it; its events say why")
        # The deletion of a stack that is being updated is refused; one that is being created may be deleted.
        if status and not asked and not re.fullmatch(r"UPDATE_.*_IN_PROGRESS|UPDATE_IN_PROGRESS", status):
            aws.client("cloudformation").delete_stack(StackName=name)
            asked = True
        return status is None

    alone(until(gone, "the stack to be deleted", _STACK_WITHIN, every=1 / 12), aws.minute)


def _remove_rule(aws: Aws, name: str) -> None:
    events = aws.client("events")
    targets = [each["Id"] for each in events.list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


def _remove_bucket(aws: Aws, name: str) -> None:
    s3 = aws.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in listed]
        if objects:
            s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
    for upload in s3.list_multipart_uploads(Bucket=name).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
    s3.delete_bucket(Bucket=name)


def _remove_role(aws: Aws, name: str) -> None:
    iam = aws.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _keys(aws: Aws, name: str) -> Iterator[str]:
    """Yields the ids of the run's keys that are not scheduled for deletion yet.

    A key is found by its alias at once. By its tag it is found some time after, and also where the run was killed
    before there was an alias.
    """
    kms = aws.client("kms")
    tagged = aws.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": TAG, "Values": [name]}], ResourceTypeFilters=["kms:key"]
    )["ResourceTagMappingList"]
    keys = {str(each["ResourceARN"]).rpartition("/")[2] for each in tagged}
    with suppress(kms.exceptions.NotFoundException):
        keys.add(str(kms.describe_key(KeyId=f"alias/{name}")["KeyMetadata"]["KeyId"]))
    for key in keys:
        if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] != "PendingDeletion":
            yield key


def _remove_key(aws: Aws, key: str) -> None:
    kms = aws.client("kms")
    for alias in kms.list_aliases(KeyId=key)["Aliases"]:
        kms.delete_alias(AliasName=alias["AliasName"])
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=_KEY_DAYS)


def _call(service: str, operation: str, parameter: str, *, listed: bool = False) -> Callable[[Aws, str], None]:
    def remove(aws: Aws, name: str) -> None:
        asked: Any = [name] if listed else name
        getattr(aws.client(service), operation)(**{parameter: asked})

    return remove


KINDS = (
    Kind("rule", _listed("events", "list_rules", "Rules.Name", NamePrefix="NAME-alarms"), _remove_rule),
    Kind("stack", _stacks, _remove_stack),
    Kind(
        "function",
        _listed("lambda", "list_functions", "Functions.FunctionName"),
        _call("lambda", "delete_function", "FunctionName"),
    ),
    Kind(
        "alarm",
        _listed("cloudwatch", "describe_alarms", "MetricAlarms.AlarmName", AlarmNamePrefix="NAME/"),
        _call("cloudwatch", "delete_alarms", "AlarmNames", listed=True),
    ),
    Kind(
        "queue",
        _listed("sqs", "list_queues", "QueueUrls", QueueNamePrefix="NAME-"),
        _call("sqs", "delete_queue", "QueueUrl"),
    ),
    Kind(
        "table",
        _listed("dynamodb", "list_tables", "TableNames"),
        _call("dynamodb", "delete_table", "TableName"),
    ),
    Kind("bucket", _listed("s3", "list_buckets", "Buckets.Name", Prefix="NAME-"), _remove_bucket),
    Kind(
        "log group",
        _listed("logs", "describe_log_groups", "logGroups.logGroupName", logGroupNamePrefix="/aws/lambda/NAME-"),
        _call("logs", "delete_log_group", "logGroupName"),
    ),
    Kind("role", _listed("iam", "list_roles", "Roles.RoleName"), _remove_role),
    Kind("key", _keys, _remove_key),
)
"""In the order of their removal: what makes others go on working goes first."""
