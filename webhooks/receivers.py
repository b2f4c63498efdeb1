from django.dispatch import receiver

from claims.models import Claim
from claims.signals import claim_created, claims_moved
from notifications.models import Task
from notifications.signals import tasks_completed, tasks_raised
from payments.models import Payment
from payments.signals import payments_reopened, payments_scheduled, payments_settled, schedules_changed
from register.signals import claims_imported

from . import services
from .events import Event
from .outbox import tell, tell_all


@receiver(claim_created, sender=Claim)
def tell_created(sender, claim, **kwargs) -> None:
    tell(Event.CLAIM_CREATED, [claim])


@receiver(claims_imported, sender=Claim)
def tell_imported(sender, claims, **kwargs) -> None:
    services.tell_imported([claim.pk for claim in claims])


@receiver(claims_moved, sender=Claim)
def tell_moved(sender, claims, after, by_itself, **kwargs) -> None:
    # What moved them by itself tells the rest, but there is none where the completion task has closed one.
    more = by_itself and not after.is_final
    closed = after.kind == after.Kind.CLOSED
    tell(Event.CLAIM_STAGE_CHANGED, claims, more=True)
    if closed:
        tell(Event.CLAIM_CLOSED, claims, more=True)
    if not more:
        tell_all()


@receiver(payments_scheduled, sender=Payment)
def tell_scheduled(sender, payments, **kwargs) -> None:
    tell(Event.PAYMENT_SCHEDULED, payments)


@receiver(payments_settled, sender=Payment)
def tell_settled(sender, payments, **kwargs) -> None:
    tell(Event.PAYMENT_SETTLED, payments)


@receiver(payments_reopened, sender=Payment)
def tell_reopened(sender, payments, **kwargs) -> None:
    tell(Event.PAYMENT_REOPENED, payments)


@receiver(tasks_raised, sender=Task)
def tell_raised(sender, tasks, **kwargs) -> None:
    tell(Event.TASK_CREATED, tasks)


@receiver(tasks_completed, sender=Task)
def tell_completed(sender, tasks, **kwargs) -> None:
    tell(Event.TASK_COMPLETED, tasks)


@receiver(schedules_changed, sender=Claim)
def tell_the_rest(sender, settled, **kwargs) -> None:
    if settled:
        tell(Event.CLAIM_SETTLED, settled, more=True)
    tell_all()
