"""One reading of a gallery for all who ask at the same time.

The gallery is read in parts, round and round, as long as somebody needs one. Whoever comes joins
at the part that is next and leaves when all have been read, so nobody waits for another's end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

Question = TypeVar("Question")
Result = TypeVar("Result")


class SharedReading(Generic[Question, Result]):
    """Reads parts in turn, on several threads, while there are questions."""

    def __init__(
        self,
        parts: int,
        read: Callable[[int, Sequence[Question]], Iterable[Result]],
        threads: int,
    ) -> None:
        """Say what is read.

        Args:
            parts: How many there are.
            read: Reads a part and returns what it holds for every one of some questions.
            threads: Parts that are read at a time.
        """
        self._parts, self._read, self._threads = parts, read, min(threads, parts)
        self._lock = Lock()
        self._guests: list[_Guest] = []
        self._next = self._working = 0

    def all_parts(self, question: Question, take: Callable[[int, Result], None]) -> None:
        """Have every part read for a question.

        Args:
            question: What to read for.
            take: Told every part's number and what was found, one at a time, in any order, on
                other threads.

        Raises:
            BaseException: What reading or `take` raised.
        """
        guest = _Guest(question, take, self._parts)
        try:
            with self._lock:
                self._guests.append(guest)
                while self._working < self._threads:
                    Thread(target=self._work, name="reading", daemon=True).start()
                    self._working += 1
            guest.gone.wait()
        finally:
            with self._lock:
                self._guests = [each for each in self._guests if each is not guest]
        if guest.error:
            raise guest.error

    def _work(self) -> None:
        while begun := self._begin():
            part, guests = begun
            try:
                results = self._read(part, [guest.question for guest in guests])
            except BaseException as error:
                for guest in guests:
                    guest.leave(error)
            else:
                for guest, own in zip(guests, results, strict=True):
                    guest.receive(part, own)

    def _begin(self) -> tuple[int, list[_Guest]] | None:
        """The next part, and for whom it is read; None where nobody needs one."""
        with self._lock:
            guests, part = self._guests, self._next
            if not guests:
                self._working -= 1
                return None
            self._next = (part + 1) % self._parts
            for guest in guests:
                guest.to_begin -= 1
            self._guests = [guest for guest in guests if guest.to_begin]
            return part, guests


class _Guest(Generic[Question, Result]):
    """A question that is being read for."""

    def __init__(self, question: Question, take: Callable[[int, Result], None], parts: int) -> None:
        self.question, self._take = question, take
        self.to_begin = self._to_receive = parts
        self.error: BaseException | None = None
        self.gone = Event()
        self._lock = Lock()

    def receive(self, part: int, result: Result) -> None:
        try:
            with self._lock:
                if not self.error:
                    self._take(part, result)
                    self._to_receive -= 1
        except BaseException as error:
            self.leave(error)
        if not self._to_receive:
            self.gone.set()

    def leave(self, error: BaseException) -> None:
        self.error = self.error or error
        self.gone.set()
