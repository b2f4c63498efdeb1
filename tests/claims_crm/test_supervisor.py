import os
import signal
import subprocess
import sys

import pytest

from claims_crm.management.supervisor import CannotStart, Program, commands_of_group, end_leftovers
from tests.conftest import wait_for

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)", "a-mark"]


@pytest.fixture
def program(tmp_path):
    program = Program("sleeper", SLEEP, folder=tmp_path, environment=dict(os.environ))
    program.start()
    wait_for(program.pid_file.exists, "its number")
    yield program
    program.kill()


def test_what_was_killed_is_started_again(program):
    first = program.process
    first.kill()
    first.wait()

    program.keep_alive()

    assert program.process.pid != first.pid
    assert program.process.poll() is None


def test_what_fails_time_and_again_at_its_start_is_not_started_for_ever(tmp_path):
    failing = Program("failing", ["false"], folder=tmp_path, environment=dict(os.environ))
    failing.start()
    for _ in range(2):
        failing.process.wait()
        failing.keep_alive()
    failing.process.wait()

    with pytest.raises(CannotStart):
        failing.keep_alive()


def test_what_others_kill_is_started_as_often_as_they_do(program):
    for _ in range(5):
        program.process.kill()
        program.process.wait()
        program.keep_alive()

    assert program.process.poll() is None


SUPERVISE = """
import os, sys
from pathlib import Path
from claims_crm.management.supervisor import Program, supervise
folder, *command = sys.argv[1:]
supervise([Program("sleeper", command, folder=Path(folder), environment=dict(os.environ))], parent=os.getppid())
"""


def test_all_ends_with_the_parent_though_it_was_killed(tmp_path):
    """As when somebody kills `make run`, which cannot pass it on."""
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SUPERVISE!r}, *sys.argv[1:]])"
    pid_file = tmp_path / "sleeper.pid"
    with subprocess.Popen([sys.executable, "-c", start, str(tmp_path), *SLEEP]) as parent:
        wait_for(lambda: pid_file.exists() and pid_file.read_text(), "the supervised process")
        group = int(pid_file.read_text())

        parent.kill()

        wait_for(lambda: not list(commands_of_group(group)), "its end", seconds=5)


def test_what_an_earlier_supervisor_left_behind_is_ended(program, tmp_path):
    wait_for(lambda: any("a-mark" in line for line in commands_of_group(program.process.pid)), "its command line")

    end_leftovers(tmp_path, mark="a-mark")

    assert program.process.wait(timeout=5) == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_a_stranger_who_has_the_number_by_now_is_left_alone(tmp_path):
    with subprocess.Popen(SLEEP, start_new_session=True) as stranger:
        (tmp_path / "web.pid").write_text(str(stranger.pid))

        end_leftovers(tmp_path, mark="claims_crm.wsgi")

        assert stranger.poll() is None
        stranger.kill()
