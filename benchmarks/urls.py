"""The product's addresses, and a view of Django REST framework that does nothing, to measure the others beside."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from claims_crm.urls import urlpatterns as of_the_product


class Nothing(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def post(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("api/nothing/", Nothing.as_view()), *of_the_product]
