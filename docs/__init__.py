"""The pages, and the commands that write, draw and build them."""
