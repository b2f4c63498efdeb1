from django.dispatch import receiver

from claims.models import Claim
from claims.signals import claim_created, claims_imported, stage_moved
from notifications.models import Task
from notifications.signals import tasks_completed, tasks_raised
from payments.models import Payment
from payments.signals import payment_reopened, payment_settled, payments_scheduled, schedule_changed

from . import services
from .events import Event
from .outbox import tell, tell_all


@receiver(claim_created, sender=Claim)
def tell_created(sender, claim, **kwargs) -> None:
    tell(Event.CLAIM_CREATED, [claim])


@receiver(claims_imported, sender=Claim)
def tell_imported(sender, claims, **kwargs) -> None:
    services.tell_imported([claim.pk for claim in claims])


@receiver(stage_moved, sender=Claim)
def tell_moved(sender, claim, after, by_itself, **kwargs) -> None:
    # What moved it by itself tells the rest, but there is none where the completion task has closed it.
    more = by_itself and not after.is_final
    closed = after.kind == after.Kind.CLOSED
    tell(Event.CLAIM_STAGE_CHANGED, [claim], more=True)
    if closed:
        tell(Event.CLAIM_CLOSED, [claim], more=True)
    if not more:
        tell_all()


@receiver(payments_scheduled, sender=Payment)
def tell_scheduled(sender, payments, **kwargs) -> None:
    tell(Event.PAYMENT_SCHEDULED, payments)


@receiver(payment_settled, sender=Payment)
def tell_settled(sender, payment, **kwargs) -> None:
    tell(Event.PAYMENT_SETTLED, [payment])


@receiver(payment_reopened, sender=Payment)
def tell_reopened(sender, payment, **kwargs) -> None:
    tell(Event.PAYMENT_REOPENED, [payment])


@receiver(tasks_raised, sender=Task)
def tell_raised(sender, tasks, **kwargs) -> None:
    tell(Event.TASK_CREATED, tasks)


@receiver(tasks_completed, sender=Task)
def tell_completed(sender, tasks, **kwargs) -> None:
    tell(Event.TASK_COMPLETED, tasks)


@receiver(schedule_changed, sender=Claim)
def tell_the_rest(sender, claim, settled, **kwargs) -> None:
    if settled:
        tell(Event.CLAIM_SETTLED, [claim], more=True)
    tell_all()
