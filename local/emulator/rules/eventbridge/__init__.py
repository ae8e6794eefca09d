"""Which events EventBridge takes, and what becomes of those that no target took."""
