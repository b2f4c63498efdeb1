"""Rows that wait in a file until they are wanted again."""

from tempfile import TemporaryFile

from banking.statements.disk_list import DiskList


def test_rows_come_back_by_their_numbers_and_in_their_order():
    with TemporaryFile() as file:
        ours, theirs = DiskList(file), DiskList(file)
        assert [ours.put("a"), theirs.put(1), ours.put("b")] == [0, 0, 1]
        assert (ours[1], theirs[0], ours[0]) == ("b", 1, "a")
        theirs.put(2)
        assert (list(ours), list(theirs)) == (["a", "b"], [1, 2])
