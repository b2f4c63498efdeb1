from ..notifications.conftest import claim, may, owner, payer

__all__ = ["claim", "may", "owner", "payer"]
