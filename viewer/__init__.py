"""STACK-viewer: the controller's answers for people who may only look, and the page."""
