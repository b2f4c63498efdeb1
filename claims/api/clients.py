from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.requests import ApiRequest
from claims_crm.api.fields import StrictCharField
from claims_crm.api.filters import FilterSet, TextFilter
from claims_crm.api.serializers import ModelSerializer
from claims_crm.api.views import ListMixin, RetrieveMixin, ViewSet, require

from .. import permissions, services
from ..models import Client
from ..models.clients import CLIENT_DETAILS


class ClientOut(ModelSerializer):
    email = StrictCharField(read_only=True)

    class Meta:
        model = Client
        fields = ("id", *CLIENT_DETAILS)
        read_only_fields = fields


class ClientIn(ModelSerializer):
    class Meta:
        model = Client
        fields = CLIENT_DETAILS


class ClientFilterSet(FilterSet):
    search = TextFilter(method="named", label="Words of the name, or digits of the phone or the tax number.")

    def named(self, clients: Any, _name: str, text: str) -> Any:
        return clients.search(text)


class Clients(ListMixin, RetrieveMixin, ViewSet):
    """Who is owed: those of the claims the user sees, and those with no claim yet."""

    serializer_class = ClientOut
    filterset_class = ClientFilterSet
    may_enter = permissions.can_see_clients
    orderings = ("id", "name")

    def rows(self) -> Any:
        return Client.objects.all()

    def lock(self, row: Client) -> None:
        Client.objects.select_for_update(no_key=True).get(pk=row.pk)

    @extend_schema(request=ClientIn, responses={201: ClientOut})
    def create(self, request: ApiRequest) -> Response:
        require(permissions.can_create_client(request.user))
        return self.answer(services.create_client(**self.sent(ClientIn)), status=201)

    @extend_schema(request=ClientIn, responses=ClientOut)
    def partial_update(self, request: ApiRequest, pk: int) -> Response:
        client = self.get_object()
        require(permissions.can_edit_client(request.user))
        return self.answer(services.edit_client(client, by=request.user, **self.sent(ClientIn, partial=True)))
