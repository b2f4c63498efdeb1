from uuid import uuid4

import pytest
from kombu import Connection


@pytest.fixture
def queue(tmp_path):
    folder = tmp_path / "broker"
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }
    with (
        Connection(transport="claims_crm.broker.FolderTransport", transport_options=options) as connection,
        connection.SimpleQueue(f"bells-{uuid4()}") as queue,
    ):
        queue.folder = folder
        yield queue


def test_messages_come_in_the_order_they_were_sent(queue):
    for number in range(3):
        queue.put(number)

    assert [queue.get(block=False).payload for _ in range(3)] == [0, 1, 2]


def test_a_message_cut_short_by_a_kill_is_thrown_away(queue):
    (queue.folder / f"1_half-written.{queue.queue.name}.msg").write_text('{"body": "')
    queue.put("whole")

    assert queue.get(block=False).payload == "whole"


def test_nothing_is_left_in_the_folder(queue):
    queue.put("rung")
    queue.get(block=False).ack()

    assert [path for path in queue.folder.iterdir() if path.is_file()] == []
