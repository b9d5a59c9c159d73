"""Each cause fires where it must and nowhere else, on queries made by hand."""

import numpy as np
import pytest

from aonet_core.analysis.evaluation.ground_truth import GroundTruth
from aonet_core.analysis.evaluation.queries import evaluate_queries
from aonet_core.analysis.evaluation.query_search import EmbeddedSet
from aonet_core.analysis.failures.evidence import Condition
from aonet_core.analysis.failures.rules import CAUSES, diagnose
from aonet_core.analysis.failures.shares import cause_shares, diagnose_all, removal
from aonet_core.results.evaluation import Setting
from aonet_core.retrieval import Embedding

SETTING = Setting("tiny", "d", "made", "g", "made", "q", "normalised")
LANDMARKS, CHANNELS = 4, 8
PERSONS = 30
"""Strangers, so that the gallery can tell what is familiar."""


def at(cosine, rng):
    """A unit vector with this cosine to the first axis, the rest anywhere."""
    rest = rng.normal(size=CHANNELS - 1)
    return np.append(cosine, rest * np.sqrt(1 - cosine**2) / np.linalg.norm(rest))


def listed(rows, prefix):
    """Rows of (pid, camid, cosine of each landmark to the query, awareness of each landmark)."""
    rng = np.random.default_rng(0)
    features = np.array([[at(c, rng) for c in cosines] for _, _, cosines, _ in rows])
    awareness = np.array([weights for *_, weights in rows], dtype=float)
    embedding = Embedding(features.astype(np.float32), awareness.astype(np.float32))
    names = np.array([f"{prefix}{number}" for number in range(len(rows))])
    return EmbeddedSet(
        names, np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), embedding
    )


def stranger(number, cosine=0.1):
    return (100 + number, 3 + number % 2, (cosine,) * LANDMARKS, (0.6,) * LANDMARKS)


def made(right, wrong, awareness=(0.6,) * LANDMARKS, visibility=None, wrong_camid=3, **changes):
    """Evaluate one query of person 1, camera 1, with one right and one wrong match to speak of."""
    everywhere = (0.6,) * LANDMARKS
    query = listed([(1, 1, (1.0,) * LANDMARKS, awareness)], "query")
    gallery = [(1, 2, right, everywhere), (2, wrong_camid, wrong, everywhere)]
    gallery += [stranger(number) for number in range(PERSONS)]
    known = None
    if visibility is not None:
        known = GroundTruth(np.array([visibility], dtype=float), np.array([0.5]), np.array(["car"]))
    setting = Setting(**(vars(SETTING) | changes))
    return evaluate_queries(query, listed(gallery, "gallery"), setting, known)


def cause(evaluation, use_truth=True):
    return diagnose(evaluation, 0, use_truth)


def test_found():
    evaluation = made((0.9,) * 4, (0.5,) * 4)
    found = cause(evaluation)
    assert found.cause == "found" and found.landmark is None
    assert [rule.cause for rule in found.rules] == ["no_match", "found"]
    assert evaluation.first_rank[0] == 1 and not evaluation.failed[0]


def test_one_seen_landmark_that_is_more_alike_is_a_look_alike():
    evaluation = made((0.8, 0.8, 0.8, 0.1), (0.7, 0.7, 0.7, 0.95))
    found = cause(evaluation)
    assert found.cause == "look_alike" and found.landmark == 3 and not found.with_truth
    assert evaluation.rank_without[0, 3] == 1 and evaluation.rank_without[0, 0] == 2
    part, lead, seen = found.rules[-3].conditions
    assert part.value == pytest.approx(1.0) and lead.value == pytest.approx(0.85, abs=1e-6)
    assert seen.value == pytest.approx(1.0)
    # The same with truth, as long as the landmark is seen.
    seen = made((0.8, 0.8, 0.8, 0.1), (0.7, 0.7, 0.7, 0.95), visibility=(1, 1, 1, 0.4))
    assert cause(seen).cause == "look_alike" and cause(seen).with_truth


def test_two_landmarks_that_share_the_blame_are_no_look_alike():
    found = cause(made((0.8, 0.5, 0.6, 0.6), (0.7, 0.9, 0.95, 0.95)))
    assert found.cause == "unexplained"
    assert not next(rule for rule in found.rules if rule.cause == "look_alike").holds


def test_a_lead_that_comes_of_weights_alone_is_no_look_alike():
    # Printed as in Eq. 8, a gallery picture that is aware of more scores more.
    query = listed([(1, 1, (1.0,) * 4, (0.6,) * 4)], "query")
    right, wrong = (0.3, 0.3, 0.3, 0.3), (0.3, 0.3, 0.3, 0.9)
    gallery = [(1, 2, (0.9,) * 4, right), (2, 3, (0.85,) * 4, wrong)]
    gallery += [stranger(number) for number in range(PERSONS)]
    setting = Setting(**(vars(SETTING) | {"form": "eq8"}))
    evaluation = evaluate_queries(query, listed(gallery, "gallery"), setting)
    rule = next(r for r in cause(evaluation).rules if r.cause == "look_alike")
    assert rule.landmark == 3 and rule.conditions[0].holds and not rule.conditions[1].holds
    assert cause(evaluation).cause == "unexplained"


def test_a_hidden_landmark_with_high_awareness_is_a_false_alarm():
    right, wrong = (0.8, 0.8, 0.8, 0.1), (0.7, 0.7, 0.7, 0.95)
    found = cause(made(right, wrong, visibility=(1, 1, 1, 0.1)))
    assert found.cause == "false_alarm" and found.landmark == 3 and found.with_truth
    # Neither where awareness is low: there it would not count as scored high.
    low = made((0.8, 0.8, 0.8, 0.0), (0.5, 0.5, 0.5, 1.0), (0.6, 0.6, 0.6, 0.29), (1, 1, 1, 0.1))
    alarm = next((r for r in cause(low).rules if r.cause == "false_alarm"), None)
    assert alarm is None or not alarm.holds


def test_without_truth_an_unfamiliar_landmark_with_high_awareness_is_a_false_alarm():
    # Strangers resemble some other stranger; nobody resembles the query's last landmark.
    evaluation = made((0.8, 0.8, 0.8, -0.5), (0.7, 0.7, 0.7, 0.3))
    assert (evaluation.unfamiliar_below > 0.4).all()
    found = cause(evaluation)
    assert found.cause == "false_alarm" and found.landmark == 3 and not found.with_truth
    assert "unfamiliar" in next(r for r in found.rules if r.holds).conditions[0].what


def test_truth_can_be_left_aside():
    right, wrong = (0.8, 0.8, 0.8, 0.1), (0.7, 0.7, 0.7, 0.99)
    evaluation = made(right, wrong, visibility=(1, 1, 1, 0.1))
    assert cause(evaluation).cause == "false_alarm"
    assert cause(evaluation, use_truth=False).cause == "look_alike"


@pytest.mark.parametrize(
    ("awareness", "visibility", "little"),
    [
        ((0.6, 0.1, 0.1, 0.1), None, True),
        ((0.6, 0.6, 0.1, 0.1), None, False),
        ((0.6, 0.6, 0.6, 0.6), (0.9, 0.5, 0.2, 0.2), True),
        ((0.6, 0.1, 0.1, 0.1), (1.0, 0.8, 0.2, 0.2), False),
        ((0.6, 0.6, 0.6, 0.6), (0.9, 0.2, np.nan, 0.2), True),
    ],
)
def test_too_little_visible_is_below_half_of_the_usual(awareness, visibility, little):
    evaluation = made((0.2, 0.8, 0.8, 0.8), (0.95, 0.7, 0.7, 0.7), awareness, visibility)
    evaluation.first_rank[0] = 2  # whatever the match makes of it
    found = cause(evaluation)
    assert (found.cause == "too_little_visible") == little
    rule = next(r for r in found.rules if r.cause == "too_little_visible")
    assert ("truly" in rule.conditions[0].what) == (visibility is not None)


def test_only_the_own_camera_ahead_is_a_camera_shift():
    right, wrong = (0.8,) * 4, (0.9,) * 4
    shift = made(right, wrong, wrong_camid=1)
    assert cause(shift).cause == "camera_shift" and shift.other_camera_rank[0] == 1
    other = made(right, wrong, wrong_camid=3)
    assert cause(other).cause == "unexplained" and other.other_camera_rank[0] == 2


def test_no_valid_match():
    query = listed([(1, 1, (1.0,) * 4, (0.6,) * 4), (0, 1, (0.9,) * 4, (0.6,) * 4)], "query")
    gallery = [(1, 1, (0.9,) * 4, (0.6,) * 4)] + [stranger(number) for number in range(3)]
    evaluation = evaluate_queries(query, listed(gallery, "gallery"), SETTING)
    assert [each.cause for each in diagnose_all(evaluation)] == ["no_match", "no_match"]
    assert np.isnan(evaluation.mean_ap) and np.isnan(evaluation.cmc).all()
    assert evaluation.scores is None
    assert any("nobody known" in note for note in evaluation.notes)
    assert any("by another camera" in note for note in evaluation.notes)


def test_causes_come_in_order_and_say_what_else_holds():
    evaluation = made((0.8, 0.8, 0.8, 0.1), (0.7, 0.7, 0.7, 0.95), visibility=(0.9, 0.1, 0.1, 0.1))
    found = cause(evaluation)
    assert found.cause == "too_little_visible"
    holds = [rule.cause for rule in found.rules if rule.holds]
    assert holds == ["too_little_visible", "false_alarm", "unexplained"]
    assert [rule.cause for rule in found.rules] == list(CAUSES)
    alarm = next(share for share in cause_shares(evaluation) if share.cause == "false_alarm")
    assert (alarm.count, alarm.also, alarm.removal) == (0, 1, None)
    assert (alarm.also_removal.count, alarm.also_removal.blamed) == (1, 1.0)


def test_conditions_tell_their_numbers_and_unknown_ones_never_hold():
    condition = Condition("part of landmark 4", 0.834, ">=", 0.5)
    assert condition.holds
    assert condition.text == "part of landmark 4: 0.834 >= 0.5 holds"
    unknown = Condition("rank", float("nan"), "=", 1)
    assert not unknown.holds and "not known" in unknown.text


def test_shares_sum_to_one_and_removal_is_set_beside_other_landmarks():
    evaluation = made((0.8, 0.8, 0.8, 0.1), (0.7, 0.7, 0.7, 0.95))
    shares = {share.cause: share for share in cause_shares(evaluation)}
    assert list(shares) == [name for name in CAUSES if name != "found"]
    assert sum(share.share for share in shares.values()) == 1
    assert shares["look_alike"].count == 1 and shares["unexplained"].also == 1
    removed = shares["look_alike"].removal
    assert (removed.count, removed.blamed, removed.other) == (1, 1.0, 0.0)
    assert shares["look_alike"].also_removal == removed
    assert shares["false_alarm"].removal is None
    # To blame another landmark does not help, but one of the three others is the right one.
    wrong_one = removal(evaluation, [(0, 0)])
    assert (wrong_one.blamed, wrong_one.other) == (0.0, pytest.approx(1 / 3))


def test_no_failures_have_no_shares():
    shares = cause_shares(made((0.9,) * 4, (0.5,) * 4))
    assert all(share.count == 0 and np.isnan(share.share) for share in shares)


def test_re_ranking_leaves_no_ranks_without_landmarks():
    evaluation = made((0.8, 0.8, 0.8, 0.1), (0.7, 0.7, 0.7, 0.95), rerank=True)
    assert np.isnan(evaluation.rank_without).all()
    assert removal(evaluation, [(0, 3)]) is None


def test_nothing_is_told_of_a_match_without_any_landmark():
    evaluation = made((0.8, 0.8, 0.8, 0.1), (0.7, 0.7, 0.7, 0.95), without=(0, 1, 2))
    assert evaluation.failed[0]
    # Taking a landmark away that counts for nothing changes nothing.
    assert evaluation.rank_without[0, :3].tolist() == [2, 2, 2]
    assert np.isnan(evaluation.rank_without[0, 3]) and removal(evaluation, [(0, 3)]) is None
    assert removal(evaluation, [(0, 0)]).other == 0
