"""The gates: reasons to hold the next step, or to roll back. Each is one file; ``order`` asks them in turn.

    order          all gates: the first danger rolls back, the first hold holds
    alarms         a firing alarm
    own_alarm      the numbers of the alarm that each deployment has of its own
    errors         more errors than the stable version explains
    team_metrics   the same for two counts of the team
    latency        more slow requests, more timeouts
    throttles      too many throttled requests
    traffic        enough requests, in the share of the weight, and callers at all
    hold           the step's time, the bake, and doubt
    deadline       open for too long
    unreadable     CloudWatch does not answer
    hooks          functions of the team that are asked
    freeze         a freeze of all deployments, or of some
    manual         what people close and open: approval, pause, drift, a drill

Rules of the folder: a gate changes only its own notes in the record, and moves no traffic.
"""
