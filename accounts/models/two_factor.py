from __future__ import annotations

from django.db import models

from .users import User


class RecoveryCode(models.Model):
    """One of the codes that stand in for a lost phone. It is shown once, kept as a digest, and gone when used."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_of_user")]
