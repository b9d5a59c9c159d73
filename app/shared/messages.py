"""Says what a page cannot show: what went wrong, or only that there is nothing yet."""

from __future__ import annotations

import streamlit as st

from app.services import Empty, UserError
from app.shared.markup import plain


def show(error: UserError) -> None:
    """One sentence; red is for what went wrong."""
    tell = st.info if isinstance(error, Empty) else st.error
    tell(plain(str(error)))
