"""Every conversation of Protocol/transcripts goes with the real server as it is written."""

import pytest

import transcript
from player import Deviation


def test_there_are_transcripts():
    assert len(transcript.NAMES) >= 10


@pytest.mark.parametrize("name", transcript.NAMES)
@pytest.mark.parametrize("player", ["python", "browser"])
def test_a_conversation_goes_as_it_is_written(outcomes, player, name):
    match outcomes[player][name]:
        case None:
            pass
        case Deviation() as deviation:
            pytest.fail(f"{name}, {deviation}", pytrace=False)
        case error:
            raise error
