"""Gates: what keeps a deployment from its next step, and what brings the stable version back; a file for each."""
