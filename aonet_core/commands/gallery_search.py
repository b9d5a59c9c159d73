"""`python -m aonet_core gallery index` and `gallery search`: galleries of any size."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aonet_core.engine.on_ray.cluster import cluster
from aonet_core.gallery.approximate import KINDS, ApproximateIndex, ApproximateSearch
from aonet_core.gallery.index import TOP_K, index_gallery
from aonet_core.gallery.index_card import Recall
from aonet_core.gallery.open_gallery import Gallery
from aonet_core.gallery.uploads import read_image
from aonet_core.names import readable
from aonet_core.results.gallery import Matches
from aonet_core.retrieval.search.sharded import ShardedSearch, split

RECALL = 0.95


def add_index_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `gallery index`."""
    parser.add_argument("name", help="of a gallery")
    parser.add_argument("--components", type=int, default=32, help="of each landmark (default: 32)")
    parser.add_argument("--form", default="normalised", help="of the match (default: normalised)")
    parser.add_argument("--kind", choices=KINDS, help="default: pq from a million images on")
    parser.add_argument("--partitions", type=int, help="default: 3 times the root of the images")


def add_search_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `gallery search`."""
    parser.add_argument("name", help="of a gallery")
    parser.add_argument("image", type=Path, help="file of the picture to search for")
    parser.add_argument("--top", type=int, default=10, help="matches shown (default: 10)")
    parser.add_argument("--form", help="of the match (default: the checkpoint's)")
    parser.add_argument("--checkpoint", default="default", help="shipped name or path")
    parser.add_argument("--device", help="cpu, cuda, … (default: the fastest)")
    parser.add_argument("--shards", type=int, help="search exactly on as many actors of Ray")
    parser.add_argument("--address", help="of a Ray cluster: auto or HOST:PORT; with --shards")
    parser.add_argument("--approximate", action="store_true", help="search with the index")
    parser.add_argument("--recall", type=float, help=f"to aim at (default: {RECALL})")
    parser.add_argument("--probes", type=int, help="partitions of the index to look into")
    parser.add_argument("--candidates", type=int, help="images of the index to score exactly")


def run_index(arguments: argparse.Namespace, folder: Path) -> int:
    """Make an index, and show its recall against the exact search."""
    from tqdm import tqdm

    with tqdm(desc="reducing", unit="image", leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        card = index_gallery(
            folder,
            arguments.name,
            arguments.form,
            arguments.components,
            arguments.kind,
            arguments.partitions,
            progress,
        )
    print(
        f"{arguments.name}: index of {card.count} images, {card.components} components a landmark, "
        f"{card.kind}, {card.partitions} partitions, form {card.form}"
    )
    print(f"{'probes':>8} {'candidates':>11} {f'recall@{card.top_k}':>10} {'ms':>8}")
    for each in card.measured:
        print(
            f"{each.probes:>8} {each.candidates:>11} {each.recall:>10.3f} {each.milliseconds:>8.1f}"
        )
    print(f"exact search: {card.exact_milliseconds:.1f} ms")
    return 0


def run_search(arguments: argparse.Namespace, folder: Path) -> int:
    """Print the best matches of a picture, and how they were found."""
    from aonet_core.engine.local.engine import LocalEngine
    from aonet_core.retrieval.embedding import Embedding

    _check(arguments)
    content = arguments.image.read_bytes()
    image = read_image(content, arguments.image.name)[0]
    engine = LocalEngine(arguments.checkpoint, arguments.device, galleries=folder)
    gallery = engine.open_gallery(arguments.name)
    embedded = engine.embed([image])
    query = Embedding(embedded.features, embedded.awareness)
    form = arguments.form or engine.info().similarity
    with _searching(arguments, gallery) as how:
        matches = gallery.rank(query, form, arguments.top)
    print(f"{how}; {matches.total} of {len(gallery.info.names)} images scored exactly")
    _show(matches)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    settings = (arguments.recall, arguments.probes, arguments.candidates)
    if arguments.approximate and arguments.shards:
        raise ValueError("a search is --approximate or exact over --shards, got both")
    if not arguments.approximate and any(each is not None for each in settings):
        raise ValueError("--recall, --probes and --candidates are settings of --approximate")
    if arguments.address and not arguments.shards:
        raise ValueError("--address is for a search over --shards, got no number of them")


@contextmanager
def _searching(arguments: argparse.Namespace, gallery: Gallery) -> Iterator[str]:
    """Have a gallery searched as is asked; say how."""
    catalogue, exact = gallery.catalogue, gallery.search
    if arguments.approximate:
        index = ApproximateIndex(gallery.store.folder, gallery.store.spec, catalogue)
        setting = index.card.setting(RECALL if arguments.recall is None else arguments.recall)
        probes = setting.probes if arguments.probes is None else arguments.probes
        candidates = arguments.candidates
        if candidates is None:
            candidates = max(setting.candidates, arguments.top)
        gallery.search = ApproximateSearch(index, exact, probes, candidates)
        yield _recall_note(probes, candidates, index.card.measured)
    elif arguments.shards is not None:
        vectors, places = gallery.vectors
        shards = split(vectors, places, catalogue.awareness, catalogue.lengths, arguments.shards)
        device = arguments.device or "cpu"
        with cluster(arguments.address, len(shards)):
            gallery.search = search = ShardedSearch(shards, device)
            yield f"exact, over {len(shards)} shards"
            search.close()
    else:
        yield "exact"


def _recall_note(probes: int, candidates: int, measured: tuple[Recall, ...]) -> str:
    """How approximate a search is, as far as it was measured."""
    same = [each for each in measured if (each.probes, each.candidates) == (probes, candidates)]
    recall = f"{same[0].recall:.3f} when the index was made" if same else "not measured"
    return (
        f"approximate: {probes} probes, {candidates} candidates, recall@{TOP_K} against exact "
        f"{recall}"
    )


def _show(matches: Matches) -> None:
    for place, (name, similarity) in enumerate(
        zip(matches.names, matches.similarity, strict=True), start=1
    ):
        print(f"{place:>4} {similarity:>8.4f}  {readable(name)}")
