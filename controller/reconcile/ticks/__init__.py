"""A tick: one look at everything that is open, once a minute.

    tick            chooses among the rows of the open deployments
    alarm_states    reads the states of their alarms
    looks           the looks at those chosen
    quiet_looks     finds out for many deployments at once that nothing is to be done
    questions       the gates' questions of many deployments, asked together
    turns           whose turn it is: waits give way, and targets of other controllers are passed over
    claims          says that a controller is at work on a target
    left_to_ticks   starts the deployment of an upload, or leaves it to the ticks

Rules of the folder: a tick's only memory is the table, so that any controller handles the next one.
"""
