from django.urls import path
from rest_framework.routers import SimpleRouter

from .payments import ClaimSchedule, Payments
from .settling import SettleMany

router = SimpleRouter(use_regex_path=False)
router.register("payments", Payments, "payment")

urlpatterns = [
    *router.urls,
    path("payments/settle/", SettleMany.as_view({"post": "create"}), name="payment-settle-many"),
    path("claims/<int:pk>/schedule/", ClaimSchedule.as_view({"post": "create"}), name="claim-schedule"),
]
