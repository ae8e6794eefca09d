"""AWS on one machine: MiniStack, with what it lacks. Three parts, each standing on those before it.

rules      how AWS behaves: pure functions, shared with the AWS in memory (``tests/cloud``)
runtime    runs functions: packages, processes, environments
patches    wraps MiniStack's functions, so that they follow the rules and run functions by the runtime
"""
