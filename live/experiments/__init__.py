"""How each fact is tried: one file for each thing that is done in the account, and the order of all of them."""

from __future__ import annotations

from live.experiments import (
    alias_series,
    customer_key,
    dry_run,
    foundations,
    import_failure,
    late_errors,
    log_alarms,
    own_role,
    releases,
    repeated,
    stack_update,
)
from live.schedule import Experiment

EXPERIMENTS = (
    Experiment("role and bucket", (), foundations.role_and_bucket, 3),
    Experiment("the stack", (), foundations.stack, 20, needs=("role and bucket",)),
    Experiment("log alarms", ("L2",), log_alarms.steps, 1),
    Experiment("alias without weights", ("L3",), alias_series.steps, 12, needs=("role and bucket",)),
    Experiment("late errors", ("L4", "L6"), late_errors.steps, 15, needs=("role and bucket",)),
    Experiment("failing on import", ("L7",), import_failure.steps, 12, needs=("role and bucket",)),
    Experiment("the same again", ("L9a", "L9b", "L9c"), repeated.steps, 6, needs=("role and bucket",)),
    Experiment("dry run", ("L1a", "L1b"), dry_run.steps, 8, needs=("role and bucket",)),
    Experiment("the controller's role", ("L8a", "L8b"), own_role.steps, 5, needs=("the stack",)),
    Experiment(
        "a key of yours", ("L12a", "L12b", "L12c"), customer_key.steps, 5, needs=("the stack",), after=("dry run",)
    ),
    Experiment("releases", ("L13a", "L13b", "L13c", "R1", "R2", "L5"), releases.steps, 90, needs=("the stack",)),
    # The controller is replaced by it, so nothing may be under way.
    Experiment(
        "a stack update",
        ("L10", "L11"),
        stack_update.steps,
        15,
        needs=("the stack",),
        after=("releases", "the controller's role", "a key of yours"),
    ),
)
"""In the order in which they begin: what has to wait longest for CloudWatch begins first."""
