"""A server on this machine that misbehaves as it is told, and a proxy that passes on what it is asked."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers a GET with what its server was told for the path."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Find the answer for the path; the n-th request gets the n-th answer, and the last one for ever."""
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        answers = self.server.answers.get(self.path, [status(404, b"<html><title>Gone</title></html>", "text/html")])
        count = sum(path == self.path for path, _ in self.server.asked)
        self.close_connection = True
        with suppress(ConnectionError):
            answers[min(count, len(answers)) - 1](self)

    do_HEAD = do_GET  # noqa: N815 - the name that the standard library calls

    def begin(self, code: int, **headers: str) -> None:
        """Status and headers."""
        self.send_response_only(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Where the answers and the requests are."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.scheme = "http" if context is None else "https"
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def tell(self, path: str, *answers: Answer) -> str:
        """Answer a path so; gives its address."""
        self.answers[path] = list(answers)
        return self.origin + path

    def headers_of(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for a path."""
        return [headers for asked, headers in self.asked if asked == path]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is what is being tried here."""


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[None]:
    """Serve until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def tag(data: bytes) -> str:
    """A strong ETag."""
    return f'"{hashlib.sha256(data).hexdigest()[:16]}"'


def whole(data: bytes, kind: str = "text/csv", **headers: str) -> Answer:
    """The file, in one piece; a request for a range is not understood."""

    def answer(handler: Handler) -> None:
        handler.begin(200, Content_Type=kind, Content_Length=str(len(data)), **headers)
        handler.wfile.write(data)

    return answer


def ranged(data: bytes, **headers: str) -> Answer:
    """The file, or the rest of it where that is asked for and the file is still the same."""

    def answer(handler: Handler) -> None:
        given = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        told = {"Content_Type": "text/csv", "ETag": tag(data), **headers}
        if given is None or handler.headers.get("If-Range") != tag(data):
            handler.begin(200, Content_Length=str(len(data)), **told)
            handler.wfile.write(data)
            return
        start = int(given[1])
        if start >= len(data):
            handler.begin(416, Content_Length="0", Content_Range=f"bytes */{len(data)}", **told)
            return
        span = f"bytes {start}-{len(data) - 1}/{len(data)}"
        handler.begin(206, Content_Length=str(len(data) - start), Content_Range=span, **told)
        handler.wfile.write(data[start:])

    return answer


def cut_off(data: bytes, after: int, **headers: str) -> Answer:
    """The headers of the whole and the beginning of the file, then nothing."""

    def answer(handler: Handler) -> None:
        handler.begin(200, Content_Type="text/csv", Content_Length=str(len(data)), **headers)
        handler.wfile.write(data[:after])

    return answer


def chunked(data: bytes, step: int = 1000) -> Answer:
    """The file in chunks, so that nobody knows its length beforehand."""

    def answer(handler: Handler) -> None:
        handler.begin(200, Content_Type="text/csv", Transfer_Encoding="chunked", ETag=tag(data))
        for start in range(0, len(data), step):
            piece = data[start : start + step]
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            handler.wfile.flush()
        handler.wfile.write(b"0\r\n\r\n")

    return answer


def unmeasured(data: bytes, kind: str = "text/csv", **headers: str) -> Answer:
    """The file, and the end of the connection as its only end, as some proxies answer."""

    def answer(handler: Handler) -> None:
        handler.begin(200, Content_Type=kind, **headers)
        handler.wfile.write(data)

    return answer


def status(code: int, body: bytes = b"", kind: str = "text/plain", **headers: str) -> Answer:
    """A status with a body."""

    def answer(handler: Handler) -> None:
        handler.begin(code, Content_Type=kind, Content_Length=str(len(body)), **headers)
        handler.wfile.write(body)

    return answer


def problem(code: int, title: str) -> Answer:
    """An error as the statistics API describes it."""
    return status(code, json.dumps({"title": title, "status": code}).encode(), "application/problem+json")


def redirect(to: str, code: int = 302) -> Answer:
    """A redirect."""
    return status(code, Location=to)


class ProxyHandler(BaseHTTPRequestHandler):
    """Passes a GET on to the server behind it, whatever host it names; opens a tunnel to it for CONNECT."""

    server: Proxy

    def do_GET(self) -> None:
        """Pass on."""
        self.server.asked.append(self.path)
        self.close_connection = True
        if self.server.wants_a_name:
            self.send_response_only(407)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path = urlsplit(self.path).path
        with socket.create_connection(self.server.behind) as onward:
            onward.sendall(f"GET {path} HTTP/1.1\r\nHost: behind\r\nConnection: close\r\n\r\n".encode())
            while data := onward.recv(65_536):
                self.wfile.write(data)

    def do_CONNECT(self) -> None:
        """Open a tunnel."""
        self.server.asked.append(self.path)
        self.close_connection = True
        if self.server.wants_a_name:
            self.send_response_only(407, "Proxy Authentication Required")
            self.end_headers()
            return
        with socket.create_connection(self.server.behind) as onward:
            self.send_response_only(200, "Connection established")
            self.end_headers()
            back = threading.Thread(target=_pour, args=(onward, self.connection), daemon=True)
            back.start()
            _pour(self.connection, onward)
            back.join()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Proxy(ThreadingHTTPServer):
    """A proxy in front of one server."""

    daemon_threads = True

    def __init__(self, behind: Server, *, wants_a_name: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), ProxyHandler)
        self.behind = ("127.0.0.1", int(behind.server_address[1]))
        self.wants_a_name = wants_a_name
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        """As the environment names it."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is what is being tried here."""


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
