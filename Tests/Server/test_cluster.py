"""The private PostgreSQL cluster: who starts it, who inherits it, who stops it."""

import pytest

from rollcall_server import Server


@pytest.fixture
def servers(data):
    """Makes servers on one data directory, and leaves none of them running."""
    made = []

    def one_more():
        server = Server(data)
        # Their outputs are told apart by their lives.
        server._lives = 10 * len(made)
        made.append(server)
        server.start()
        return server

    yield one_more
    for server in made:
        server.stop()


def test_a_killed_servers_cluster_is_taken_over_and_stopped_by_the_last_to_leave(servers):
    killed = servers()
    killed.kill()
    running = killed.database.directory / "postmaster.pid"
    assert running.exists(), "the cluster outlives a server that crashed"
    one, two = servers(), servers()
    assert "already running" in one.output
    assert one.terminate() == 0
    assert running.exists(), "somebody still needs it"
    assert two.sql("select 1") == [["1"]]
    assert two.terminate() == 0
    assert not running.exists(), "the last one out stops it"


def test_what_was_stored_is_there_in_the_next_life(servers):
    first = servers()
    first.sql("select rollcall.publish('course:algebra', 'farid', '{\"text\": \"kept\"}')")
    epoch = first.epoch
    assert first.terminate() == 0
    second = servers()
    assert second.epoch == epoch
    assert second.log_of("course:algebra")[-1][3] == "kept"
