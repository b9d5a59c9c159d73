"""How long others wait while one caller sends what costs most.

Run as `python -m tests.fairness_server`: starts a server with a tiny network on loopback. One
caller asks `analyze` about a small picture again and again; beside it, one attack after the other
is sent three times at once. Printed are the status and the time of the attack, and the longest
that the other caller waited; the command fails where that is more than five seconds.
"""

from __future__ import annotations

import io
import json
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import urllib3
from PIL import Image
from safetensors.numpy import save

from aonet_core.engine.wire import CONTENT_TYPE, TAG, TREE, pack
from tests.engine_requests import packed, picture
from tests.fuzz_server import served

MOST = 5.0
"""Seconds that a request may cost somebody else."""


def tree(text: str) -> bytes:
    return save({TREE: np.frombuffer(text.encode(), np.uint8)})


def padded() -> bytes:
    names = [*("a" for _ in range(60_000)), "b" * 200_000]
    return tree(json.dumps({"names": {TAG: "texts", "of": names, "shape": [60_001]}}))


def archive(entries: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for number in range(entries):
            written.writestr(f"{number}.jpg", b"x")
    return pack({"name": "attacked", "source": file.getvalue()})


def upload(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return pack({"name": "attacked", "source": [("a." + kind.lower(), file.getvalue())]})


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


ATTACKS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": ("info", lambda: pack({})),
    "a picture of 1 x 12,000,000 pixels": (
        "analyze", lambda: packed({"images": [Image.new("L", (1, 12_000_000))]})),
    "298 kB of padded texts": ("embed", padded),
    "1,000,000 values": ("embed", lambda: tree("[" + "0," * 999_000 + "0]")),
    "an archive of 100,000 entries": ("build_gallery", lambda: archive(100_000)),
    "an archive of 9,000 broken pictures": ("build_gallery", lambda: archive(9_000)),
    "a progressive JPEG of 36 megapixels": (
        "build_gallery", lambda: upload(noise(6000, 6000, "L"), "JPEG", progressive=True)),
    "a float TIFF of 40 megapixels": (
        "build_gallery", lambda: upload(Image.new("F", (6324, 6324)), "TIFF")),
    "a PNG of 40 megapixels": (
        "build_gallery", lambda: upload(Image.new("RGB", (8192, 4882)), "PNG")),
    "256 pictures": ("analyze", lambda: pack({"images": [picture((64, 128))] * 256})),
    "5 pictures of 40 megapixels, undecoded": (
        "analyze", lambda: packed({"images": [Image.new("L", (8000, 5000))] * 5})),
    "deep text": ("embed", lambda: tree("[" * 500_000 + "]" * 500_000)),
    "a map of the samples": ("project", lambda: pack({})),
    "an evaluation": ("evaluate", lambda: pack({})),
}  # fmt: skip


def main() -> int:
    pool = urllib3.PoolManager(maxsize=8, retries=False)
    slow = []
    with served() as server:
        headers = {"Content-Type": CONTENT_TYPE, "Authorization": f"Bearer {server.token}"}

        def ask(method: str, body: bytes) -> tuple[int, float]:
            began = time.monotonic()
            answer = pool.request(
                "POST", f"{server.url}/v1/default/{method}", body=body, headers=headers, timeout=300
            )
            return answer.status, time.monotonic() - began

        body = pack({"images": [picture((64, 128))]})
        ask("analyze", body)
        print("| what one caller sends | status | its time, s | longest wait of another, s |")
        print("|---|---|---|---|")
        for name, (method, make) in ATTACKS.items():
            attack, waits, ended = make(), [], threading.Event()

            def other(waits: list = waits, ended: threading.Event = ended) -> None:
                while not ended.is_set():
                    waits.append(ask("analyze", body)[1])

            with ThreadPoolExecutor(4) as threads:
                watching = threads.submit(other)
                time.sleep(0.3)
                answers = [threads.submit(ask, method, attack) for _ in range(3)]
                told = [each.result() for each in answers]
                ended.set()
                watching.result()
            statuses = "/".join(sorted({str(status) for status, _ in told}))
            longest = max(waits)
            print(f"| {name} | {statuses} | {max(time for _, time in told):.1f} | {longest:.2f} |")
            if longest > MOST:
                slow.append(name)
    print(f"more than {MOST:.0f} s: {', '.join(slow) or 'none'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
