"""A request that is sent again: done once, answered alike."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from claims.models import Claim
from claims_crm.api import idempotency
from claims_crm.failpoints import Failure
from claims_crm.models import IdempotencyKey
from payments.models import Payment

from ..at_once import at_once, failures
from ..audit import audit_money
from ..factories import ClientFactory
from .conftest import Api
