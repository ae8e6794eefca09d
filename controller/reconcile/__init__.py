"""The only loop: look, load, decide, save, act.

    loop                 the loop
    rounds               one round of the loop: decides, saves, performs
    performing           performs effects
    ticks                a tick: looks at every deployment that is due
    attempts             does every part of an event, even after a failed one
    observe              reads CloudWatch for a look
    gate_facts           the counts that the gates ask for
    emergency_rollback   brings traffic back by the alias alone; a table of all ways back
    freezes_in_force     reads the freezes for a look
    timeouts             the run times of a deployment's requests

Rules of the folder: nothing is decided here; ``core`` decides, and ``aws`` calls AWS.
"""
