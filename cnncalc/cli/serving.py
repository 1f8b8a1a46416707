"""`view --watch`: serves the page of one network on this machine, and has it loaded again when the spec changes.

The server answers only requests that name it as this machine (a page of another site that resolves its own name to
127.0.0.1 gets nothing), and has nothing but the page and the number of its version.
"""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

HOST = "127.0.0.1"
BEAT = 15  # seconds between signs of life, by which a server notices that a reader is gone


class PageServer:
    """A server with one page, which may be replaced."""

    def __init__(self, port: int) -> None:
        self._page, self._version = b"", 0
        self._changed = Condition()
        self._server = ThreadingHTTPServer((HOST, port), _handler(self))
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self._server.server_port}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request may call this server."""
        return tuple(f"{name}:{self._server.server_port}" for name in (HOST, "localhost"))

    @property
    def page(self) -> bytes:
        """The page as it is now."""
        return self._page

    def show(self, html: str) -> None:
        """Replace the page; whoever looks at it loads it again."""
        with self._changed:
            self._page, self._version = html.encode("utf-8", "backslashreplace"), self._version + 1
            self._changed.notify_all()

    def next_version(self, seen: int) -> int:
        """The version of the page, as soon as it is another; the same after a while without a change."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != seen, BEAT)
            return self._version

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _handler(server: PageServer) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers with the page, or tells its versions as they come."""

        def do_GET(self) -> None:
            """Answer a request."""
            if self.headers.get("Host") not in server.hosts:
                self.send_error(403, "this server answers only to its own name")
            elif self.path == "/":
                self._send(server.page)
            elif self.path == "/events":
                self._tell()
            else:
                self.send_error(404)

        def _send(self, page: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(page)

        def _tell(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            seen = 0
            try:
                while True:
                    seen = server.next_version(seen)
                    self.wfile.write(f"data: {seen}\n\n".encode())
                    self.wfile.flush()
            except OSError:  # the reader is gone
                return

        def log_message(self, *_: Any) -> None:  # noqa: ANN401
            """Write nothing."""

    return Handler
