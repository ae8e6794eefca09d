"""EventBridge's entries, schedules and targets."""
