"""The checkpoint: what it is, and what was measured of it."""

from __future__ import annotations

import json

import streamlit as st

from aonet_core.engine import EngineInfo
from app import services
from app.shared import downloads, maps, report
from app.shared.markup import dot, escape, helped
from app.shared.search_state import FORMS
from app.shared.wording import MEANING
from app.views.model.tables import command, facts, interval, number, share, table

NOTHING = "This checkpoint's card holds no measurements. To measure it and write them there:"


def tab() -> None:
    """Numbers first, then facts and the whole card."""
    info = services.info()
    left, right = st.columns((1, 1.2), gap="large")
    with left:
        st.html(f"<h2 class='small'>What it is</h2>{facts(_facts(info))}")
        _card(info)
    with right:
        st.html(_measured(info))


def _facts(info: EngineInfo) -> dict[str, str]:
    card = info.card
    lines = {
        "checkpoint": f"{info.checkpoint}, SHA-256 {info.digest[:16]}…",
        "network": f"{info.preset}, {info.backbone}, {info.num_landmarks} landmarks",
        "input": f"{info.image_size[1]} × {info.image_size[0]} pixels, response maps "
        f"{info.map_size[1]} × {info.map_size[0]}",
        "match": FORMS.get(info.similarity, info.similarity),
        "runs on": f"{info.device}, {info.precision}"
        + (", batch norms folded into convolutions" if info.batch_norms_folded else ""),
    }
    data = card.get("data") if isinstance(card.get("data"), dict) else {}
    if data:
        counted = [
            f"{data[key]} {what}"
            for key, what in (
                ("train_images", "images"),
                ("train_identities", "identities"),
                ("pictures", "images"),
                ("renders", "renders"),
            )
            if key in data
        ]
        lines["trained on"] = ", ".join(
            filter(None, [str(data.get("name", "unnamed data")), " of ".join(counted)])
        )
    for title, key in (
        ("started from", "backbone_start"),
        ("made by", "command"),
        ("seed", "seed"),
    ):
        if card.get(key) not in (None, ""):
            lines[title] = str(card[key])
    if card.get("steps"):
        minutes = f" in {card['minutes']:.0f} minutes" if card.get("minutes") else ""
        lines["training"] = f"{card['steps']} steps{minutes}"
    return lines


def _card(info: EngineInfo) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads.button(
            "Card",
            "json",
            report.file_name("model", info.checkpoint, "Card", "json"),
            json.dumps(info.card, indent=2).encode(),
            "The whole card as JSON: configuration, data, command, metrics, digest.",
        )
    with st.expander("The whole card"):
        st.json(info.card, expanded=1)


def _measured(info: EngineInfo) -> str:
    metrics = info.metrics
    if not metrics:
        how = command(
            f"python -m aonet_core evaluate --data DATA --checkpoint {info.checkpoint} --record"
        )
        return f"<h2 class='small'>What was measured</h2><p class='notes'>{NOTHING}</p>{how}"
    on = (
        f"{metrics.get('num_valid_queries', '?')} queries in {metrics.get('num_gallery', '?')} "
        f"pictures of {escape(str(metrics.get('data', 'unnamed data')))}"
    )
    return (
        f"<h2 class='small'>What was measured <small>{on}</small></h2>{_tiles(metrics)}"
        f"<div class='pairs'>{_landmarks(info)}{_occluders(metrics)}{_forms(metrics)}</div>"
    )


def _tiles(metrics: dict) -> str:
    alarms = [number(metrics.get(f"false_alarm_{name}")) for name in ("without", "with")]
    tiles = {
        "rank-1": share(metrics.get("rank1")),
        "mAP": share(metrics.get("mean_ap"), metrics.get("mean_ap_interval")),
        "mINP": share(metrics.get("mean_inp")),
        "awareness AUROC": interval(
            metrics.get("awareness_auroc"), metrics.get("awareness_auroc_interval")
        ),
        "false alarms": " → ".join(alarms),
    }
    body = "".join(
        f"<div>{helped(name, MEANING[name])}<b>{value}</b></div>"
        for name, value in tiles.items()
        if value.strip("– →")
    )
    return f"<div class='facts tiles'>{body}</div>"


def _landmarks(info: EngineInfo) -> str:
    measured = info.metrics.get("landmarks")
    if not isinstance(measured, list) or not measured:
        return ""
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    by_landmark = info.metrics.get("awareness_auroc_by_landmark") or []
    rows = [
        (
            f"{dot(k)}{escape(names[k])}",
            f"{number(each.get('share'), 0, 100)} %",
            f"{number(each.get('background'), 0, 100)} %",
            number(by_landmark[k] if k < len(by_landmark) else None),
        )
        for k, each in enumerate(measured[: info.num_landmarks])
    ]
    return table(("landmark", "peaks there", "on background", "AUROC"), rows)


def _occluders(metrics: dict) -> str:
    measured = metrics.get("awareness_by_occluder")
    if not isinstance(measured, dict) or not measured:
        return ""
    rows = [
        (
            escape(name.replace("_", " ")),
            number(each.get("awareness_auroc")),
            number(each.get("awareness_kept_where_hidden"), 2),
            number(each.get("awareness_kept_where_visible"), 2),
        )
        for name, each in sorted(
            measured.items(), key=lambda item: -(item[1].get("awareness_auroc") or 0)
        )
    ]
    return table(("behind", "AUROC", "β kept, hidden", "β kept, visible"), rows)


def _forms(metrics: dict) -> str:
    measured = metrics.get("mean_ap_by_similarity")
    if not isinstance(measured, dict) or not measured:
        return ""
    first = metrics.get("rank1_by_similarity") or {}
    rows = [
        (
            f"{'*' * (name == metrics.get('similarity'))}{escape(FORMS.get(str(name), str(name)))}",
            share(value),
            share(first.get(name)),
        )
        for name, value in measured.items()
    ]
    return table(("form of the match", "mAP", "rank-1"), rows)
