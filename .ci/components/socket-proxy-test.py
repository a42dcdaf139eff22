"""Proves that the socket proxy lets through exactly what healthactors asks: socket-proxy-test.py CONFIGURATION.

HAProxy itself runs on the configuration of docker-compose.yml, in which only the two addresses are replaced, as it runs
there: as root without any capability. Behind it is an Engine that notes what reaches it. Requests are sent as raw
bytes, since clients clean up the tricks.
"""

import contextlib
import os
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

FILTERS = "%7B%22label%22%3A%7B%22galaxy.game_id%22%3Atrue%7D%7D"
ID = "b3f1" * 16

PASS = [
    "GET /_ping",
    "GET /v1.41/_ping",
    "GET /containers/json",
    f"GET /v1.44/containers/json?all=1&filters={FILTERS}",
    f"GET /containers/json?filters={FILTERS}&all=1",
    f"GET /containers/{ID}/json",
    f"GET /v1.44/containers/{ID}/json",
    "GET /containers/a.name_of-1/json",
    "GET /containers/json/json",
]

REFUSE = [
    # other methods
    *(f"{method} {path}" for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "get", "GETX"]
      for path in ["/_ping", "/containers/json", f"/containers/{ID}/json"]),
    "HEAD /_ping",
    "HEAD /version",
    "HEAD /containers/json",
    f"HEAD /containers/{ID}/json",
    "POST /containers/create",
    f"POST /containers/{ID}/exec",
    f"DELETE /containers/{ID}",
    # other paths
    *(f"GET {path}" for path in [
        "/", "/info", "/version", "/v1.51/version", "/images/json", "/events", "/networks", "/volumes", "/secrets", "/configs", "/system/df", "/swarm",
        "/auth", "/session", "/grpc", "/_ping/", "/version/", "/_pingx", "/x_ping", "/containers", "/containers/",
        f"/containers/{ID}", f"/containers/{ID}/", f"/containers/{ID}/json/", f"/containers/{ID}/jsonx",
        *(f"/containers/{ID}/{what}" for what in
          ["top", "logs", "changes", "export", "stats", "archive?path=/etc/shadow", "attach/ws"]),
        "/v2/_ping", "/v1/_ping", "/v1./_ping", "/v1.41", "/v1.41x/_ping", "/V1.41/_ping", "/v1.41/v1.41/_ping",
        "/_Ping", "/containers/JSON",
    ]),
    # queries
    *(f"GET {path}" for path in [
        "/_ping?x=1", "/_ping?", "/version?", "/containers/json?", "/containers/json?size=1", "/containers/json?all=1&size=1",
        "/containers/json?all=1;size=1", "/containers/json?all=1&", "/containers/json?limit=1", "/containers/json?%61ll=1",
        f"/containers/{ID}/json?size=1", f"/containers/{ID}/json?", f"/containers/{ID}/json#x",
    ]),
    # tricks with paths
    *(f"GET {path}" for path in [
        "//_ping", "/./_ping", "/../_ping", "/%5fping", "/_ping%00", "/_ping%20", "/_ping;x", "/v1.41//_ping",
        "/containers//json", "/containers/./json", "/containers/../json", "/containers/../images/json",
        "/containers/..%2fimages/json", "/containers/%2e%2e/images/json", "/containers/%2e%2e%2fimages/json",
        f"/containers/{ID}/../../images/json", f"/containers/{ID}%2ftop?/json", f"/containers/{ID}/top/../json",
        f"/containers/{ID}/top%3f/json", f"/containers/{ID}%00/json", f"/containers//{ID}/json", f"/containers/{ID}//json",
        f"/containers\\{ID}\\json", "/containers/-a/json", "/containers/.a/json", "/containers/" + "a" * 256 + "/json",
        "/containers/a*/json", "/containers/é/json", "http://engine/images/json", "http://engine/_ping",
        "/images/json?/containers/a/json", "/images/json?x=/_ping", "*", "_ping",
    ]),
]

# Whole requests, for what a request line can't say.
REFUSE_RAW = [
    b"GET /_ping HTTP/1.1\r\nHost: e\r\nContent-Length: 4\r\n\r\nbody",
    b"GET /_ping HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
    b"GET /_ping HTTP/1.1\r\nHost: e\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
    b"GET /_ping\nHost: e\r\n\r\n",
    b"GET /_ping\r\n",
    b"GET /images/json /_ping HTTP/1.1\r\nHost: e\r\n\r\n",
]

# Of two requests on one connection the second is judged by itself.
PIPELINED = b"GET /_ping HTTP/1.1\r\nHost: e\r\n\r\nPOST /containers/create HTTP/1.1\r\nHost: e\r\n\r\n"


class Engine(socketserver.ThreadingUnixStreamServer):
    """Answers all that reaches it, and notes the request lines."""

    daemon_threads = True

    def __init__(self, path):
        self.asked = []
        super().__init__(path, Answer)


class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            self.server.asked.append(line.decode("latin-1").rsplit(" ", 1)[0])
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


@contextlib.contextmanager
def haproxy(configuration, directory, engine):
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    text = Path(configuration).read_text()
    for old, new in [("bind :2375", f"bind {address[0]}:{address[1]}"), ("/var/run/docker.sock", engine)]:
        assert text.count(old) == 1, f"{configuration} has not one {old!r}"
        text = text.replace(old, new)
    (directory / "haproxy.cfg").write_text(text)
    command = ["haproxy", "-db", "-q", "-f", directory / "haproxy.cfg"]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    proxy = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(address).close()
                break
            assert proxy.poll() is None and time.monotonic() < until, "haproxy does not start"
            time.sleep(0.05)
        yield address
    finally:
        proxy.terminate()
        proxy.wait()


def ask(address, request):
    """Sends the bytes of a request, and returns the answers until the proxy closes or is silent."""
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                answer += part
        return answer


def main():
    failures = []

    def check(what, got, want):
        if got != want:
            failures.append(f"{what}: {got}, want {want}")

    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        directory = Path(directory)
        engine = Engine(str(directory / "engine.sock"))
        threading.Thread(target=engine.serve_forever, daemon=True).start()
        with haproxy(sys.argv[1], directory, engine.server_address) as address:

            def reached(request):
                engine.asked.clear()
                answer = ask(address, request)
                return list(engine.asked), answer

            for line in PASS:
                asked, answer = reached(f"{line} HTTP/1.1\r\nHost: engine\r\n\r\n".encode())
                check(line, (asked, answer[9:12]), ([line], b"200"))
            for line in REFUSE:
                asked, answer = reached(f"{line} HTTP/1.1\r\nHost: engine\r\n\r\n".encode())
                check(line, (asked, answer[9:10]), ([], b"4"))
            for request in REFUSE_RAW:
                asked, _ = reached(request)
                check(request, asked, [])
            asked, _ = reached(PIPELINED)
            check(PIPELINED, asked, ["GET /_ping"])
        engine.shutdown()

    total = len(PASS) + len(REFUSE) + len(REFUSE_RAW) + 1
    for failure in failures:
        print(failure)
    print(f"socket proxy: {total - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


main()
