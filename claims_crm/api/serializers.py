"""Serializers that refuse what they do not know, instead of leaving it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ..money import MoneyField
from . import fields


class Strict:
    """Refuses a field that is unknown, or that is only told."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            own: Any = self.fields  # type: ignore[attr-defined]
            refused = {
                name: [_("There is no such field.") if name not in own else _("This field cannot be written.")]
                for name in data
                if name not in own or own[name].read_only
            }
            if refused:
                raise serializers.ValidationError(refused)
        return super().to_internal_value(data)  # type: ignore[misc]


class Serializer(Strict, serializers.Serializer):
    """Of what is no row."""


class ModelSerializer(Strict, serializers.ModelSerializer):
    """Of a row; rows it refers to are their ids."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: fields.StrictCharField,
        models.TextField: fields.StrictCharField,
        models.EmailField: fields.StrictEmailField,
        models.DateField: fields.StrictDateField,
        models.BooleanField: fields.StrictBooleanField,
        models.IntegerField: fields.StrictIntegerField,
        models.BigAutoField: fields.StrictIntegerField,
        MoneyField: fields.MoneyStringField,
    }
    serializer_related_field = fields.StrictPrimaryKeyField
    serializer_choice_field = fields.StrictChoiceField
