"""Files with something wrong in them, sent by the page: each is told of, and what of it is good is kept whole."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from banking.models import Match, Statement, StatementLine
from jobs import engine as jobs

from .formats.broken import BROKEN

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_said_and_nothing_is_half_done(name, as_accountant):
    content, good = BROKEN[name]
    response = as_accountant.post("/statements/", {"file": SimpleUploadedFile("kl_to_1c.txt", content)})
    if response.status_code == 422:  # seen at once
        assert response.context["form"].errors["file"]
        assert not Statement.objects.exists()
        return
    jobs.run_waiting()
    sent = Statement.objects.get()
    page = as_accountant.get(sent.get_absolute_url())
    assert page.status_code == 200
    assert page.context["failure"] or page.context["faults"]
    assert bool(sent.failure) == (sent.read_at is None)
    assert StatementLine.objects.count() == good
    assert not Match.objects.exists()


def test_there_are_sixty():
    assert len(BROKEN) >= 60
