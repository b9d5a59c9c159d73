"""How the checkpoint was trained: its curves and its recipe."""

from __future__ import annotations

import streamlit as st

from aonet_core.engine import in_markdown
from app import services
from app.charts import PLOT
from app.services import atlas as service
from app.shared import downloads, report
from app.shared.csv_table import table
from app.views.model import charts
from app.views.model.tables import facts


def tab() -> None:
    """Curves where a history is kept, and the recipe where the card has one."""
    model_facts = service.facts()
    if model_facts.history_problem:
        st.error(
            in_markdown(
                f"{model_facts.history_problem[:1].upper()}{model_facts.history_problem[1:]}."
            )
        )
    curves = {
        "Terms of the loss": charts.loss_curves(model_facts.history),
        "On the validation split": charts.validation_curves(model_facts.history),
    }
    if not any(curves.values()):
        st.info(
            "No history of the training is kept with this checkpoint: training writes one beside "
            "its weights."
        )
    for column, (title, figure) in zip(st.columns(2, gap="medium"), curves.items(), strict=True):
        if figure is not None:
            with column:
                st.html(f"<h2 class='small'>{title}</h2>")
                st.plotly_chart(
                    figure, width="stretch", config=PLOT, key=f"model {title}", alt=title
                )
    if model_facts.history:
        downloads.button(
            "History",
            "csv",
            report.file_name("model", services.info().checkpoint, "History", "csv"),
            lambda: table(
                list(model_facts.history), zip(*model_facts.history.values(), strict=True)
            ),
            "All columns of the history, as CSV.",
        )
    _recipe()


def _recipe() -> None:
    recipe = services.info().card.get("recipe")
    if not isinstance(recipe, dict) or not recipe:
        st.caption("The card holds no recipe.")
        return
    with st.expander("Recipe", expanded=True):
        lines = {name.replace("_", " "): _said(value) for name, value in recipe.items()}
        half = -(-len(lines) // 2)
        items = list(lines.items())
        for column, part in zip(st.columns(2), (items[:half], items[half:]), strict=True):
            column.html(facts(dict(part)))


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(each)}" for name, each in value.items()) or "none"
    if isinstance(value, list):
        return " × ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
