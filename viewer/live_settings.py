"""Reads the settings that the live version of the controller was published with, from that version itself.

So the viewer answers by the controller's own settings, also after a deployment of the controller and after a stack
update that changed a parameter. The viewer's own environment has only the name of the controller.
"""

from __future__ import annotations

from dataclasses import replace

from controller.aws.errors import translating
from controller.aws.lambda_.client import LambdaClient, section, text
from controller.core.model import Transient
from controller.settings import Settings, from_environment
from viewer.functions import Function


def live_settings(client: LambdaClient, controller: Function) -> Settings:
    """Returns the settings of the version that the controller's alias carries. Raises Transient if unreadable."""
    with translating(f"GetFunction of {controller}"):
        answer = client.get_function(FunctionName=controller.name, Qualifier=controller.qualifier)
    found = section(answer, "Configuration")
    variables = {name: str(value) for name, value in section(section(found, "Environment"), "Variables").items()}
    try:
        settings = from_environment(variables)
    except (KeyError, ValueError) as problem:
        raise Transient(f"the settings of {controller} cannot be read: {problem}; deploy the stack again") from problem
    return replace(settings, function=controller.name, version=text(found, "Version"))
