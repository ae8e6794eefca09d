"""The only loop: look, load, decide, save, act.

    loop                 the loop
    ticks                a tick: looks at every deployment that is due
    attempts             does every part of an event, even after a failed one
    observe              reads CloudWatch for a look
    perform              performs one effect
    prechecks            what is asked of AWS before anything is published
    emergency_rollback   brings traffic back by the alias alone; a table of all ways back
    version_tests        runs the manifest's tests
    freezes_in_force     reads the freezes for a look
    latest               brings ``$LATEST`` to a version
    prune                deletes old versions
    timeouts             the run times of a deployment's requests

Rules of the folder: nothing is decided here; ``core`` decides, and ``aws`` calls AWS.
"""
