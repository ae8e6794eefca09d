"""Six drops with real code and real traffic on the embedded AWS: ``python -m local.demo``.

    v1 is dropped             the function is created, tested, its alias made; from here on traffic never stops
    v2 is dropped, good       shifts, is promoted, bakes, succeeds
    v3 is dropped, bad        its alarm fires, EventBridge tells the controller, the alias is back on v2
    v4 is dropped, good       succeeds
    v5 is dropped, bad        it fails for few: no alarm sees it, the error gate does, the alias is back on v4
    v3's bytes again          refused, as quarantined

What happened is read back from the AWS APIs and from the traffic's own counts, and checked against ``releases.DROPS``.
"""
