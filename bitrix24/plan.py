"""The ids of what provisioning has found or created in the portal, loaded once per run."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from payments.models import Payment

from .entities import Entity, build_entities
from .errors import NotSetUp
from .models import Mirror, Mirrored, Person

# The local ids of the stages of the smart process.
STATUSES = {Payment.Status.PLANNED: 1, Payment.Status.PAID: 2, Payment.Status.CANCELLED: 3}


@dataclass(frozen=True, slots=True)
class Plan:
    """The portal's ids of funnels, stages, payment statuses and people."""

    owner: int
    payments_type: int
    # {our id: id in the portal}
    pipelines: dict[int, str]
    stages: dict[int, str]
    statuses: dict[str, str]
    people: dict[int, int]
    entities: dict[str, Entity]

    @classmethod
    def load(cls) -> Plan:
        """Return the plan. Raises NotSetUp before provisioning."""
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
            entities=build_entities(mirror.payments_type),
        )

    def person(self, user_id: int | None) -> str:
        """Return the employee of the user; the owner of the webhook if there is none."""
        return str(self.people.get(user_id or 0, self.owner))
