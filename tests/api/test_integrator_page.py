"""docs/integrator.md does what it says: its own lines, by curl against a live server."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from accounts.tokens import create_token
from claims.models import Claim

from ..audit import audit_money
from ..factories import administrator

PAGE = Path(settings.BASE_DIR) / "docs/integrator.md"


@pytest.fixture
def run(live_server):
    """Run lines of the shell against the server, with a token of an administrator; return what they print."""
    if not shutil.which("curl"):
        pytest.skip("The lines of docs/integrator.md need curl.")
    _token, text = create_token(administrator(), name="first steps")

    def run(*blocks: str) -> list[str]:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", "\n".join(blocks)],
            env={"RIGEL": f"{live_server.url}/api/v1", "TOKEN": text, "PATH": "/usr/local/bin:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    return run


def lines_of_the_page() -> list[str]:
    """Return the blocks of shell, without the first, which names the server and makes the token."""
    _token, *blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return blocks


@pytest.mark.django_db(transaction=True)
def test_ten_lines_go_from_a_token_to_the_first_settled_payment_and_four_more_to_the_end(run):
    first, rest, *_others = lines_of_the_page()

    printed = run(first, rest)

    assert len(first.splitlines()) == 10
    assert printed[:4] == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert printed[4:6] == ["paid", "1000.00 2500.00"]
    assert printed[6:] == ["settled settled settled", "3500.00 0.00 True", "1"]
    assert Claim.objects.get().stage.kind == "completing"
    assert audit_money() == []


@pytest.mark.django_db(transaction=True)
def test_the_penalty_is_what_the_page_says(run):
    first, *blocks = lines_of_the_page()
    functions = "\n".join(first.splitlines()[:2])
    penalty = next(block for block in blocks if "penalties/calculate" in block)

    (printed,) = run(functions, penalty)

    assert printed in PAGE.read_text()
    assert printed.startswith("12413.01 ")
