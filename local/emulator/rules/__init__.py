"""How AWS behaves, by service: pure functions without a clock, a network or MiniStack."""
