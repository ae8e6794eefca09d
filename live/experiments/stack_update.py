"""L10 and L11: what a stack update of a parameter alone does to the controller's alias, and to who answers there.

Before the update the alias gets a weight by hand, for a version that nobody deployed: its code is the controller's own.
"""

from __future__ import annotations

from live.outcomes import Finding
from live.probe import Probe
from live.run import Run
from live.slipway import status
from live.waiting import Steps

_KEPT = 9
_WEIGHT = 0.1


def steps(run: Run) -> Steps:
    """Publishes a version beside the stack, gives it a weight, and deploys the stack with another parameter."""
    controller = Probe(run, run.stack["ControllerName"])
    yield from controller.settled()
    before, _ = controller.carried()
    orphan = yield from controller.publish("made by make live, beside the stack")
    controller.point(before, {orphan: _WEIGHT})
    yield from run.installer.deploy(run.name, {**run.parameters, "KeepVersions": str(_KEPT)})
    after, weights = controller.carried()
    kept = status(run, after)["controller"]["parameters"]["KeepVersions"]
    said = f"KeepVersions is {kept} in version {after}, which answers; the stack was given {_KEPT}"
    yield Finding("L11", said, as_expected=kept == _KEPT)
    if after == before:
        said = f"the stack published no version; the alias still has {dict(weights)}"
        yield Finding("L10", said, as_expected=False)
    else:
        said = f"the alias is on version {after}, {f'with {dict(weights)}' if weights else 'without weights'}"
        yield Finding("L10", said, as_expected=not weights)
