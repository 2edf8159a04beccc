import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import fsspec
import pytest

from alps.pool.read import read_pool
from alps.pool.url import Url, is_url

SECRETS = ("pa55word", "alice", "t0ken")


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    for name, text in (("b.csv", "two"), ("a.csv", "one")):
        system.pipe(f"/alps-tests/{name}", f"text\n{text}\n".encode())
    yield system
    system.rm("/alps-tests", recursive=True)


@contextmanager
def served(content: bytes):
    """A server of this machine that answers `/pool.csv` to those who know the token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.path == "/pool.csv?token=t0ken"
            self.send_response(200 if known else 403)
            self.send_header("Content-Length", str(len(content) if known else 0))
            self.end_headers()
            self.wfile.write(content if known else b"")

        def do_HEAD(self):
            self.do_GET()

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_url_is_read_and_a_pattern_is_sorted(memory):
    assert read_pool("memory://alps-tests/a.csv").texts.to_pylist() == ["one"]
    pool = read_pool("memory://alps-tests/*.csv")
    assert pool.texts.to_pylist() == ["one", "two"]
    assert "(2 files)" in pool.source


def test_a_local_url_is_read(tmp_path):
    (tmp_path / "a.csv").write_text("text\none\n", encoding="utf-8")
    assert read_pool((tmp_path / "a.csv").as_uri()).n == 1


def test_the_web_is_read_and_the_name_hides_the_query():
    with served(b"text\none\n") as address:
        pool = read_pool(f"{address}/pool.csv?token=t0ken")
        assert pool.texts.to_pylist() == ["one"]
        assert pool.source == f"{address}/pool.csv"


@pytest.mark.parametrize("path", ["/pool.csv?token=wrong-t0ken", "/other.csv"])
def test_what_the_web_refuses_is_explained_without_secrets(refused, path):
    with served(b"") as address:
        message = refused(read_pool, address + path)
    assert "cannot be read" in message or "was not found" in message
    assert "t0ken" not in message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("memory://alps-tests/none.csv", "was not found"),
        ("memory://alps-tests/none-*.csv", "No file matches"),
        ("zz-unknown://bucket/a.csv", "cannot be read"),
        ("memory://alps-tests/a.unknown", "--format"),
        ("sftp://alice:pa55word@host/a.csv", "pip install paramiko"),
        ("https://alice:pa55word@127.0.0.1:9/a.csv?token=t0ken", "was not found or cannot be reached"),
    ],
)
def test_what_cannot_be_read_is_explained_without_secrets(refused, memory, source, expected):
    message = refused(read_pool, source)
    assert expected in message
    assert not any(secret in message for secret in SECRETS)


@pytest.mark.parametrize(("protocol", "package"), [("s3", "s3fs"), ("gs", "gcsfs"), ("abfs", "adlfs")])
def test_a_missing_package_is_named(refused, protocol, package, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, package, None)
    assert f"pip install {package}" in refused(read_pool, f"{protocol}://bucket/a.csv")


@pytest.mark.parametrize(
    ("address", "shown", "name"),
    [
        ("s3://bucket/folder/a.csv", "s3://bucket/folder/a.csv", "a.csv"),
        ("s3://bucket/50%#1?.csv.gz", "s3://bucket/50%#1?.csv.gz", "50%#1?.csv.gz"),
        ("ftp://alice:pa55@word@host/a.csv", "ftp://host/a.csv", "a.csv"),
        ("https://host/a.csv?signature=t0ken#x", "https://host/a.csv", "a.csv"),
        ("hf://datasets/owner/name@main/a.csv", "hf://datasets/owner/name@main/a.csv", "a.csv"),
        ("zip://b.csv::https://alice@host/a.zip?t0ken", "zip://b.csv::https://host/a.zip", "b.csv"),
    ],
)
def test_a_url_is_shown_without_secrets(address, shown, name):
    assert is_url(address)
    assert str(Url(address)) == shown
    assert Url(address).name == name


@pytest.mark.parametrize("text", ["C:/a.csv", "a.csv", "see https://example.org", "://", "owner/name", ""])
def test_what_is_no_url(text):
    assert not is_url(text)
