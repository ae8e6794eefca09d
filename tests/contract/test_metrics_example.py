"""The guide's function that counts its own errors publishes what the guide's manifest has judged."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

from controller.core.manifest.parsing import parse
from tests.pages import PAGES

GUIDE = PAGES["docs/guides/gates.md"]
EXAMPLE = re.search(r"```python\n(import os\n.*?)```", GUIDE, re.DOTALL)
MANIFEST = re.search(r"```json\n(\{\n  \"gates\": \{\n    \"metrics\".*?)```", GUIDE, re.DOTALL)
A_BROKEN_REQUEST = '\nassert handler({"broken": True}, None) == {"statusCode": 500}\n'


def test_the_example_publishes_the_series_that_the_manifest_names() -> None:
    assert EXAMPLE and MANIFEST
    ran = subprocess.run(
        [sys.executable, "-c", EXAMPLE.group(1) + A_BROKEN_REQUEST],
        env={**os.environ, "AWS_LAMBDA_FUNCTION_VERSION": "7"},
        capture_output=True,
        check=True,
    )
    said = json.loads(ran.stdout)
    (gate,) = parse(("slipway.json", MANIFEST.group(1))).gates.metrics
    (published,) = said["_aws"]["CloudWatchMetrics"]
    assert published["Namespace"] == gate.namespace
    assert {each["Name"] for each in published["Metrics"]} == {gate.bad, gate.total}
    (names,) = published["Dimensions"]
    assert {name: said[name] for name in names} == {**dict(gate.dimensions), gate.version: "7"}
    assert (said[gate.bad], said[gate.total]) == ([1.0], [1.0])
