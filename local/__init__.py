"""The embedded AWS, the demo and what they need; nothing in controller/ knows this folder."""
