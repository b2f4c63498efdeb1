"""Named places where the tests kill the process, to see that nothing is half done."""

import os
import signal


def failpoint(name: str) -> None:
    """Die here at once, as by `kill -9`, if the environment's FAILPOINT names this place; else do nothing."""
    if os.environ.get("FAILPOINT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
