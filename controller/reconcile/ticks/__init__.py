"""A tick: one look at everything that is open, once a minute.

    tick    the walk over the rows of the open deployments

Rules of the folder: a tick's only memory is the table, so that any controller handles the next one.
"""
