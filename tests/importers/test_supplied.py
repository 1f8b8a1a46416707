"""The files of blocks that a command names with --blocks."""

from cnncalc.importers.supplied import supplied, supply


def test_the_last_files_count():
    supply(["a.yaml", "b.yaml"])
    assert supplied() == ("a.yaml", "b.yaml")
    supply([])
    assert supplied() == ()
