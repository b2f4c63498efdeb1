from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from payments.models import Payment
from payments.services import reopen

from ...formats.return_reasons import RETURN_REASONS
from ...models import StatementLine
from ..errors import StatementNotReady

if TYPE_CHECKING:
    from accounts.models import User


def return_reason(line: StatementLine) -> str:
    """Return the bank's reason of a returned payment, in the reader's language, with the words of the purpose."""
    reason = RETURN_REASONS.get(line.return_code)
    start = _("Returned by the bank, No. %(number)s of %(day)s") % {
        "number": line.number or "—",
        "day": f"{line.posted_on:%d.%m.%Y}",
    }
    return ": ".join(filter(None, [start, str(reason) if reason else "", line.purpose]))[:500]


@transaction.atomic
def accept_return(line: StatementLine, payments: Sequence[Payment], *, by: User) -> StatementLine:
    """Reopen the payment that the incoming line brought back, one of the line's matches, with the bank's reason.

    Raises StatementNotReady unless it is one payment, of a return not accepted before, and what `reopen`
    raises.
    """
    line = StatementLine.objects.select_for_update(of=("self",)).select_related("statement__job").get(pk=line.pk)
    matches = list(line.matches.filter(payment__in=payments).select_related("payment"))
    if line.statement.is_at_work or line.verdict != line.Verdict.RETURNED or line.is_decided or len(matches) != 1:
        raise StatementNotReady
    reopen(matches[0].payment, by=by, reason=return_reason(line))
    matches[0].returned_on = line.posted_on
    matches[0].save(update_fields=["returned_on"])
    line.is_decided = True
    line.save(update_fields=["is_decided"])
    return line
