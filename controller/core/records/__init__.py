"""The stored form of a deployment, readable by this release, an older one and a newer one."""
