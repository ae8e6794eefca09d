"""Decides which variables a function's process gets: its own, Lambda's, and the way to the embedded AWS.

Source: developer guide, "Defined runtime environment variables", 2023-10.

Note: nothing of this machine's environment is passed on. A function that works only because the machine happens to have
a variable would fail in AWS.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Not Lambda's: without them boto3 would look for the profile of the person who runs the embedded AWS.
_NO_PROFILE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def variables(
    config: Mapping[str, Any],
    *,
    region: str,
    credentials: Mapping[str, str],
    endpoint: str,
    task_root: Path,
    log_stream: str,
    minute: float = 60,
) -> dict[str, str]:
    """Returns the whole environment of a function's process.

    ``config`` is the function's configuration as GetFunctionConfiguration gives it. The function's own
    variables win over the machine-wide ones, ``AWS_ENDPOINT_URL`` included, and lose to those that Lambda
    reserves. ``minute`` is how many seconds a minute of the embedded AWS lasts.
    """
    own = (config.get("Environment") or {}).get("Variables") or {}
    general = {
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
        "TZ": ":UTC",
        "AWS_ENDPOINT_URL": endpoint,
        # Not Lambda's either: without it the controller would wait for late points in minutes of the clock.
        "CLOUDWATCH_MINUTE": f"{minute:g}",
        **_NO_PROFILE,
    }
    return general | own | _reserved(config, region, task_root, log_stream) | _given(credentials)


def _reserved(config: Mapping[str, Any], region: str, task_root: Path, log_stream: str) -> dict[str, str]:
    name = config["FunctionName"]
    return {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "LAMBDA_TASK_ROOT": str(task_root),
        "_HANDLER": config.get("Handler", ""),
    }


def _given(credentials: Mapping[str, str]) -> dict[str, str]:
    """Leaves out an empty session token: boto3 would send it as one."""
    return {name: value for name, value in credentials.items() if value}
