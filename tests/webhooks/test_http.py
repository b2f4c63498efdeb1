"""Where a request may go, and that no receiver can hold a worker or send it elsewhere."""

import socket
import ssl
import subprocess
import time

import pytest
from django.core.exceptions import ValidationError

from webhooks import http, ssrf_guard
from webhooks.models import Attempt, check_url
from webhooks.signing import new_secret
from webhooks.ssrf_guard import to_ascii

from .receiver import dripping, listening

Error = Attempt.Error

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",  # where clouds keep their secrets
    "100.64.0.1",
    "0.0.0.0",
    "192.0.0.8",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "fe80::1%eth0",
    "fec0::1",
    "fd00:ec2::254",
    "ff02::1",
]


def post(url):
    return http.post(url, secret=new_secret(), key="msg_1", body=b"{}")


@pytest.fixture
def open_receiver():
    """It listens on this machine, and nothing lets messages go there."""
    with listening() as receiver:
        yield receiver


@pytest.fixture
def receiver(settings, open_receiver):
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    return open_receiver


@pytest.fixture
def names(monkeypatch):
    """Have names resolve to what the test says, one answer after another; the last one again and again."""
    known: dict[str, list[list[str]]] = {}
    asked: list[str] = []

    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        if host not in known:
            return real(host, port, *args, **kwargs)
        asked.append(host)
        answers = known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found
        ]

    monkeypatch.setattr(ssrf_guard.socket, "getaddrinfo", getaddrinfo)
    known["asked"] = asked
    return known


@pytest.fixture
def connections(monkeypatch):
    """Note where connections are made to; none is."""
    made = []

    def connect_tcp(self, host, port, **kwargs):
        made.append(host)
        raise ssrf_guard.httpcore.ConnectError

    monkeypatch.setattr(ssrf_guard.httpcore.SyncBackend, "connect_tcp", connect_tcp)
    return made


# allowed addresses


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_on_the_open_internet_is_refused(address):
    assert not ssrf_guard.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_what_is_on_the_open_internet_is_allowed(address):
    assert ssrf_guard.is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0", "[::1]"])
def test_this_machine_is_refused_however_it_is_written(open_receiver, host):
    answer = post(f"http://{host}:{open_receiver.port}/")
    assert answer.error == Error.REFUSED
    assert open_receiver.requests == []


def test_a_name_that_leads_to_a_private_address_among_others_is_refused(names, connections):
    names["evil.example"] = [["8.8.8.8", "10.0.0.1"]]
    assert post("https://evil.example/").error == Error.REFUSED
    assert connections == []


def test_dns_rebinding_gains_nothing(names, connections):
    names["evil.example"] = [["8.8.8.8"], ["127.0.0.1"]]
    assert post("https://evil.example/").error == Error.CONNECTION
    assert names["asked"] == ["evil.example"]
    assert connections == ["8.8.8.8"]


def test_the_next_address_is_tried_where_the_first_does_not_answer(names, connections):
    names["two.example"] = [["2606:4700::1111", "8.8.8.8"]]
    post("https://two.example/")
    assert connections == ["2606:4700::1111", "8.8.8.8"]


def test_no_proxy_of_the_environment_is_asked(names, connections, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://10.0.0.1:3128")
    names["good.example"] = [["8.8.8.8"]]
    post("https://good.example/")
    assert connections == ["8.8.8.8"]


def test_a_name_that_is_not_known(monkeypatch):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(ssrf_guard.socket, "getaddrinfo", getaddrinfo)
    assert post("https://none.example/").error == Error.NAME


# what comes back


def test_a_setting_allows_private_addresses(receiver):
    assert post(receiver.url).status == 204


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(receiver, status):
    receiver.answer = lambda _request: (status, {"location": receiver.url}, b"")
    answer = post(receiver.url)
    assert (answer.status, answer.is_success) == (status, False)
    assert len(receiver.requests) == 1


def test_of_the_answer_a_kilobyte_is_kept_and_no_more_is_read(receiver):
    receiver.answer = lambda _request: (500, {}, b"x" * 50_000_000)
    began = time.monotonic()
    answer = post(receiver.url)
    assert (answer.status, answer.text) == (500, "x" * 1024)
    assert time.monotonic() - began < 5


def test_an_answer_in_any_bytes_can_be_kept(receiver):
    receiver.answer = lambda _request: (500, {}, b"\xff\0ok")
    assert post(receiver.url).text == "��ok"


def test_a_silent_receiver_times_out(receiver, monkeypatch):
    monkeypatch.setattr(http, "STEP_TIMEOUT", 0.3)
    receiver.answer = lambda _request: time.sleep(1.5) or 204
    assert post(receiver.url).error == Error.SLOW


def test_a_slow_receiver_times_out_too(monkeypatch, settings):
    """Each byte comes in time, all of them never."""
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    monkeypatch.setattr(http, "TOTAL_TIMEOUT", 0.5)
    with dripping(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 1000) as port:
        assert post(f"http://127.0.0.1:{port}/").error == Error.SLOW


def test_a_body_that_drips_changes_nothing_about_the_status(receiver, monkeypatch):
    monkeypatch.setattr(http, "TOTAL_TIMEOUT", 0.5)
    receiver.answer = lambda _request: (200, {}, b"z" * 100)
    receiver.drip = 0.05
    answer = post(receiver.url)
    assert answer.is_success


def test_a_closed_port(settings):
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken, but not listened to
        assert post(f"http://127.0.0.1:{taken.getsockname()[1]}/").error == Error.CONNECTION


def test_what_is_not_http(settings):
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with dripping(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", pause=0) as port:
        assert post(f"http://127.0.0.1:{port}/").error == Error.PROTOCOL


# TLS


@pytest.fixture
def tls_receiver(settings, names, tmp_path, monkeypatch):
    """It is hooks.example, on this machine, with a certificate that we trust."""
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    names["hooks.example"] = names["other.example"] = [["127.0.0.1"]]
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=hooks.example"),
            *("-addext", "subjectAltName=DNS:hooks.example"),
        ],
        check=False,
        capture_output=True,
    )
    assert made.returncode == 0, made.stderr
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate, key)
    asked = []
    ours.sni_callback = lambda _socket, name, _context: asked.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with listening(tls=ours) as receiver:
        receiver.trust = lambda: monkeypatch.setattr(http, "_tls_context", lambda: trusting)
        receiver.names_asked = asked
        yield receiver


def test_the_certificate_is_asked_of_the_name_though_the_connection_is_to_an_address(tls_receiver):
    tls_receiver.trust()
    assert post(f"https://hooks.example:{tls_receiver.port}/").status == 204
    assert tls_receiver.names_asked == ["hooks.example"]
    assert tls_receiver.requests[0].headers["host"] == f"hooks.example:{tls_receiver.port}"


def test_a_certificate_of_another_name_is_not_trusted(tls_receiver):
    tls_receiver.trust()
    assert post(f"https://other.example:{tls_receiver.port}/").error == Error.TLS
    assert tls_receiver.requests == []


def test_a_self_signed_certificate_is_not_trusted(tls_receiver):
    assert post(f"https://hooks.example:{tls_receiver.port}/").error == Error.TLS


# what may be set up


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https://user:password@example.com/",
        "https://example.com/#part",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://exa mple.com/",
        "https://example.com:port/",
        "https://intranet/",
        "https://" + "a" * 64 + ".example/",
        "hello",
    ],
)
def test_an_invalid_url_is_refused(url):
    with pytest.raises(ValidationError):
        check_url(url)


@pytest.mark.parametrize("url", ["https://example.com/hooks?x=1", "https://example.com:8443/", "https://8.8.8.8/"])
def test_a_public_url_is_accepted(url):
    check_url(url)
    assert to_ascii(url) == url


def test_a_cyrillic_url_is_sent_in_ascii():
    check_url("https://пример.рф:8443/хук")
    assert to_ascii("https://пример.рф:8443/хук?%20") == ("https://xn--e1afmkfd.xn--p1ai:8443/%D1%85%D1%83%D0%BA?%20")
