"""Another program: a real HTTP server that notes what comes and answers as the test says."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return self.message["type"]

    @property
    def data(self) -> dict[str, Any]:
        return self.message["data"]


@dataclass
class Receiver:
    """`answer(request)` gives a status, or (status, headers, body); `drip` seconds pass between bytes of the body."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answer: Any = lambda _request: 204
    drip: float = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def types(self) -> list[str]:
        return [request.type for request in self.requests]

    def fails(self, *statuses: int) -> None:
        """Answer with these, one after another, then well."""
        left = list(statuses)
        self.answer = lambda _request: left.pop(0) if left else 204


@contextmanager
def listening(tls: ssl.SSLContext | None = None):
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            request = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            receiver.requests.append(request)
            answer = receiver.answer(request)
            status, headers, text = answer if isinstance(answer, tuple) else (answer, {}, b"")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.flush()
            for part in [text] if not receiver.drip else [text[i : i + 1] for i in range(len(text))]:
                time.sleep(receiver.drip)
                self.wfile.write(part)

        def log_message(self, *args):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args):
            pass  # it is part of the trial that we hang up

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver.port = server.server_port
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()


@contextmanager
def dripping(text: bytes, pause: float = 0.02):
    """A server that says `text` byte by byte to the first who comes, without listening. Gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk():
            with suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    for i in range(len(text)):
                        connection.sendall(text[i : i + 1])
                        time.sleep(pause)
                    while connection.recv(65536):
                        pass

        threading.Thread(target=talk, daemon=True).start()
        yield server.getsockname()[1]
