"""How a deployment is written down, and read back by this release, an older one and a newer one."""
