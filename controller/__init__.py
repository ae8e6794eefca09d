"""Slipway: drop a zip into a bucket to have it published, tested, shifted to, and rolled back if something is wrong.

Theory of operation. Every wake-up (an upload, an alarm, the minute's tick, a person's request) reads the alias, then
the record, decides, saves the record by compare-and-swap, and only then acts, under the alias's revision:

    app -> dispatch -> inbound.parse -> reconcile.loop -> core (pure: lifecycle.state_machine, lifecycle.plan, gates)
                                                       -> aws (adapters)

``core`` decides and imports nothing that acts. ``aws`` acts and decides nothing. ``reconcile.loop`` is the only loop,
``app`` the only door. ``make lint`` checks the direction of these imports.
"""
