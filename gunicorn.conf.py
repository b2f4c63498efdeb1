"""How pages are served. Gunicorn finds this file by itself; the environment says how many."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
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
    print(os.environ.get("WELCOME", f"Serving on http://{bind}"), flush=True)
