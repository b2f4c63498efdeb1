"""Payment orders for European banks: pain.001 of ISO 20022, for accounts with an IBAN."""

from __future__ import annotations

from collections.abc import Iterable

from claims_crm.money import to_kopecks

from .orders import Order, Side

SCHEMA = "pain.001.001.03"


def to_pain(payer: Side, orders: Iterable[Order], *, currency: str) -> bytes:
    """Return the file, checked against its schema. What SEPA has no sign for is transliterated."""
    # Imported here because it loads its schemas for half a second, and only this function needs them.
    from sepaxml import SepaTransfer

    config = {"name": payer.name[:70], "IBAN": payer.account, "BIC": payer.bic, "batch": True, "currency": currency}
    transfer = SepaTransfer(config, schema=SCHEMA, clean=True)
    for order in orders:
        transfer.add_payment(
            {
                "name": order.payee.name,
                "IBAN": order.payee.account,
                "BIC": order.payee.bic,
                "amount": to_kopecks(order.amount),
                "execution_date": order.dated,
                "description": order.purpose,
                "endtoend_id": str(order.number),
            }
        )
    return transfer.export(validate=True)
