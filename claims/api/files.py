from __future__ import annotations

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from accounts.requests import ApiRequest
from claims_crm.api.serializers import ModelSerializer, Serializer
from claims_crm.api.views import require

from .. import permissions, services
from ..attachments import download_response
from ..models import Attachment
from .claims import OfClaim


class FileOut(ModelSerializer):
    class Meta:
        model = Attachment
        fields = ("id", "name", "size", "content_type", "uploaded_by", "created_at")
        read_only_fields = fields


class FileIn(Serializer):
    file = serializers.FileField(max_length=255, allow_empty_file=True)


class Files(OfClaim):
    """Files of a claim, up to 25 MB each."""

    parser_classes = (MultiPartParser,)

    @extend_schema(responses=FileOut(many=True))
    def list(self, request: ApiRequest, pk: int) -> Response:
        files = self.paginate_queryset(self.get_object().attachments.all())
        return self.get_paginated_response(FileOut(files, many=True).data)

    @extend_schema(request={"multipart/form-data": FileIn}, responses={201: FileOut})
    def create(self, request: ApiRequest, pk: int) -> Response:
        claim = self.get_object()
        require(permissions.can_attach(request.user, claim))
        kept = services.attach(claim, by=request.user, **self.sent(FileIn))
        return Response(FileOut(kept).data, status=201)

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    def retrieve(self, request: ApiRequest, pk: int, file: int) -> HttpResponseBase:
        """The file itself."""
        return download_response(self._file(file))

    @extend_schema(responses={204: None})
    def destroy(self, request: ApiRequest, pk: int, file: int) -> Response:
        attachment = self._file(file)
        require(permissions.can_remove_attachment(request.user, attachment))
        services.remove_attachment(attachment, by=request.user)
        return Response(status=204)

    def _file(self, pk: int) -> Attachment:
        return get_object_or_404(Attachment, claim=self.get_object(), pk=pk)
