"""The portal on a socket: http on the loopback, or https with the certificate that lies beside."""

import json
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

from .errors import Interrupted
from .portal import Portal, nested

HERE = Path(__file__).parent
CA = HERE / "ca.pem"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        is_json = "json" in self.headers.get("Content-Type", "")
        params = (json.loads(raw) if is_json else nested(raw)) if raw else {}
        match self.path.strip("/").split("/"):
            case ["rest", _user, secret, method]:
                self._answer(secret, method.removesuffix(".json"), params)
            case ["rest", method]:
                self._answer(f"token {params.pop('auth', '')}", method.removesuffix(".json"), params)
            case ["oauth", "token"]:
                self._send(*self.server.portal.renew(**params))
            case _:
                self._send(404, {"error": "ERROR_METHOD_NOT_FOUND"})

    do_GET = do_POST

    def _answer(self, secret: str, method: str, params: dict) -> None:
        try:
            status, body = self.server.portal.answer(secret, method, params)
        except Interrupted:
            self.close_connection = True
            return
        except Exception as error:  # a mistake of this stand-in itself: the test is to see it
            self.server.portal.complaints.append(f"{method}: {error!r}")
            self.close_connection = True
            return
        self._send(status, body)

    def _send(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, portal: Portal, port: int, *, tls: bool) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.portal, self.tls = portal, tls
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(HERE / "server.pem")
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def webhook(self) -> str:
        """The address of the incoming webhook, its secret in it."""
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.server_address[1]}/rest/{self.portal.owner}/{self.portal.secret}/"


@contextmanager
def serve(portal: Portal, port: int = 0, *, tls: bool = False) -> Iterator[Server]:
    server = Server(portal, port, tls=tls)
    thread = threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def outgoing_webhook(address: str, token: str):
    """A listener that sends each event to a handler over HTTP, once, as an outgoing webhook does."""

    def send(event: str, fields: dict) -> None:
        body = urlencode({"event": event, **fields, "auth[application_token]": token}).encode()

        def post() -> None:
            try:
                urllib.request.urlopen(address, body, timeout=5).close()
            except OSError:
                pass  # an event is sent once only

        threading.Thread(target=post, daemon=True).start()

    return send
