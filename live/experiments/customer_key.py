"""L12: what the controller's role may do to a function whose variables are under a key of its owner's.

KMS deletes no key at once: it is scheduled for deletion after seven days, the fewest there are, and costs nothing from
then on. Source: KMS API reference, ScheduleKeyDeletion, 2026-11.
"""

from __future__ import annotations

import base64

from live.experiments.own_role import called, in_words, made_caller
from live.outcomes import Finding
from live.probe import Probe, zipped
from live.run import TAG, Run
from live.waiting import Steps


def steps(run: Run) -> Steps:
    """Makes the key and the function, and has the controller's role give it code, a version and variables."""
    function = Probe(run, f"{run.name}-l12")
    variables = {"Variables": {"COLOUR": "green"}}
    yield from function.create(zipped("probe"), run.role, KMSKeyArn=_key(run), Environment=variables)
    caller = yield from made_caller(run, "l12-caller")
    code = base64.b64encode(zipped("probe", remark="other bytes")).decode()
    refused = called(caller, "update_function_code", FunctionName=function.name, ZipFile=code)
    yield Finding("L12a", in_words(refused), as_expected=refused is None)
    yield from function.settled()
    refused = called(caller, "publish_version", FunctionName=function.name)
    yield Finding("L12b", in_words(refused), as_expected=refused is None)
    variables = {"Variables": {"COLOUR": "blue"}}
    refused = called(caller, "update_function_configuration", FunctionName=function.name, Environment=variables)
    yield Finding("L12c", in_words(refused), as_expected=refused is not None)


def _key(run: Run) -> str:
    kms = run.client("kms")
    tags = [{"TagKey": TAG, "TagValue": run.name}]
    made = kms.create_key(Description=f"made by make live for {run.name}", Tags=tags)["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{run.name}", TargetKeyId=made["KeyId"])
    return str(made["Arn"])
