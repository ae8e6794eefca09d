"""The facts that a run finds out: what each asks, what is expected, and what another answer means for Slipway.

AWS's documentation leaves these open, or an account could differ. ``experiments`` has how each is tried.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. ``number`` begins with a letter and a number, which ``--only`` takes: ``L1`` is ``L1a`` and ``L1b``."""

    number: str
    asks: str
    expected: str
    otherwise: str

    def is_of(self, wanted: str) -> bool:
        """Does ``--only`` mean this one by such a word: ``L1a``, or ``L1`` for all that begin so?"""
        return self.number == wanted or self.number.rstrip("abc") == wanted


FACTS = (
    Fact(
        "L1a",
        "the hash that a dry run of UpdateFunctionCode answers with",
        "the hash of the zip that was asked about",
        "uploads with a signature, or with sha256 in their metadata, are refused; quarantine looks at the wrong bytes",
    ),
    Fact(
        "L1b",
        "how long a dry run takes with a zip of 200 MB",
        "less than 20 s",
        "the dry run of a big zip is given up and made again, until the deployment's deadline",
    ),
    Fact(
        "L2",
        "DescribeAlarms, asked for metric, composite and log alarms",
        "an answer",
        "in this Region the states of alarms cannot be read, and after 15 minutes without them deployments roll back",
    ),
    Fact(
        "L3",
        "the metrics of requests through an alias without weights",
        "a series of the version, beside that of the alias",
        "in the bake only the alias's own series are there: alarms and gates that ask for the version see nothing",
    ),
    Fact(
        "L4",
        "when errors of requests that run into their timeout are counted",
        "in the minute in which they began, and only after they ended",
        "the error gate's waits for late counts are too long, or too short and late failures are missed",
    ),
    Fact(
        "L5",
        "the event of a deployment's own alarm",
        "one event, with the metrics and their dimensions",
        "the alias cannot be brought back by the event alone; the next tick does it, up to a minute later",
    ),
    Fact(
        "L6",
        "the statistics TC(1:), TC(timeout - 1 ms:) and p50 of the duration",
        "counts of all requests and of those that timed out",
        "the gates latency and timeouts have no data, and say so",
    ),
    Fact(
        "L7",
        "what is counted of a version that fails on import",
        "each request, as an invocation and as an error",
        "the gates and the alarm, which divide errors by invocations, miss a version that cannot start",
    ),
    Fact(
        "L8a",
        "DeleteFunction of one version, with the controller's role",
        "allowed",
        "old versions are not pruned; every deployment ends with a note of that",
    ),
    Fact(
        "L8b",
        "UpdateFunctionConfiguration of the controller's own $LATEST, with its role",
        "refused",
        "a zip of the controller could change the controller's own settings",
    ),
    Fact(
        "L9a",
        "PublishVersion after an update with the same zip",
        "the same version again",
        "a deployment that is interrupted while it publishes leaves versions behind",
    ),
    Fact(
        "L9b",
        "the weights 0.0001 and 0.3333, read back",
        "the very same numbers",
        "Slipway takes its own weight for one that somebody else has written, and stops the deployment",
    ),
    Fact(
        "L9c",
        "how long the old version still answers after the alias was moved",
        "at most 10 s",
        "a rollback takes that long to reach everybody, and holds are shorter than they look",
    ),
    Fact(
        "L10",
        "weights on the controller's alias, set by hand, after the stack published a version",
        "gone",
        "a part of the controller's events stays on a version that nobody deployed",
    ),
    Fact(
        "L11",
        "a parameter of the stack that was changed, in the controller that answers",
        "the new value",
        "sam deploy with other parameters looks done, and the controller goes on with the old ones",
    ),
    Fact(
        "L12a",
        "UpdateFunctionCode of a function with a key of yours, with the controller's role",
        "allowed",
        "such functions need the key's grants in the stack's parameters, even for code alone",
    ),
    Fact(
        "L12b",
        "PublishVersion of that function, with the controller's role",
        "allowed",
        "such functions need the key's grants in the stack's parameters, even for publishing",
    ),
    Fact(
        "L12c",
        "UpdateFunctionConfiguration of that function's variables, with the controller's role",
        "refused: the role may not use the key",
        "settings of such functions need no grant; the refusal in preflight could go",
    ),
    Fact(
        "L13a",
        "the dead-letter queue in the first minutes of the stack",
        "empty",
        "events are lost while the stack is young, and the alarm on dead letters greets every installation",
    ),
    Fact(
        "L13b",
        "the first tick",
        "handled",
        "deployments stand still: nothing wakes the controller",
    ),
    Fact(
        "L13c",
        "the first zip that is dropped into the new bucket and seen",
        "within 10 minutes",
        "the page's five minutes are too few; people drop again and wonder",
    ),
    Fact(
        "R1",
        "a good release of a function that serves",
        "promoted: the alias is on it, without weights",
        "Slipway does not work here; what is found says where it stands",
    ),
    Fact(
        "R2",
        "a release that fails its requests, with the deployment's own alarm alone to notice",
        "rolled back: the alias is on the version before, without weights",
        "Slipway does not bring traffic back here; do not use it before you know why",
    ),
)
