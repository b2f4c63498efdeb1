from django.urls import path

from .views import bulk, calendar, schedule, search, settlement, worklist

app_name = "payments"

urlpatterns = [
    path("search/", search.show, name="search"),
    path("payments/", worklist.show, name="worklist"),
    path("payments/changes/", worklist.changes, name="changes"),
    path("payments/calendar/", calendar.show, name="calendar"),
    path("payments/settle/", settlement.settle_many, name="settle_many"),
    path("payments/settle/all/", bulk.settle_all, name="settle_all"),
    path("payments/export/", bulk.export, name="export"),
    path("payments/reschedule/all/", bulk.reschedule_all, name="reschedule_all"),
    path("payments/undo/", settlement.undo, name="undo"),
    path("payments/reschedule/", schedule.reschedule, name="reschedule"),
    path("payments/<int:pk>/settle/", settlement.settle, name="settle"),
    path("payments/<int:pk>/pay/", settlement.pay, name="pay"),
    path("payments/<int:pk>/reopen/", settlement.reopen, name="reopen"),
    path("payments/<int:pk>/edit/", schedule.edit, name="edit"),
    path("payments/<int:pk>/move/", calendar.move, name="move"),
    path("payments/<int:pk>/split/", schedule.split, name="split"),
    path("payments/<int:pk>/cancel/", schedule.cancel, name="cancel"),
    path("claims/new/schedule/", schedule.first, name="first_schedule"),
    path("claims/<int:pk>/payments/", schedule.show, name="claim"),
    path("claims/<int:pk>/payments/add/", schedule.add, name="add"),
    path("claims/<int:pk>/payments/mend/", schedule.mend, name="mend"),
    path("claims/<int:pk>/payments/schedule/", schedule.builder, name="builder"),
    path("claims/<int:pk>/payments/schedule/preview/", schedule.preview, name="preview"),
]
