"""Performs effects: one effect in, one outcome out.

    perform         performs one effect
    prechecks       what is asked of AWS before anything is published
    version_tests   runs the manifest's tests
    latest          brings ``$LATEST`` to a version
    prune           deletes old versions

Rules of the folder: nothing is decided here; ``core`` decides, and ``aws`` calls AWS.
"""
