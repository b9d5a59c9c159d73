"""What the networks cost beside the paper's Table 7."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import PAPER_TABLES, Cost
from app import services
from app.services import atlas as service
from app.shared.markup import escape
from app.views.model.tables import command, table

HEADER = ("network", "backbone", "stride 1 in", "parameters, M", "in use, M", "backbone, G",
          "head, G", "both, G", "beside the paper's AONet")  # fmt: skip


def tab() -> None:
    """The table, this checkpoint first, and how it is counted."""
    with st.spinner("Counting the networks, once…"):
        costs = service.costs()
    paper = next(each for each in PAPER_TABLES if each.number == 7)
    printed = dict(paper.rows)["AONet"]
    rows = [_row(cost, printed, own=number == 0) for number, cost in enumerate(costs)]
    theirs = [
        (f"{escape(name)} <small>as printed</small>", "", "", f"{millions:.2f}", "", "", "",
         f"{giga:.2f}", "")
        for name, (giga, millions) in paper.rows
    ]  # fmt: skip
    left, right = st.columns((1.5, 1), gap="large")
    left.html(table(HEADER, [*rows, *theirs], "cost"))
    size = services.info().image_size
    right.html(
        "<h2 class='small'>How it is counted</h2>"
        "<p class='notes'>The first row is the checkpoint that runs here, at "
        f"{size[1]} × {size[0]} pixels; the others are the paper's network on every backbone at "
        "128 × 256 with 702 identities.</p>"
        "<p class='notes'>G: thousand million multiply-adds of one image, one multiplication with "
        "its addition counted once, of convolutions and matrix products; normalisation, "
        "activation functions and softmax are not counted. Head: patterns, both poolings, "
        "attention. In use: without the classifier.</p>"
        "<p class='notes'>The paper does not say how it counted, nor which stage has stride 1: "
        "both readings are here.</p>"
        f"<p class='notes'>With times on this machine:</p>{command(paper.command)}"
    )


def _row(cost: Cost, printed: tuple, own: bool) -> tuple[str, ...]:
    giga = cost.multiply_adds / 1e9
    return (
        f"{'*this checkpoint, ' * own}{escape(cost.preset)}",
        escape(cost.backbone),
        cost.stride_one_stage,
        f"{cost.parameters / 1e6:.2f}",
        f"{cost.parameters_in_use / 1e6:.2f}",
        f"{cost.backbone_multiply_adds / 1e9:.3f}",
        f"{cost.head_multiply_adds / 1e9:.4f}",
        f"{giga:.3f}",
        f"{100 * (giga / printed[0] - 1):+.0f} %".replace("-", "−"),
    )
