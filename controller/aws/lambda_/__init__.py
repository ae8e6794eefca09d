"""Lambda: aliases, functions, versions, invocations, and the budget of calls.

    aliases          reads and writes aliases: traffic moves here
    publishing       makes an artifact's version
    functions        its single steps
    configuration    a version's hash, settings and state
    restore_latest   brings ``$LATEST`` back
    versions         tests, wakes and deletes versions
    invoke           the meaning of Invoke's answers, and the calls of hooks
    drill_versions   the version of a drill
    function_facts   the facts for preflight
    budget           the calls a second, rollbacks first
    waits            waits in place, or gives way to other targets
    client           the calls, and readers for their answers

Rules of the folder: nothing is decided here; a refusal of AWS becomes one of Slipway's own exceptions.
"""
