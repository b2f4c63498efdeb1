"""What set-up has found or made in the portal, read once per piece of work."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from payments.models import Payment

from .errors import NotSetUp
from .kinds import Kind, kinds
from .models import Mirror, Mirrored, Person

# The stages of the smart process, under the numbers of their rows.
STATUSES = {Payment.Status.PLANNED: 1, Payment.Status.PAID: 2, Payment.Status.CANCELLED: 3}


@dataclass(frozen=True, slots=True)
class Plan:
    owner: int
    payments_type: int
    # {id of ours: id there}
    pipelines: dict[int, str]
    stages: dict[int, str]
    statuses: dict[str, str]
    people: dict[int, int]
    kinds: dict[str, Kind]

    @classmethod
    def read(cls) -> Plan:
        """Raises NotSetUp."""
        mirror = Mirror.current()
        if mirror.owner_id is None or mirror.payments_type is None:
            raise NotSetUp(_("The portal is not set up. Run manage.py bitrix24_setup."))
        statuses = Mirrored.objects.remote_ids(Mirrored.Kind.STATUS)
        return cls(
            owner=mirror.owner_id,
            payments_type=mirror.payments_type,
            pipelines=Mirrored.objects.remote_ids(Mirrored.Kind.PIPELINE),
            stages=Mirrored.objects.remote_ids(Mirrored.Kind.STAGE),
            statuses={status: statuses[number] for status, number in STATUSES.items() if number in statuses},
            people=dict(Person.objects.values_list("user_id", "remote_id")),
            kinds=kinds(mirror.payments_type),
        )

    def person(self, user_id: int | None) -> str:
        """Return the employee there; the webhook's own where the user has none."""
        return str(self.people.get(user_id or 0, self.owner))
