from django.urls import path

from . import views

app_name = "orders"

urlpatterns = [
    path("payments/orders/", views.file_list, name="list"),
    path("payments/orders/new/", views.send, name="send"),
    path("payments/orders/<int:pk>/", views.detail, name="detail"),
    path("payments/orders/<int:pk>/file/", views.download, name="download"),
    path("payments/orders/<int:pk>/approve/", views.approve, name="approve"),
    path("payments/orders/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
]
