"""Which of the package's extras bring the libraries that not every use needs."""

from __future__ import annotations

PACKAGE = "aonet-lens"
EXTRAS = {
    "app": ("streamlit", "plotly"),
    "explain": ("umap",),
    "gallery": ("filelock", "lancedb", "llvmlite", "numba", "platformdirs"),
    "serve": ("fastapi", "prometheus_client", "pydantic", "ray", "starlette", "uvicorn"),
    "synth": ("llvmlite", "numba"),
    "train": ("pytorch_lightning", "tensorboard"),
}
"""Modules by the extra to install for them; "app" and "serve" bring two of the others too."""


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """The sentence that says what to install; None if no extra brings the module."""
    module = (error.name or "").partition(".")[0]
    extras = [f"'{PACKAGE}[{extra}]'" for extra, modules in EXTRAS.items() if module in modules]
    if not extras:
        return None
    return f"this needs {module}, which is not installed: pip install {' or '.join(extras)}"
