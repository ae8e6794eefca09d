"""The invariants (a) to (i) of semantics.md, and seven that follow: checked after every step of every story.

Each says in words what is wrong, or nothing. They read what AWS and the table hold and never what the controller
thinks.

Note: an alias that somebody else moved is none of the controller's business until a person says so; until then only (h)
speaks of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from controller.aws.lambda_.configuration import configuration
from controller.core.manifest.settings import OnFailure
from controller.core.model import Cause, Deployment, Milestone, Phase, Routing, Target
from tests.cloud.error_gate_invariants import (
    only_what_fails_more_is_rolled_back_for_it,
    what_fails_much_does_not_succeed,
)
from tests.cloud.freeze_invariants import nothing_goes_forward_under_a_freeze
from tests.cloud.lambda_state import LATEST
from tests.cloud.snapshot import LOOKED_AT, Seen

Invariant = Callable[[Seen], Iterator[str]]


def violations(seen: Seen) -> list[str]:
    """Returns every violation, with the letter of its invariant."""
    return [f"({letter}) {text}" for letter, invariant in INVARIANTS.items() for text in invariant(seen)]


def only_fit_versions_serve(seen: Seen) -> Iterator[str]:
    """(a) The alias never gives weight to a version that is not Active, not tested, quarantined or deleted. What
    somebody else once chose is theirs to have tested.
    """
    for target in _ours(seen):
        for version in seen.carried(target):
            found = seen.cloud.lambda_.functions[target.function].versions.get(version)
            made_by = _made_by(seen, target, version)
            if found is None:
                yield f"{target} gives traffic to version {version}, which is deleted"
            elif not (_is_ready(seen, target, version) or _may_be_asleep(seen, target, version)):
                yield f"{target} gives traffic to version {version}, which is not Active"
            elif (target, version) in seen.chosen:
                continue
            elif made_by and Milestone.TESTED not in made_by.done:
                yield f"{target} gives traffic to version {version}, which {made_by} has not tested"
            elif seen.is_quarantined(target, version):
                yield f"{target} gives traffic to version {version}, whose bytes are quarantined"


def one_deployment_at_a_time_writes_an_alias(seen: Seen) -> Iterator[str]:
    """(b) At most one deployment writes an alias: one is open, and what it has left behind nobody older writes over."""
    for target, deployments in seen.deployments.items():
        at_work = [each for each in deployments if not each.phase.is_terminal and not each.hold.queued]
        if len(at_work) > 1:
            yield f"{' and '.join(map(str, at_work))} are open at once"
        written = [crumb.number for crumb in seen.crumbs(target)]
        if written != sorted(written):
            yield f"deployments {written} of {target} wrote the alias in this order"


def an_end_leaves_one_version(seen: Seen) -> Iterator[str]:
    """(c) After any terminal state the alias has exactly one version; so it has before the next one's first percent."""
    for target in _ours(seen):
        routing, at_work = seen.routing(target), seen.open_one(target)
        if (
            routing
            and routing.canary
            and not (at_work and (at_work.phase.serves or at_work.phase is Phase.ROLLING_BACK))
        ):
            yield f"{target} carries {routing}, and {at_work or 'nothing'} is open"


def the_backup_never_points_to_what_failed(seen: Seen) -> Iterator[str]:
    """(d) The backup alias never points at a failed version, unless somebody else has made it serve since, or a person
    has asked for that very version again. A version that a person left for another of their choice has not failed.
    """
    for target, deployments in seen.deployments.items():
        for version in seen.carried(Target(target.function, target.backup_alias)):
            about = (each for each in reversed(deployments) if each.canary == version)
            made_by = next((each for each in about if not _goes_where_a_person_chose(each)), None)
            is_failed = made_by is not None and made_by.phase in (Phase.ROLLED_BACK, Phase.FAILED)
            is_asked_for = any(each.only_goes_back and each.stable == version for each in deployments)
            if made_by and is_failed and not is_asked_for and (target, version) not in seen.chosen:
                yield f"{target.backup_alias} points to version {version}, and {made_by} is {made_by.phase.value}"


def rollback_is_one_write_away(seen: Seen) -> Iterator[str]:
    """(e) Rollback is reachable from every non-terminal state in one alias write: the version to go back to is there
    and ready, the backup alias keeps it unless a person has just chosen it, and what gives the canary traffic says how
    to get back.
    """
    for target in _ours(seen):
        open_one = seen.open_one(target)
        if (
            open_one is None
            or open_one.stable is None
            or not (open_one.phase.serves or open_one.phase is Phase.ROLLING_BACK)
        ):
            continue
        if not (_is_ready(seen, target, open_one.stable) or open_one.traffic.asleep):
            yield f"{open_one} cannot go back: version {open_one.stable} is not there, or not Active"
        if open_one.canary not in set(seen.carried(target)):
            continue
        chosen = _goes_where_a_person_chose(open_one)
        if not chosen and Routing(open_one.stable) != seen.routing(Target(target.function, target.backup_alias)):
            yield f"{target.backup_alias} does not keep version {open_one.stable} while {open_one.canary} serves"
        yield from _unarmed(seen, open_one)


def _goes_where_a_person_chose(deployment: Deployment) -> bool:
    return deployment.only_goes_back and deployment.versions.backup is not None


def pruning_spares_what_is_used(seen: Seen) -> Iterator[str]:
    """(f) Prune never touches the safe set: what an alias carries, weights and backups included, and what an open
    deployment goes to or back to.
    """
    for target, deployments in seen.deployments.items():
        function = seen.cloud.lambda_.functions.get(target.function)
        if function is None:
            continue
        open_ones = [each for each in deployments if not each.phase.is_terminal]
        used = {version for alias in function.aliases for version in seen.carried(Target(target.function, alias))}
        used |= {version for each in open_ones for version in (each.stable, each.canary) if version}
        for version in sorted(used - function.versions.keys() - {LATEST}):
            yield f"version {version} of {target.function} is deleted and still used"


def an_upload_is_one_deployment(seen: Seen) -> Iterator[str]:
    """(g) The same event twice gives the same outcome: no object version is deployed twice unless a person asks."""
    for deployments in seen.deployments.values():
        uploads = [each.artifact for each in deployments if each.artifact.version_id not in seen.asked]
        made = [(each.bucket, each.key, each.version_id) for each in uploads if each.version_id is not None]
        # A rollback of its own is about the bytes that an earlier deployment brought; it ships nothing.
        rollbacks = sum(each.only_goes_back for each in deployments)
        if len(made) - len(set(made)) > rollbacks:
            yield f"one upload was deployed more than once: {made}"


def what_others_did_stays(seen: Seen) -> Iterator[str]:
    """(h) An unknown external alias change is never overwritten without command. What a deployment finds when it
    begins is what it starts from.
    """
    for target, theirs in seen.theirs.items():
        alias = seen.alias(target)
        is_untouched = seen.is_theirs(target) or target in seen.commanded
        if not is_untouched and not any(map(theirs.may_be_left_by, seen.deployments.get(target, []))):
            yield f"{target} was moved by somebody else and overwritten: {alias}"


def nothing_stalls_silently(seen: Seen) -> Iterator[str]:
    """(i) Every state has a timer or an external wake-up: what is open, or still owes something, is where a tick looks,
    or waits for one that is.
    """
    for target, deployments in seen.deployments.items():
        head = seen.head(target)
        for each in deployments:
            row = seen.cloud.table.rows[str(target), f"deployment#{each.number:06d}"]
            is_looked_at = row.get("open") == LOOKED_AT and "due_at" in row
            if each.hold.queued:
                ahead = seen.open_one(target)
                if ahead is None or ahead.hold.newer != each.number:
                    yield f"{each} waits, and {ahead} does not know it"
            elif not each.phase.is_terminal and not is_looked_at:
                yield f"{each} is {each.phase.value} and no tick looks at it"
            elif each.bookkeeping.outbox and not is_looked_at:
                yield f"{each} owes people {len(each.bookkeeping.outbox)} notices and no tick looks at it"
        at_work = seen.open_one(target)
        if (at_work.number if at_work else None) != head.open:
            yield f"the head of {target} has {head.open} open, and the records {at_work}"


def the_alias_agrees_with_the_record(seen: Seen) -> Iterator[str]:
    """(j) Where nothing is open the alias carries what the last deployment says that it carries."""
    for target in _ours(seen):
        last = seen.last(target)
        if seen.open_one(target) is None and last is not None and seen.routing(target) not in _said(last):
            yield f"{last} is {last.phase.value}, and {target} carries {seen.routing(target)}"


def no_alarm_outlives_its_deployment(seen: Seen) -> Iterator[str]:
    """(k) A deployment whose alarm is deleted, as it says, has none; what was given up it says, too."""
    for deployments in seen.deployments.values():
        for each in deployments:
            is_there = each.alarms.own in seen.cloud.cloudwatch.alarms
            given_up = any(entry.text.startswith("given up") for entry in each.timeline)
            if is_there and Milestone.ALARM_DELETED in each.done and not given_up:
                yield f"{each} says that its alarm is deleted, and it is there"


def what_was_brought_back_stays_back(seen: Seen) -> Iterator[str]:
    """(l) Once the alias says that a deployment was rolled back, its version gets no traffic from it again."""
    for target in seen.deployments:
        back: set[int] = set()
        for crumb in seen.crumbs(target):
            if crumb.rolled_back:
                back.add(crumb.number)
            elif crumb.number in back:
                yield f"{target}#{crumb.number} was brought back, and gave version {crumb.canary} traffic again"


def the_bare_name_runs_what_it_should(seen: Seen) -> Iterator[str]:
    """(m) Once a version is published, callers of the bare function name run the stable version until the deployment
    has succeeded, and the new one then; what could not be put back is said.
    """
    functions = [target.function for target in seen.deployments]
    for target, deployments in seen.deployments.items():
        function = seen.cloud.lambda_.functions.get(target.function)
        begun = [each for each in deployments if not each.hold.queued]
        if function is None or functions.count(target.function) > 1 or not begun or begun[-1].versions.latest is None:
            continue
        newest, wanted = begun[-1], function.versions.get(begun[-1].versions.latest)
        if newest.phase is Phase.FAILED and newest.canary is None:
            continue  # whoever was publishing while a person ended it may write after $LATEST was found right
        if any(each.leaves_latest_behind and Milestone.LATEST_LEFT not in each.done for each in begun):
            continue  # a controller is in the middle of it, or stopped there, and a tick puts it right
        if wanted is None or any("$LATEST" in entry.text for entry in newest.timeline):
            continue
        found, meant = configuration(function.latest.configuration), configuration(wanted.configuration)
        named = set(newest.manifest.function) - {"Description"}
        other = sorted(name for name in named if found.settings.get(name) != meant.settings.get(name))
        if other or found.sha256 != meant.sha256:
            what = ", ".join([*([] if found.sha256 == meant.sha256 else ["the code"]), *other])
            where = f"$LATEST of {target.function} has not {what} of version {newest.versions.latest}"
            yield f"{newest} is {newest.phase.value}, and {where}"


INVARIANTS: dict[str, Invariant] = {
    "a": only_fit_versions_serve,
    "b": one_deployment_at_a_time_writes_an_alias,
    "c": an_end_leaves_one_version,
    "d": the_backup_never_points_to_what_failed,
    "e": rollback_is_one_write_away,
    "f": pruning_spares_what_is_used,
    "g": an_upload_is_one_deployment,
    "h": what_others_did_stays,
    "i": nothing_stalls_silently,
    "j": the_alias_agrees_with_the_record,
    "k": no_alarm_outlives_its_deployment,
    "l": what_was_brought_back_stays_back,
    "m": the_bare_name_runs_what_it_should,
    "n": only_what_fails_more_is_rolled_back_for_it,
    "o": what_fails_much_does_not_succeed,
    "p": nothing_goes_forward_under_a_freeze,
}


def _ours(seen: Seen) -> Iterator[Target]:
    return (target for target in seen.deployments if not seen.is_theirs(target) and seen.alias(target))


def _made_by(seen: Seen, target: Target, version: str) -> Deployment | None:
    """Returns the last deployment that brought the version. A rollback of its own only leaves it, and tests nothing."""
    mine = (each for each in reversed(seen.deployments[target]) if each.canary == version)
    return next((each for each in mine if not each.only_goes_back), None)


def _is_ready(seen: Seen, target: Target, version: str) -> bool:
    if version not in seen.cloud.lambda_.functions[target.function].versions:
        return False
    return bool(seen.cloud.lambda_.version(target.function, version).configuration["State"] == "Active")


def _may_be_asleep(seen: Seen, target: Target, version: str) -> bool:
    """Has nobody written the alias yet, or have people been told that traffic came back to a version that sleeps?"""
    newest = seen.deployments[target][-1]
    told = any(f"version {version} is " in entry.text and "Lambda refuses" in entry.text for entry in newest.timeline)
    return newest.phase is Phase.PREPARING or (told and newest.phase in (Phase.ROLLING_BACK, Phase.ROLLED_BACK))


def _unarmed(seen: Seen, open_one: Deployment) -> Iterator[str]:
    crumb, traffic = seen.crumb(open_one.target), open_one.traffic
    unarmed_on_purpose = traffic.closing or open_one.manifest.on_failure is OnFailure.FREEZE
    # Somebody else's routing that a person keeps is armed by the next write, which Lambda may refuse for minutes.
    not_written_yet = crumb is None and traffic.confirmed_at is None and open_one.target in seen.commanded
    if unarmed_on_purpose or not_written_yet or open_one.phase is Phase.ROLLING_BACK:
        return
    if crumb is None or not crumb.armed or crumb.stable != open_one.stable:
        yield f"{open_one.target} carries version {open_one.canary} and does not say how to get back: {crumb}"


def _said(last: Deployment) -> tuple[Routing | None, ...]:
    """Returns what the alias may carry after this end: after drift that was accepted, that."""
    if last.phase is Phase.SUCCEEDED:
        unchanged = last.reason is not None and last.reason.cause is Cause.UNCHANGED
        version = last.stable if unchanged else last.canary
        return (Routing(version),) if version else (None,)
    kept = last.traffic.expected_routings[-1:] if last.reason and last.reason.cause is Cause.DRIFT else ()
    return (*kept, *((Routing(last.stable),) if last.stable else ()))
