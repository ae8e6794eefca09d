"""A tick: one look at everything that is open, once a minute.

    tick          the walk over the rows of the open deployments
    quiet_looks   finds out for many deployments at once that nothing is to be done
    questions     the gates' questions of many deployments, asked together

Rules of the folder: a tick's only memory is the table, so that any controller handles the next one.
"""
