"""Says what a page cannot show: what went wrong, or only that there is nothing yet."""

from __future__ import annotations

import streamlit as st

from app.components.markup import plain
from app.services import Empty, UserError


def tell(error: UserError) -> None:
    """One sentence; red is for what went wrong."""
    show = st.info if isinstance(error, Empty) else st.error
    show(plain(str(error)))
