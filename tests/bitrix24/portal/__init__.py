"""A Bitrix24 portal in memory, over real HTTP(S), written from the documentation of its REST API.

Strict where the real one is lenient: a field it does not know is ignored as there, and kept in `complaints`.
"""

from .faults import Faults
from .portal import Portal
from .server import serve

__all__ = ["Faults", "Portal", "serve"]
