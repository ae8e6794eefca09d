"""``report``: how often, how fast and how well a team deploys, as one HTML page.

``collecting`` asks the controller for the deployments of a period, ``figures`` computes the four keys from them,
``page`` draws both with a ``lane`` for each target, and ``command`` is ``slipway report``.
"""
