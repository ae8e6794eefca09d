"""The environment that the template would give the controller, and nothing of this machine's AWS."""

from __future__ import annotations

import os

from controller.settings import from_environment

ENVIRONMENT = {
    "SLIPWAY_TABLE": "slipway",
    "SLIPWAY_ALARM_PREFIX": "slipway/",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
SETTINGS = from_environment(ENVIRONMENT)


def isolate() -> None:
    """Gives this process that environment. Credentials and profiles of whoever runs it are gone."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "SLIPWAY_"))]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)
