from .payments import Payment

__all__ = [
    "Payment",
]
