"""The server of `view --watch`: it has one page, tells when that changes, and answers to its own name alone."""

from http.client import HTTPConnection

import pytest

from cnncalc.cli.serving import PageServer


@pytest.fixture
def server():
    server = PageServer(0)
    server.show("<p>first</p>")
    yield server
    server.close()


def ask(server, path="/", host=None, method="GET"):
    connection = HTTPConnection("127.0.0.1", int(server.address.rsplit(":", 1)[1].strip("/")), timeout=10)
    connection.request(method, path, headers={"Host": host} if host else {})
    return connection.getresponse(), connection


def test_serves_the_page_of_now(server):
    answer, connection = ask(server)
    assert (answer.status, answer.read()) == (200, b"<p>first</p>")
    connection.close()
    server.show("<p>\ud800second</p>")
    answer, connection = ask(server)
    assert answer.read() == b"<p>\\ud800second</p>"
    connection.close()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", ""])
def test_refuses_other_names(server, host):
    answer, connection = ask(server, host=host or "x")
    assert answer.status == 403
    connection.close()


@pytest.mark.parametrize("path", ["/etc/passwd", "/../../etc/passwd", "/index.html", "/events/x"])
def test_has_nothing_else(server, path):
    answer, connection = ask(server, path)
    assert answer.status == 404
    connection.close()
    answer, connection = ask(server, method="POST")
    assert answer.status == 501
    connection.close()


def test_tells_of_a_change(server):
    answer, connection = ask(server, "/events")
    assert answer.readline() == b"data: 1\n"
    answer.readline()
    server.show("<p>second</p>")
    assert answer.readline() == b"data: 2\n"
    connection.close()
