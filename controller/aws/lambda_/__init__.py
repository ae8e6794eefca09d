"""Lambda: aliases, functions, versions, invocations, and the budget of calls."""
