"""Readings that are shared: counted, not timed."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from aonet_core.retrieval.search.shared_reading import SharedReading

PARTS = 5


class Gate:
    """A shared reading by one thread that keeps whoever came first until all have come.

    Attributes:
        reading: What is asked.
        parts: Numbers of the parts that were read, in this order.
    """

    def __init__(self, parts, read, guests):
        self.reading, self.parts = SharedReading(parts, self._read, 1), []
        self._inner, self._guests = read, guests
        self.opened = threading.Event()

    def _read(self, part, questions):
        self.opened.set()
        while not self.parts and len(self.reading._guests) < self._guests:
            time.sleep(0.001)
        self.parts.append(part)
        return self._inner(part, questions)

    def answers(self, ask, questions):
        """The futures of all questions, of which the first was there before the others."""
        with ThreadPoolExecutor(len(questions)) as pool:
            first = pool.submit(ask, questions[0])
            self.opened.wait()
            return [first, *(pool.submit(ask, question) for question in questions[1:])]


def numbers(part, questions):
    return [100 * question + part for question in questions]


def asking(reading):
    def ask(question):
        found = {}
        reading.all_parts(question, found.__setitem__)
        return found

    return ask


def whole(question):
    return {part: 100 * question + part for part in range(PARTS)}


def test_who_comes_while_others_are_read_for_joins_them():
    gate = Gate(PARTS, numbers, 4)
    answers = gate.answers(asking(gate.reading), [1, 2, 3, 4])
    assert [each.result() for each in answers] == [whole(question) for question in (1, 2, 3, 4)]
    assert gate.parts == [0, 1, 2, 3, 4, 0]  # four readings apart would be twenty parts


def test_one_after_the_other_on_several_threads():
    reading = SharedReading(PARTS, numbers, 3)
    for question in range(20):
        assert asking(reading)(question) == whole(question)


def test_many_at_once_on_several_threads():
    reading = SharedReading(PARTS, numbers, 3)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(asking(reading), range(200)))
    assert found == [whole(question) for question in range(200)]


def test_who_cannot_take_harms_nobody_else():
    gate = Gate(PARTS, numbers, 3)

    def ask(question):
        if question != 2:
            return asking(gate.reading)(question)

        def refuse(part, found):
            raise RuntimeError(f"no room for {found}")

        return gate.reading.all_parts(question, refuse)

    first, second, third = gate.answers(ask, [1, 2, 3])  # the second joins at part 1
    assert (first.result(), third.result()) == (whole(1), whole(3))
    with pytest.raises(RuntimeError, match="no room for 201"):
        second.result()


def test_a_part_that_cannot_be_read_is_told_to_those_who_needed_it():
    broken = [2]

    def read(part, questions):
        if part in broken:
            raise OSError("the disk is gone")
        return numbers(part, questions)

    gate = Gate(PARTS, read, 2)
    for each in gate.answers(asking(gate.reading), [1, 2]):
        with pytest.raises(OSError, match="the disk is gone"):
            each.result()
    broken.clear()
    assert asking(gate.reading)(3) == whole(3)


def test_who_is_interrupted_leaves_and_the_others_stay():
    """A signal's handler raises in the main thread, which waits; another thread is answered."""
    asked, interrupted = [], threading.Event()

    def read(part, questions):
        asked.append(questions)
        interrupted.wait()
        return numbers(part, questions)

    def interrupt(*_):
        raise KeyboardInterrupt

    reading = SharedReading(PARTS, read, 1)

    def other():
        while not asked:
            time.sleep(0.001)
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(asking(reading), 2)
            while len(reading._guests) < 2:
                time.sleep(0.001)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
            return answer.result()

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(other)
            with pytest.raises(KeyboardInterrupt):
                reading.all_parts(1, lambda *_: None)
            interrupted.set()
            assert answer.result() == whole(2)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert asked == [[1], *[[2]] * PARTS]
