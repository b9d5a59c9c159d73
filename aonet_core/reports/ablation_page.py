"""The ablation as a page in Markdown: facts alone, no conclusions."""

from __future__ import annotations

import statistics

from aonet_core.reports.ablation import SETTLED_SHARE
from aonet_core.reports.markdown import markdown_table
from aonet_core.reports.rows import PAPER_DATA
from aonet_core.retrieval import FORMS

_HEADER = (
    "row", "n", "rank-1", "mAP", "mAP less the full row's", " / ".join(FORMS), "AUROC",
    "false alarms", "settled landmarks", "mean β", "paper: rank-1 / mAP",
)  # fmt: skip
_NONE = "–"


def page(content: dict) -> str:
    """Write the page.

    Args:
        content: As the command writes it to JSON: `command`, `budget`, `facts`, `tables`.
    """
    parts = ["# Ablation", _about(content), _legend(content["tables"])]
    for table in content["tables"]:
        note = f"Full row: `{table['full']}`."
        rows = [_cells(row, table) for row in table["rows"]]
        parts += [f"## {table['title']}", note, markdown_table(_HEADER, rows)]
    return "\n\n".join([*parts, *_gaps(content["tables"])]) + "\n"


def _about(content: dict) -> str:
    budget, facts = content["budget"], content["facts"]
    lines = [
        f"Written by `{content['command']}`.",
        f"- Every row: {budget['epochs']} epochs"
        + "".join(f" = {steps} steps" for steps in facts["steps"])
        + f" of {budget['identities']} x {budget['images']} images at {budget['image_size'][0]}x"
        f"{budget['image_size'][1]}, seeds {', '.join(map(str, budget['seeds']))}, the same order "
        "and the same learning rates; the network after the last epoch is measured, none is "
        "chosen, and nothing is tuned row by row. Rows that paste occluders see up to "
        f"{budget['occluded_images']} copies a step on top, of the same images.",
        f"- Backbone {budget['backbone']} unless a row names another, from: "
        f"{'; '.join(facts['backbone_start']) or _NONE}.",
        "- Training images: "
        + "; ".join(
            f"{data['train_images']} of {data['train_identities']} identities of {data['name']}"
            for data in facts["data"]
        )
        + f". Measured on the test split of `{budget['test']}` ({budget['queries']} queries, "
        f"{budget['gallery']} gallery images), from which nothing was chosen.",
        f"- Device: {'; '.join(facts['device']) or _NONE}; {facts['minutes']:.0f} minutes of "
        "training in all.",
        "- Versions: "
        + "; ".join(
            ", ".join(f"{name} {version}" for name, version in versions.items())
            for versions in facts["versions"]
        )
        + ".",
    ]
    return "\n".join([lines[0], "", *lines[1:]])


def _legend(tables: list[dict]) -> str:
    widths = [
        row["figures"]["mean_ap_half_interval"]["mean"]
        for table in tables
        for row in table["rows"]
        if row["figures"]
    ]
    width = f"{100 * statistics.fmean(widths):.1f}" if widths else _NONE
    forms = "; ".join(f"`{name}`: {form.meaning}" for name, form in FORMS.items())
    return "\n".join(
        (
            "How to read the tables:",
            "",
            "- n: seeds. Values are means over them, ± their sample standard deviation; a "
            "difference is taken seed by seed.",
            "- Rank-1 and mAP in percent; mAP by the row's own form of the match, then by every "
            f"form ({forms}). The 95 % bootstrap interval of one run's mAP over queries is ± "
            f"{width} (mean over rows).",
            "- AUROC: of telling hidden from visible landmarks by β(occluded) / β(twin), whether "
            "or not the row makes use of β. Mean β: on twins.",
            "- False alarms: percent of hidden landmarks' response that lies on other body "
            "regions, without → with the average response.",
            f"- Settled landmarks: how many have at least {100 * SETTLED_SHARE:.0f} % of their "
            "peaks on one body region, and on how many different regions those are.",
            f"- The paper's numbers are of {PAPER_DATA}: other pictures and another network, so "
            "that differences between rows can be set beside ours, not the values.",
        )
    )


def _cells(row: dict, table: dict) -> list[str]:
    figures, difference = row["figures"], row["difference"]
    count = len(figures["mean_ap"]["values"]) if figures else 0
    name = f"**`{row['name']}`**" if row["name"] == table["full"] else f"`{row['name']}`"
    head = [f"{name} {row['what']}", str(count)]
    paper = "{:.1f} / {:.1f}".format(*row["paper"]) if row["paper"] else _NONE
    if not figures:
        state = "failed" if row["failed"] else "missing"
        return [*head, state, *[_NONE] * (len(_HEADER) - len(head) - 2), paper]

    def value(name: str, factor: float = 1.0, digits: int = 2) -> str:
        return _value(figures.get(name), factor, digits)

    alarms = [value(f"false_alarm_{name}", 100, 1) for name in ("without", "with")]
    return [
        *head,
        value("rank1", 100, 1),
        value("mean_ap", 100, 1),
        _value(difference.get("mean_ap"), 100, 1, sign="+"),
        " / ".join(_value(figures[f"mean_ap_{form}"], 100, 1, spread=False) for form in FORMS),
        value("awareness_auroc"),
        _NONE if alarms[0] == _NONE else " → ".join(alarms),
        _settled(figures),
        value("mean_awareness"),
        paper,
    ]


def _settled(figures: dict) -> str:
    if "settled" not in figures:
        return _NONE
    names = ("settled", "landmarks", "settled_regions")
    return "{:.2g} of {:.2g}, on {:.2g}".format(*(figures[name]["mean"] for name in names))


def _value(
    figure: dict | None, factor: float, digits: int, sign: str = "", spread: bool = True
) -> str:
    if figure is None or figure["mean"] is None:
        return _NONE
    text = f"{factor * figure['mean']:{sign}.{digits}f}".replace("-", "−")
    if spread and figure["spread"] is not None:
        text += f" ± {factor * figure['spread']:.{digits}f}"
    return text


def _gaps(tables: list[dict]) -> list[str]:
    """Say which runs failed and which are missing."""
    rows = {row["name"]: row for table in tables for row in table["rows"]}.values()
    failed = [
        f"- `{row['name']}`, seed {seed}: {reason}"
        for row in rows
        for seed, reason in row["failed"].items()
    ]
    missing = [
        f"`{row['name']}` (seed {', '.join(map(str, row['missing']))})"
        for row in rows
        if row["missing"]
    ]
    parts = []
    if failed:
        parts += ["## Failed", "\n".join(failed)]
    if missing:
        parts += ["## Not finished", ", ".join(missing) + "."]
    return parts
