"""The only loop: look, load, decide, save, act."""
