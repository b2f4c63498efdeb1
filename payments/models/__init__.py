from .payments import Payment
from .settlements import Settlement

__all__ = ["Payment", "Settlement"]
