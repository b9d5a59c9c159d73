"""The page on failures: its numbers are those of the rules and of the truth."""

from dataclasses import replace

import numpy as np
import pytest

from aonet_core.analysis.evaluation.ground_truth import GroundTruth
from aonet_core.analysis.evaluation.queries import evaluate_queries
from aonet_core.analysis.evaluation.query_search import EmbeddedSet
from aonet_core.analysis.failures.checks import check_rules, mended, told_apart, visible_share
from aonet_core.analysis.failures.shares import cause_shares
from aonet_core.reports.failures_page import page
from aonet_core.results.evaluation import Setting
from aonet_core.retrieval import Embedding

K, C = 3, 4


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)

    def listed(count, prefix):
        pids, camids = rng.integers(1, 8, count), rng.integers(1, 4, count)
        features = np.random.default_rng(1).normal(size=(8, K, C))[pids]
        features = features + 1.2 * rng.normal(size=(count, K, C))
        embedding = Embedding(features.astype(np.float32), rng.uniform(0.1, 1, (count, K)))
        names = np.array([f"{prefix}{number}" for number in range(count)])
        return EmbeddedSet(names, pids, camids, embedding)

    query, gallery = listed(40, "q"), listed(80, "g")
    known = GroundTruth(rng.uniform(0, 1, (40, K)), rng.uniform(0, 0.6, 40), np.full(40, "car"))
    known.visibility[0] = np.nan  # of one query nothing is known
    setting = Setting("tiny", "0123456789abcdef", "g", "", "q", "", "normalised")
    return evaluate_queries(query, gallery, setting, known), gallery


def test_checks_count_what_the_truth_says(found):
    evaluation, gallery = found
    checks = check_rules(evaluation, gallery.camids)
    rows = [i for i in range(1, 40) if evaluation.num_right[i]]
    usual = np.median(gallery.embedding.awareness.numpy(), axis=0)
    visible = {i: (evaluation.visibility[i] * usual).sum() / usual.sum() for i in rows}
    np.testing.assert_allclose(visible_share(evaluation)[rows], list(visible.values()))
    assert np.isnan(visible_share(evaluation)[0])
    assert checks.in_bin.sum() == len(rows)
    assert checks.in_bin[2] == sum(0.4 <= value < 0.5 for value in visible.values())
    fallen = [i for i in rows if evaluation.first_rank[i] > 1]
    assert checks.failures == len(fallen) == checks.failed_in_bin.sum()
    believed = {i: evaluation.awareness[i].sum() / usual.sum() < 0.5 for i in rows}
    assert checks.little.picked == sum(believed.values())
    assert checks.little.true == sum(believed[i] and visible[i] < 0.5 for i in rows)
    high = hidden = strange = both = 0
    for i in fallen:
        for k in range(K):
            if evaluation.awareness[i, k] / usual[k] >= 0.5:
                high += 1
                unfamiliar = evaluation.familiarity[i, k] < evaluation.unfamiliar_below[k]
                is_hidden = evaluation.visibility[i, k] < 0.3
                strange, hidden = strange + unfamiliar, hidden + is_hidden
                both += unfamiliar and is_hidden
    alarms = checks.alarms
    assert (alarms.picked, alarms.true, alarms.all_true, alarms.total) == (
        strange, both, hidden, high,
    )  # fmt: skip
    chance = sum(
        np.mean(gallery.camids == evaluation.camids[i]) ** (evaluation.first_rank[i] - 1)
        for i in fallen
    )
    assert checks.camera_chance == pytest.approx(chance)


def test_hidden_landmarks_with_high_awareness_are_told_apart(found):
    evaluation, _ = found
    visibility, usual = evaluation.visibility, evaluation.usual_awareness
    pairs = {"familiarity": [], "awareness": []}
    for i in range(1, 40):
        for k in range(K):
            kept = evaluation.awareness[i, k] / usual[k]
            if kept >= 0.5:
                familiar = evaluation.familiarity[i, k] / evaluation.unfamiliar_below[k]
                pairs["familiarity"].append((familiar, visibility[i, k]))
                pairs["awareness"].append((kept, visibility[i, k]))
    for name, auroc in told_apart(evaluation).items():
        seen = [score for score, v in pairs[name] if v > 0.7]
        hidden = [score for score, v in pairs[name] if v < 0.3]
        wins = [(a > b) + (a == b) / 2 for a in seen for b in hidden]
        assert auroc.value == pytest.approx(np.mean(wins))
        assert auroc.low <= auroc.value <= auroc.high


def test_mended_failures_are_counted_by_how_the_landmark_is_chosen(found):
    evaluation, _ = found
    counts = {name: [0, 0] for name in ("lead", "share", "any", "best")}
    fallen = np.flatnonzero(evaluation.failed)
    for i in fallen:
        ranks, before = evaluation.rank_without[i], evaluation.first_rank[i]
        chosen = {
            "lead": [evaluation.lead_by_landmark[i].argmin()],
            "share": [(evaluation.right.shares[i] - evaluation.wrong.shares[i]).argmin()],
            "any": range(K),
            "best": [ranks.argmin()],
        }
        for name, landmarks in chosen.items():
            counts[name][0] += np.mean([ranks[k] == 1 for k in landmarks]) / len(fallen)
            counts[name][1] += np.mean([ranks[k] < before for k in landmarks]) / len(fallen)
    for name, shares in mended(evaluation).items():
        assert shares == pytest.approx(counts[name])
    unknown = np.full_like(evaluation.rank_without, np.nan)
    assert mended(replace(evaluation, rank_without=unknown)) == {}


def test_rules_cannot_be_checked_without_truth(found):
    evaluation, gallery = found
    blind = replace(evaluation, visibility=np.full_like(evaluation.visibility, np.nan))
    with pytest.raises(ValueError, match="only where the truth of queries is known"):
        check_rules(blind, gallery.camids)


def test_page_tells_every_cause_and_failure(found):
    evaluation, gallery = found
    text = page({"normalised": evaluation}, gallery.camids, "the command")
    assert "Written by `the command`: 40 queries of q, 80 gallery pictures" in text
    assert f"mAP {evaluation.mean_ap:.2f}" in text
    for share in cause_shares(evaluation):
        if share.count:
            assert f"| {share.count} | {share.share:.2f} [" in text
    for i in np.flatnonzero(evaluation.failed):
        assert f"| `q{i}` | {evaluation.first_rank[i]:.0f} |" in text
    assert "Checked against the truth" in text
    blind = replace(evaluation, visibility=np.full_like(evaluation.visibility, np.nan))
    text = page({"normalised": blind}, gallery.camids, "the command")
    assert "Checked against the truth" not in text and "No truth is known" in text
