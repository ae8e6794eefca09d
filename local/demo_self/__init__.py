"""The controller deploys itself on the embedded AWS, five times: ``python -m local.demo_self``.

    good                   shifts, is promoted and bakes, by itself
    fails on import        its first test fails: it never gets an event
    fails on ticks         passes its tests; its errors on ticks fire its alarm, the version before brings itself back
    cannot roll back       is promoted; a bad release of the function is brought back by the version before, and the
                           errors of the new one on those alarms fire its own: it is brought back, too
    stops starting         is promoted; in its bake it cannot be imported any more, and the version before is back

Each is dropped while an ordinary function is being deployed, whose deployment must end as it would have ended anyway.
All are dropped on one stack, so each begins on the controller that the one before has left.
"""
