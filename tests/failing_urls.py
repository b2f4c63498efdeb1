"""The product's addresses, and one whose view fails: so can be seen what is told then."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from claims_crm.urls import handler500, urlpatterns

__all__ = ["handler500", "urlpatterns"]


@login_not_required
def fail(request):
    raise RuntimeError("as it was asked to")


urlpatterns = [*urlpatterns, path("broken/", fail)]
