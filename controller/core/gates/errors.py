"""The gate of errors: does the canary fail more often than the stable version, in the shift and in the bake?

The same proof serves the gates of a team's own metrics, each with a significance of its own.
"""

from __future__ import annotations

from controller.core.manifest.settings import ErrorGate
from controller.core.model import Deployment, Phase
from controller.core.statistics import in_words
from controller.core.statistics.before_after import Bake
from controller.core.statistics.shift import Shift

_OF_THE_LOOKS, _OF_THE_WHOLE = 0.8, 0.1
"""How much of the error gate's significance the looks at the shift have, and the whole counts; the rest is the bake's.
"""


def judges(deployment: Deployment) -> bool:
    """Does the error gate, or one of a team's own metrics, compare both versions now? Only while both serve."""
    on = deployment.manifest.gates
    return deployment.phase is Phase.SHIFTING and (on.errors is not None or bool(on.metrics))


def judges_bake(deployment: Deployment) -> bool:
    """Does the error gate compare the canary with the stable version's minutes before the promotion now?"""
    gate = deployment.manifest.gates.errors
    is_judged = gate is not None and gate.bake_significance is not None and deployment.stable is not None
    return deployment.phase is Phase.BAKING and is_judged and deployment.bake.is_open


def enough_in_shift(gate: ErrorGate) -> float:
    """Returns the odds at which the looks at a shift bring the stable version back: 125 at a significance of 1 %."""
    return 1 / (_OF_THE_LOOKS * gate.significance)


def enough_of_whole(gate: ErrorGate) -> float:
    """Returns the odds at which the whole counts of a shift do: 1,000 at a significance of 1 %."""
    return 1 / (_OF_THE_WHOLE * gate.significance)


def worse(deployment: Deployment) -> str | None:
    """Returns in words that the canary fails more often than the stable version, None where that is not proved."""
    gate = deployment.manifest.gates.errors
    return proof(deployment, gate, deployment.shift, deployment.bake) if gate else None


def proof(deployment: Deployment, gate: ErrorGate, shift: Shift, bake: Bake, what: str = "errors") -> str | None:
    """Returns in words that the canary has more of ``what`` than it may have, None where that is not proved."""
    versions = deployment.canary, deployment.stable
    if deployment.phase is Phase.SHIFTING or (deployment.phase is Phase.BAKING and shift.whole is not None):
        if shift.odds >= enough_in_shift(gate):
            return f"{in_words.looks(shift, *versions, what)}; {in_words.limit(enough_in_shift(gate))}"
        if shift.whole is not None and shift.whole >= enough_of_whole(gate):
            return f"{in_words.whole(shift, *versions)}; {in_words.limit(enough_of_whole(gate))}"
    in_bake = gate.bake_significance if deployment.phase is Phase.BAKING else None
    if in_bake is not None and shift.past and bake.is_worse(in_bake, shift.past.history):
        return bake.in_words(*versions)
    return None
