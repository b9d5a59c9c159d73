"""Pictures of several callers go through the network at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from PIL import Image

MOST_TOGETHER = 64
"""Pictures that are taken together; a large one counts as several."""
AT_A_TIME = 32
"""Pictures of a request that are looked at before others have their turn, counted so too."""
AREA = 1_000_000
"""Pixels that take as long to be made small as one picture takes in the network."""
Look = Callable[[list[Image.Image]], Awaitable[list]]


class Together:
    """Takes whatever came while the network was busy; nobody waits for a batch to fill.

    A request of many pictures goes through in parts, so that others wait for one part of it only.
    """

    def __init__(self, look: Look) -> None:
        """Note what runs the network on pictures and gives one answer each, in order."""
        self._look = look
        self._waiting: deque[tuple[list[Image.Image], float, asyncio.Future]] = deque()
        self._running: asyncio.Task | None = None

    async def __call__(self, images: Sequence[Image.Image]) -> list:
        """Return an answer for each picture of one caller."""
        answers = []
        for part in _parts(images):
            answered = asyncio.get_running_loop().create_future()
            self._waiting.append((part, sum(map(_cost, part)), answered))
            if self._running is None or self._running.done():
                self._running = asyncio.create_task(self._run())
            answers += await answered
        return answers

    async def _run(self) -> None:
        while self._waiting:
            taken: list[tuple] = []
            total = 0.0
            while self._waiting and (not taken or total + self._waiting[0][1] <= MOST_TOGETHER):
                images, cost, answered = self._waiting.popleft()
                if not answered.done():  # whoever left while waiting costs nothing more
                    taken.append((images, answered))
                    total += cost
            try:
                await self._answer(taken)
            except Exception:
                # One's pictures must not cost the others their answers.
                for each in taken:
                    try:
                        await self._answer([each])
                    except Exception as error:
                        if not each[1].done():
                            each[1].set_exception(error)

    async def _answer(self, taken: list[tuple[Sequence[Image.Image], asyncio.Future]]) -> None:
        answers = iter(await self._look([image for images, _ in taken for image in images]))
        for images, answered in taken:
            part = [next(answers) for _ in images]
            if not answered.done():
                answered.set_result(part)


def _cost(image: Image.Image) -> float:
    """As how many pictures one counts."""
    return 1 + image.width * image.height / AREA


def _parts(images: Sequence[Image.Image]) -> list[list[Image.Image]]:
    """What of a request is looked at at a time; one part of nothing for no pictures."""
    parts: list[list[Image.Image]] = [[]]
    total = 0.0
    for image in images:
        total += _cost(image)
        if parts[-1] and total > AT_A_TIME:
            parts.append([])
            total = _cost(image)
        parts[-1].append(image)
    return parts
