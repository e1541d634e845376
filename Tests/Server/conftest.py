"""What every module of the suite shares: a fresh server, time limits, witnesses."""

import asyncio
import inspect
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from rollcall_server import Server
from witness import Witness

# A test that hangs must end; none comes near it otherwise.
TIME_LIMIT = 90


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Runs coroutines, each in a loop of its own and with a time limit."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}

    async def limited():
        async with asyncio.timeout(TIME_LIMIT):
            await pyfuncitem.obj(**arguments)

    asyncio.run(limited())
    return True


@pytest.fixture(scope="session")
def template():
    """A data directory with a cluster, the schema and the demo people: made once, then copied,
    because making one takes longer than most tests."""
    with directory() as data:
        server = Server(data)
        try:
            server.start()
            server.terminate()
        finally:
            server.stop()
        yield data


@pytest.fixture(scope="module")
def data(template):
    """A fresh data directory."""
    with directory() as data:
        subprocess.run(["cp", "-a", f"{template}/.", data], check=True)
        yield data


@pytest.fixture(scope="module")
def server(data):
    """A running server with the demo people."""
    server = Server(data)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class directory:
    """A temporary directory that PostgreSQL's own user can pass through."""

    def __enter__(self):
        self.path = Path(tempfile.mkdtemp(prefix="rollcall-"))
        os.chmod(self.path, 0o755)
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


@pytest.fixture(scope="module")
def witness(server):
    """Talks during the whole module; harm to it fails the last test."""
    with Witness(server) as witness:
        yield witness
    assert witness.failure is None, f"harmed a witness: {witness.failure!r}"
    print(f"{witness.exchanges} exchanges of the witnesses, "
          f"{witness.slowest * 1000:.0f} ms at most")


@pytest.fixture
def unharmed(witness):
    """The test must not harm the witnesses."""
    yield witness
    witness.check()
