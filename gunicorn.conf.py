"""How pages are served. Gunicorn finds this file by itself; the environment says how many."""

import gc
import os
from pathlib import Path

import environ

env = environ.Env()
env.read_env(os.environ.get("ENV_FILE", Path(__file__).parent / ".env"))

bind = env.str("WEB_BIND", default="") or f"127.0.0.1:{env.int('PORT', default=8000)}"
workers = env.int("WEB_WORKERS", default=2)
threads = env.int("WEB_THREADS", default=4)
# Loaded once and shared; a worker opens its own connections.
preload_app = True
# Longer than any lock or statement may take, so that a slow answer is still an answer.
timeout = 30
graceful_timeout = 10
# Workers are renewed now and then, not all at once.
max_requests = 5000
max_requests_jitter = 500
loglevel = "warning"
control_socket_disable = True


def when_ready(server: object) -> None:
    # What is loaded by now stays: to look through all of it for what is not needed would halt a page for a tenth of a
    # second now and then, and give each worker a copy of its own.
    gc.freeze()
    print(env.str("WELCOME", default=f"Serving on {bind}"), flush=True)
