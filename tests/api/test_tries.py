from api.onetime import Links
from api.tries import Tries


class Stopped:
    def __init__(self):
        self.at = 0.0

    def __call__(self):
        return self.at


def test_after_the_limit_one_waits_until_the_window_has_passed():
    clock = Stopped()
    tries = Tries(2, 60, clock)
    tries.failed("ayse")
    assert tries.wait("ayse") == 0
    clock.at = 10
    tries.failed("ayse")
    assert tries.wait("ayse") == 51
    assert tries.wait("mehmet") == 0
    clock.at = 61
    assert tries.wait("ayse") == 0


def test_success_forgets_the_failures():
    tries = Tries(1, 60, Stopped())
    tries.failed("ayse")
    tries.succeeded("ayse")
    assert tries.wait("ayse") == 0


def test_the_number_of_tracked_names_is_bounded():
    tries = Tries(1, 60, Stopped(), most=3)
    for number in range(10):
        tries.failed(str(number))
    assert [tries.wait(str(number)) > 0 for number in range(10)] == [False] * 7 + [True] * 3


def test_a_link_works_once_and_not_for_ever():
    clock = Stopped()
    links = Links(60, clock)
    token = links.make()
    assert links.valid(token)
    assert links.use(token)
    assert not links.use(token)
    late = links.make()
    clock.at = 60
    assert not links.valid(late)
    assert not links.use("guess")
