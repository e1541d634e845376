"""The server under test: the real binary, its private PostgreSQL cluster, its tokens."""

import base64
import glob
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROLLCALL = os.environ.get("ROLLCALL", ".build/release/rollcall")

# A first start makes a cluster and a schema, on a machine that may be busy with other things.
START_PATIENCE = 60
STOP_PATIENCE = 30


class Server:
    """One server process at a time on one data directory; it may be killed and started again."""

    def __init__(self, data, *, database_url=None, arguments=("--demo",), environment=None,
                 listen="127.0.0.1:0"):
        self.data = Path(data)
        self.database = Database(self.data)
        self.arguments = list(arguments)
        self.listen = listen
        self.environment = dict(environment or {})
        if database_url:
            self.environment["DATABASE_URL"] = database_url
        self.process = None
        self.port = None
        self._lives = 0

    # Life

    def start(self):
        self._lives += 1
        with open(self._output, "w") as output:
            self.process = subprocess.Popen(
                [ROLLCALL, "serve", "--listen", self.listen, "--data-dir", self.data,
                 *self.arguments],
                env=clean_environment(self.environment), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_PATIENCE
        while not (found := re.search(r"is ready at http://.*:(\d+)/", self.output)):
            assert self.process.poll() is None, f"the server ended at once:\n{self.output}"
            assert time.monotonic() < deadline, f"the server is not ready:\n{self.output}"
            time.sleep(0.01)
        self.port = int(found.group(1))

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        while Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2][1] != "T":
            time.sleep(0.001)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def terminate(self):
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(STOP_PATIENCE)

    def stop(self):
        """Leaves nothing running, however the test ended."""
        if self.process and self.process.poll() is None:
            self.go_on()
            try:
                self.terminate()
            except subprocess.TimeoutExpired:
                self.kill()
        self.database.stop()

    @property
    def is_running(self):
        return self.process.poll() is None

    @property
    def output(self):
        """What the current process printed."""
        return self._output.read_text()

    @property
    def _output(self):
        return self.data / f"output-{self._lives}.log"

    @property
    def memory(self):
        """Resident bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    # Doors

    @property
    def websocket_url(self):
        return f"ws://127.0.0.1:{self.port}/socket/websocket"

    def get(self, path, *, host="127.0.0.1", **headers):
        """Status and body."""
        request = urllib.request.Request(f"http://{host}:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metrics(self):
        """Values by name, labels included in the name."""
        _, text = self.get("/metrics")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    # Tokens

    @property
    def secret(self):
        return (self.data / "jwt-secret").read_bytes().strip()

    def token(self, person=None, *, lasts=3600, **claims):
        """A token that the server accepts; without a person an anonymous key."""
        claims = {"role": "authenticated", "exp": int(time.time()) + lasts, **claims}
        if person is not None:
            claims["sub"] = person
        return sign(claims, self.secret)

    # Facts

    def sql(self, text):
        return self.database.sql(text)

    def enrol(self, *people, course="algebra", role="student"):
        """Makes people and their enrolments."""
        for person in people:
            self.sql(f"""
                insert into rollcall.profiles values ('{person}', 'Name of {person}')
                    on conflict do nothing;
                insert into rollcall.enrolments values ('{course}', '{person}', '{role}')
                    on conflict (course, person) do update set role = excluded.role, ends_at = null
                """)

    def add_course(self, course):
        self.sql(f"insert into rollcall.courses values ('{course}', 'Course {course}')")

    def log_of(self, topic):
        """(seq, sender, client_id, text) of every entry, by seq."""
        rows = self.sql(f"""
            select e.seq, e.sender, e.client_id, e.body::jsonb ->> 'text'
            from rollcall.entries e join rollcall.heads h using (topic_id)
            where h.topic = '{topic}' order by e.seq""")
        return [(int(seq), sender, client_id, text) for seq, sender, client_id, text in rows]

    def head_of(self, topic):
        rows = self.sql(f"select last_seq from rollcall.heads where topic = '{topic}'")
        return int(rows[0][0]) if rows else 0

    @property
    def epoch(self):
        return self.sql("select epoch from rollcall.server")[0][0]


class Database:
    """The private cluster of a data directory, reached as an operator would: psql and pg_ctl."""

    def __init__(self, data):
        self.directory = Path(data) / "postgres" / "data"
        self.sockets = Path(data) / "postgres" / "run"
        self.url = f"host={self.sockets} port=5432 user=rollcall dbname=postgres"

    def sql(self, text):
        """The rows of the last statement, as text. All statements are one transaction."""
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1",
             self.url, "-c", text],
            env=clean_environment(), capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise DatabaseError(done.stderr.strip())
        rows = done.stdout.removesuffix("\n")
        return [row.split("\x1f") for row in rows.split("\x1e")] if rows else []

    def stop(self, mode="immediate"):
        if (self.directory / "postmaster.pid").exists():
            self._control("stop", "-m", mode)

    def start(self):
        self._control("start", "-w", "-l", str(self.directory.parent / "log"))

    def _control(self, *words):
        binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"))
        program = binaries[-1] if binaries else shutil.which("pg_ctl")
        # PostgreSQL refuses root; the cluster belongs to whom the server gave it.
        owner = self.directory.stat().st_uid
        subprocess.run(
            [program, "-D", self.directory, *words], user=owner if os.getuid() == 0 else None,
            env=clean_environment(), check=words[0] == "start", timeout=60, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class DatabaseError(Exception):
    """psql ended with an error."""


def clean_environment(more=None):
    """The caller's settings of Rollcall and PostgreSQL are not ours."""
    ours = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("ROLLCALL", "PG", "DATABASE_URL"))}
    return {**ours, **(more or {})}


def sign(claims, secret, header=None):
    """A JSON Web Token, HS256 whatever the header claims."""
    header = header or {"alg": "HS256", "typ": "JWT"}
    signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
