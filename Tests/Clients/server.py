"""The server under test for clients that reconnect: it keeps its address through every life."""

import json
import os
import socket
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Server"))

from rollcall_server import Server as Process  # noqa: E402


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server(Process):
    """A server with the demo people on a data directory and a port of its own."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="rollcall-")
        # PostgreSQL's own user passes through.
        os.chmod(self.directory.name, 0o755)
        super().__init__(self.directory.name, listen=f"127.0.0.1:{free_port()}")

    @property
    def address(self):
        return self.listen

    def tokens(self):
        _, body = self.get("/demo")
        return {person["id"]: person["token"] for person in json.loads(body)["people"]}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.directory.cleanup()
