import gc

from engine.collector import growing, standing


def test_what_grows_is_not_walked_again_and_again_and_the_collector_is_left_as_it_was():
    before = gc.get_threshold()
    with growing():
        inside = gc.get_threshold()
    assert inside[0] > before[0]
    assert gc.get_threshold() == before


def test_what_stands_is_left_out_until_it_stands_no_longer():
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    kept = [[] for _ in range(1000)]
    with standing():
        assert gc.get_freeze_count() >= frozen + len(kept)
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before)
