"""Outgoing: makes the portal's objects like ours. Only what differs from what was last pushed is sent.

`runner` pushes a batch of claims: it loads them (`work`), looks up objects whose last command got no answer (`lookup`),
packs the commands of one call (`batching`), sends them and records the results (`sending`).
"""

from .runner import push_batch

__all__ = ["push_batch"]
