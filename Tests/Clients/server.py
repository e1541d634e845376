"""A real server with a private PostgreSQL cluster, for suites that speak to it from outside."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("ROLLCALL", str(ROOT / ".build/debug/rollcall"))

# The server creates a cluster at its first start; on a busy machine that takes seconds.
START_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Starts, kills and restarts one server; keeps its data and its port throughout."""

    def __init__(self, **environment):
        # Short, because a socket's path has at most 107 bytes; readable by the cluster's user.
        self.directory = tempfile.TemporaryDirectory(prefix="rc-", dir="/tmp")
        os.chmod(self.directory.name, 0o755)
        self.data = os.path.join(self.directory.name, "data")
        self.port = free_port()
        self.environment = {**os.environ, "ROLLCALL_DATA_DIR": self.data, **environment}
        self.log = open(os.path.join(self.directory.name, "log"), "ab")
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(
            [BINARY, "serve", "--demo", "--listen", self.address],
            env=self.environment, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.said()}")
            try:
                with urllib.request.urlopen(f"http://{self.address}/readyz", timeout=1):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"the server was not ready in time:\n{self.said()}")

    def kill(self):
        """Like a crash: nothing is said to anybody."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """The orderly end; returns the exit code."""
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def close(self):
        if self.process is not None and self.process.poll() is not None:
            # The last server out stops the cluster, so somebody has to leave in order.
            self.start()
        self.stop()
        self.log.close()
        self.directory.cleanup()

    def said(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def sql(self, text):
        """Runs SQL as the platform would, in a transaction of its own; returns what psql prints."""
        done = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", f"{self.data}/postgres/run",
             "-U", "rollcall", "-d", "postgres", "-c", text],
            capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip()

    def demo(self):
        with urllib.request.urlopen(f"http://{self.address}/demo", timeout=5) as answer:
            return json.load(answer)

    def tokens(self):
        return {person["id"]: person["token"] for person in self.demo()["people"]}

    def token(self, *arguments):
        done = subprocess.run(
            [BINARY, "token", *arguments], env=self.environment, capture_output=True, text=True,
            timeout=30)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()
