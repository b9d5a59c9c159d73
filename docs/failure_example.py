"""Writes `docs/failure-example.md` and its pictures from real output on `sample_data`.

Run it again after the default checkpoint has changed: `python -m docs.failure_example`. It takes
the failure with the clearest lesson: one landmark is blamed, and without it a right match is first.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aonet_core.engine import CAUSES, MatchOptions, connect, diagnose_all, read_samples
from app.services import Panel, Photo
from app.services.retrieval import Entry
from app.shared import maps
from app.views.pair.exports import pair_png
from app.views.retrieve.exports import strip_png

FOLDER = Path(__file__).parent
SHOWN = 8
TEXT = """# A failure, traced to its landmark

*Written by `python -m docs.failure_example` with checkpoint `{digest}` on `sample_data`; run it
again after the checkpoint has changed.*

## 1. It failed

On the page **Failures**, {failed} of {valid} queries have another person's picture in first place.
One of them is `{query}`: {what}. Its average precision is {ap:.3f}; the first right match is at
rank {rank}.

![The query and its first matches, framed green where right and red where wrong](failure-ranks.png)

## 2. Why: the pair that decides

A click on its row opens the **Pair** of the query and the wrong match in first place, beside the
best right match. The wrong one is ahead by {margin:.3f}. Every landmark's part in that lead is a
bar; they sum to it exactly.

![Photos and maps of query, wrong and right match, and the parts of the lead](failure-pair.png)

Landmark **{name}** adds {lead:+.3f} to the lead of the right match, below zero and so in favour of
the wrong one: the largest such part. Its awareness in the query is {beta:.2f}, against {usual:.2f}
usually in the gallery{visible}. Its features are alike by {wrong_cosine:.2f} to the wrong match and
by {right_cosine:.2f} to the right one.

The rules name the cause **{cause}**: {meaning}

{conditions}

## 3. The test: without that landmark

Ranked again with that landmark's weight set to 0, {after}.

![The ranking without the landmark](failure-without.png)
"""


def main() -> None:
    """Evaluate, choose, draw, write."""
    engine, samples = connect(), read_samples().samples
    found = engine.evaluate("sample")
    diagnoses = diagnose_all(found)
    row = _clearest(found, diagnoses)
    k, query = diagnoses[row].landmark, samples[str(found.names[row])]
    panels = {
        title: _panel(engine, samples[name])
        for title, name in (
            ("query", query.name),
            ("wrong match", str(found.wrong.names[row])),
            ("right match", str(found.right.names[row])),
        )
    }
    info = engine.info()
    names = maps.landmark_names(info.metrics, info.num_landmarks)
    lead = found.lead_by_landmark[row]
    _ranks(engine, samples, query, panels["query"], MatchOptions(), "failure-ranks.png")
    _ranks(engine, samples, query, panels["query"], MatchOptions(without=(k,)),
           "failure-without.png")  # fmt: skip
    figure = pair_png(panels, lead, names, 0.3)
    (FOLDER / "failure-pair.png").write_bytes(figure)
    seen = found.visibility[row, k]
    own = next(rule for rule in diagnoses[row].rules if rule.cause == diagnoses[row].cause)
    without = int(found.rank_without[row, k])
    text = TEXT.format(
        digest=info.digest[:8], failed=int(found.failed.sum()), valid=int(found.valid.sum()),
        query=query.name, what=query.title, ap=found.average_precision[row],
        rank=int(found.first_rank[row]), margin=abs(found.margin[row]), name=names[k],
        lead=lead[k], beta=found.awareness[row, k], usual=found.usual_awareness[k],
        visible=f", while {seen:.0%} of it is truly visible" if np.isfinite(seen) else "",
        wrong_cosine=found.wrong.cosine[row, k], right_cosine=found.right.cosine[row, k],
        cause=CAUSES[own.cause].title, meaning=CAUSES[own.cause].meaning,
        conditions="\n".join(f"- {condition.text}" for condition in own.conditions),
        after="a right match is first" if without == 1 else
        f"the first right match moves from rank {int(found.first_rank[row])} to rank {without}",
    )  # fmt: skip
    (FOLDER / "failure-example.md").write_text(text.replace("-0.", "−0."), encoding="utf-8")


def _clearest(found, diagnoses) -> int:
    """The failure whose blamed landmark's removal helps most, then the largest lead against it."""
    blamed = [row for row, each in enumerate(diagnoses)
              if found.failed[row] and each.landmark is not None]  # fmt: skip
    if not blamed:
        raise SystemExit("no failure has a landmark to blame: there is nothing to tell")

    def lesson(row: int) -> tuple[float, float]:
        k = diagnoses[row].landmark
        return found.rank_without[row, k], found.lead_by_landmark[row, k]

    return min(blamed, key=lesson)


def _panel(engine, sample) -> Panel:
    image = engine.picture("sample", sample.name)
    return Panel(Photo(sample.name, sample.title, image), engine.analyze([image])[0])


def _ranks(engine, samples, query, panel: Panel, options: MatchOptions, file: str) -> None:
    """The first matches, framed by the truth."""
    all_samples = read_samples()
    junk = all_samples.junk(query)
    found = engine.rank(panel.photo.image, "sample", SHOWN, skip=junk, options=options)
    matches = []
    for place, (name, score, shares) in enumerate(
        zip(found.names, found.similarity, found.shares, strict=True), 1
    ):
        match = samples[name]
        verdict = "right" if match.pid == query.pid else "wrong"
        entry = Entry(place, name, match.title, match.camid, verdict, float(score), shares)
        matches.append((engine.picture("sample", name), entry))
    (FOLDER / file).write_bytes(strip_png(panel.photo.image, matches))


if __name__ == "__main__":
    main()
