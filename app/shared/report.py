"""A page as one HTML file that asks nothing of any network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app import services
from app.services import Photo
from app.shared import held
from app.shared.markup import escape
from app.theme import style

Sections = Callable[[], list[tuple[str, str]]]
"""Makes the titles and the HTML of a report's sections when it is asked for."""
MIMES = {
    "png": "image/png",
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "npz": "application/octet-stream",
    "zip": "application/zip",
    "safetensors": "application/octet-stream",
}
MAX_SUBJECT = 120
"""Bytes of a file's name that tell what it is about; disks hold names of 255."""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
LOOK = """
:root {color-scheme: light dark;} body {font: 14px/1.45 sans-serif; margin: 2rem auto;
max-width: 76rem; padding: 0 1.5rem;} h1 {font-size: 1.3rem;} h2 {font-size: 1rem;}
body > section > h2 {margin-top: 2.2rem; border-bottom: 1px solid #8886; padding-bottom: .2rem;}
.strip.lab img {max-height: 190px !important;}
"""


def about(*photos: Photo) -> str:
    """What pictures are called in names of files: their own files' names, without the folder."""
    names = [photo.key if photo.sample else photo.title for photo in photos]
    return " and ".join(PurePosixPath(name).stem for name in names)


def file_name(view: str, subject: str, what: str, suffix: str, digest: str = "") -> str:
    """Name of a file to download: page, what it is about, what is in it, and the checkpoint.

    Args:
        view: Of the page.
        subject: A picture's name, from `about`, or a gallery's.
        what: What is in the file.
        suffix: Of the file, without the dot.
        digest: Of the checkpoint; by default of the one that runs, which is started if need be.
    """
    short = safe(subject).encode()[:MAX_SUBJECT].decode(errors="ignore")
    parts = (safe(view), short, safe(what), (digest or services.info().digest)[:8])
    return f"aonet-{'-'.join(filter(None, parts))}.{suffix}"


def safe(text: str) -> str:
    """Text as a part of a file's name: a picture may be called anything."""
    return re.sub(r"[^\w.]+", "-", text).strip("-.").lower()


def label(what: str, suffix: str) -> str:
    """What a download button says: the format and what is in the file."""
    return f"{suffix.upper()} {what.lower()}"


def here(path: str) -> str:
    """The link that reopens this session's page, which is found at `path`."""
    return f"{path}?{urlencode(st.query_params.to_dict())}"


def in_session(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """Let a file be made with this session's choices at hand, though outside of its run."""
    context = get_script_run_ctx()

    def make_in_session() -> bytes:
        with held.within(context):
            return make()

    return make_in_session


def write(page: str, title: str, link: str, sections: Sections) -> bytes:
    """Write it; no session need be at hand any more.

    Args:
        page: What the page is called.
        title: What it is about.
        link: Reopens the page.
        sections: Makes what it holds.
    """
    info = services.info()
    body = "".join(f"<section><h2>{escape(name)}</h2>{html}</section>" for name, html in sections())
    network = f"checkpoint {info.checkpoint}, SHA-256 {info.digest}, {info.device}"
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<meta http-equiv='Content-Security-Policy' content=\"{POLICY}\">"
        f"<title>{escape(page)}: {escape(title)}</title>"
        f"<style>{style()}{LOOK}</style></head><body>"
        f"<h1>{escape(page)}: {escape(title)}</h1><p>{escape(network)}</p>{body}"
        f"<p class='notes'>Reopen: {escape(link)}</p></body></html>"
    ).encode()
