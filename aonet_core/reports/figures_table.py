"""The figures of an evaluation as tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

from aonet_core.names import readable

_SPELT = (("mean_ap", "mAP"), ("mean_inp", "mINP"), ("auroc", "AUROC"), ("_", " "))


def print_figures(figures: Mapping[str, Any]) -> None:
    """Print what `evaluate_dataset` or `evaluate_photographs` measured.

    Args:
        figures: Theirs, with the checkpoint and, of a data set, with what was left out.
    """
    single = dict(figures)
    by_occluder = single.pop("awareness_by_occluder", {})
    by_hidden = single.pop("mean_ap_by_hidden_share", [])
    if left_out := single.pop("left_out", None):
        reasons = {f"left out, since {why}": count for why, count in left_out["reasons"].items()}
        single |= {"left_out": left_out["count"], **reasons}
    title = readable(f"{figures['checkpoint']} on {figures['data']}")
    _print(title, ("figure", "value"), _rows(single))
    columns = dict(_landmark_columns(single))
    numbered = enumerate(zip(*columns.values(), strict=True), 1)
    _print("By landmark", ("landmark", *columns), ((str(k), *row) for k, row in numbered))
    if by_hidden:
        header = ("body hidden", "queries", *map(_words, by_hidden[0]["mean_ap"]))
        _print("mAP by form of match", header, map(_hidden_row, by_hidden))
    if by_occluder:
        header = ("occluder", *map(_words, next(iter(by_occluder.values()))))
        _print("Awareness behind each occluder", header, _occluder_rows(by_occluder))


def _print(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*header, title=title)
    for row in rows:
        table.add_row(*row)
    if table.rows:
        Console(markup=False, emoji=False).print(table)


def _rows(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names and values of single figures; lists are intervals, or one value a landmark."""
    for name, value in figures.items():
        words = prefix + _words(name)
        if isinstance(value, Mapping):
            yield from _rows(value, f"{words}, ")
        elif not isinstance(value, list):
            yield words, _text(value, figures.get(f"{name}_interval"))


def _landmark_columns(figures: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for name, values in figures.items():
        if not isinstance(values, list) or name.endswith("_interval") or not values:
            continue
        if isinstance(values[0], Mapping):
            for key in values[0]:
                if key == "interval":
                    continue
                intervals = [each.get("interval") if key == "share" else None for each in values]
                yield _words(key), list(map(_text, (each[key] for each in values), intervals))
        else:
            intervals = figures.get(f"{name}_interval", repeat(None))
            short = name.removesuffix("_by_landmark").replace("awareness", "β")
            yield _words(short), list(map(_text, values, intervals))


def _hidden_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    share = f"{row['above']:.0%} to {row['below']:.0%}"
    return share, str(row["num_queries"]), *map(_text, row["mean_ap"].values())


def _occluder_rows(by_occluder: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    for kind, row in sorted(by_occluder.items()):
        yield _words(kind), *map(_text, row.values())


def _words(name: str) -> str:
    name = name.removeprefix("num_")
    for written, spelt in _SPELT:
        name = name.replace(written, spelt)
    return readable(name)


def _text(value: object, interval: Sequence[float | None] | None = None) -> str:
    """A value as people write it; "–" for what could not be measured."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key or 'none'} {_text(part)}" for key, part in value.items())
    if value is None or isinstance(value, bool):
        return {None: "–", True: "yes", False: "no"}[value]
    text = f"{value:.4f}" if isinstance(value, float) else readable(str(value))
    return f"{text} [{_text(interval[0])}, {_text(interval[1])}]" if interval else text
