"""Links to objects in the portal."""

from __future__ import annotations

from .address import AddressRefused, address
from .models import Mirror, Mirrored

PATHS = {
    Mirrored.Kind.CLAIM: "/crm/deal/details/{id}/",
    Mirrored.Kind.CONTACT: "/crm/contact/details/{id}/",
    Mirrored.Kind.COMPANY: "/crm/company/details/{id}/",
    Mirrored.Kind.PAYMENT: "/crm/type/{payments}/details/{id}/",
    Mirrored.Kind.TASK: "/company/personal/user/0/tasks/task/view/{id}/",
}


def remote_url(link: Mirrored, mirror: Mirror | None = None) -> str:
    """Return the URL of the object's page in the portal, or "" if it has none."""
    path = PATHS.get(Mirrored.Kind(link.kind))
    if not (path and link.remote_id):
        return ""
    try:
        site = address().site
    except AddressRefused:
        return ""
    payments = (mirror or Mirror.current()).payments_type if "{payments}" in path else None
    return site + path.format(id=link.remote_id, payments=payments)
