"""The viewer beside a story: it looks at the same AWS in memory, as its own function and with its own adapters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from controller.aws.clients import Adapters, Platform
from controller.settings import Settings
from tests.cloud.clock import half
from tests.cloud.cloud import Cloud
from tests.cloud.story import SETTINGS, Story
from tests.cloud.zips import zipped
from viewer.functions import Functions, function
from viewer.looking import Looking
from viewer.reading import ReadingAdapters
from viewer.viewer import Viewer

CONTROLLER, VIEWER = "slipway-controller", "slipway-viewer"
FUNCTIONS = Functions(
    controller=function(f"{SETTINGS.function_arn}{CONTROLLER}:live"),
    viewer=function(f"{SETTINGS.function_arn}{VIEWER}"),
)


def told(story: Story) -> Story:
    """Makes the controller's own function, with the story's settings as its environment, and says so to the story."""
    functions = story.cloud.client("lambda")
    variables = {name: value for name, value in _environment(story.settings).items() if value}
    functions.create_function(
        FunctionName=CONTROLLER,
        Runtime="python3.13",
        Handler="controller.app.handler",
        Role=f"{story.settings.allowed_roles[0].removesuffix('*')}controller",
        Code={"ZipFile": zipped("controller")},
        Environment={"Variables": variables},
    )
    story.cloud.advance(timedelta(minutes=1))
    version = functions.publish_version(FunctionName=CONTROLLER)["Version"]
    story.cloud.advance(timedelta(minutes=1))
    functions.create_alias(FunctionName=CONTROLLER, Name="live", FunctionVersion=version)
    story.settings = replace(story.settings, function=CONTROLLER, version=version)
    return story


def viewer(cloud: Cloud) -> Viewer:
    """Returns a viewer that has just started."""

    platform = Platform(cloud.client, cloud.clock.sleep, cloud.clock.monotonic, cloud.fetch, half)

    def adapters(settings: Settings) -> Adapters:
        return ReadingAdapters(settings, platform)

    return Viewer(FUNCTIONS, Looking(FUNCTIONS, cloud.client("lambda"), adapters, cloud.clock), cloud.clock)


def looks(story: Story, event: object) -> Any:
    """Returns the viewer's answer to an event."""
    return viewer(story.cloud).answered(event, lambda: timedelta(seconds=60)).answer


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "SLIPWAY_TABLE": settings.table,
        "SLIPWAY_DEAD_LETTERS": settings.dead_letters,
        "SLIPWAY_SHIPPING_WINDOWS": settings.shipping_windows,
        "SLIPWAY_TOPIC": settings.topic or "",
        "SLIPWAY_ALARM_PREFIX": settings.alarm_prefix,
        "SLIPWAY_ALLOWED_ROLES": ",".join(settings.allowed_roles),
        "SLIPWAY_FUNCTION_KEYS": ",".join(settings.function_keys),
        "SLIPWAY_KEEP_VERSIONS": str(settings.keep_versions),
        "SLIPWAY_HOOK_PREFIX": settings.hook_prefix,
        "SLIPWAY_FUNCTION_ARN": settings.function_arn,
        "SLIPWAY_SIGNING_KEY": settings.signing_key or "",
    }
