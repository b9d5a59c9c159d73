"""The match by hand (Eq. 8), its other forms, and what each landmark contributes."""

from dataclasses import FrozenInstanceError

import pytest
import torch

from aonet_core.retrieval import FORMS, Embedding, landmark_share, similarity, similarity_blocks
from aonet_core.retrieval.similarity import Side, gallery_side, query_side

# One query and two pictures of two landmarks; cosines are 0.8 and 0 for the first, -1 and 1 then.
QUERY = Embedding(torch.tensor([[[3.0, 4.0], [0.0, 2.0]]]), torch.tensor([[0.5, 1.0]]))
GALLERY = Embedding(
    torch.tensor([[[0.0, 9.0], [5.0, 0.0]], [[-6.0, -8.0], [0.0, 0.1]]]),
    torch.tensor([[1.0, 0.2], [0.4, 0.6]]),
)
SHARES = {
    "eq8": [[0.5 * 0.8 / 2, 0.0], [-0.2 / 2, 0.6 / 2]],
    "normalised": [[0.5 * 0.8 / 0.7, 0.0], [-0.2 / 0.8, 0.6 / 0.8]],
    "unweighted": [[0.4, 0.0], [-0.5, 0.5]],
    "query_weighted": [[0.4 / 1.5, 0.0], [-0.5 / 1.5, 1 / 1.5]],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_by_hand(form):
    expected = torch.tensor([SHARES[form]])
    torch.testing.assert_close(landmark_share(QUERY, GALLERY, form), expected)
    torch.testing.assert_close(similarity(QUERY, GALLERY, form), expected.sum(dim=2))
    twice = QUERY[torch.tensor([0, 0])]
    paired = query_side(twice, form).paired_share(gallery_side(GALLERY, form))
    torch.testing.assert_close(paired, expected[0])


def test_the_form_as_printed_is_the_usual_one():
    torch.testing.assert_close(similarity(QUERY, GALLERY), similarity(QUERY, GALLERY, "eq8"))
    torch.testing.assert_close(
        landmark_share(QUERY, GALLERY), landmark_share(QUERY, GALLERY, "eq8")
    )
    torch.testing.assert_close(query_side(QUERY).vectors, query_side(QUERY, "eq8").vectors)
    torch.testing.assert_close(gallery_side(GALLERY).vectors, gallery_side(GALLERY, "eq8").vectors)
    (_, block), *_ = similarity_blocks(QUERY, GALLERY)
    torch.testing.assert_close(block, similarity(QUERY, GALLERY, "eq8"))


def test_weights_of_a_pair_sum_to_one_where_they_divide():
    twice = QUERY[torch.tensor([0, 0])]
    found = query_side(twice, "normalised").paired_weight(gallery_side(GALLERY, "normalised"))
    assert found.dtype == torch.float64
    expected = torch.tensor([[5 / 7, 2 / 7], [1 / 4, 3 / 4]], dtype=torch.float64)
    torch.testing.assert_close(found, expected, atol=1e-7, rtol=0)
    assert query_side(twice, "eq8").paired_weight(gallery_side(GALLERY, "eq8")) is None


def test_a_side_stays_where_it_is():
    elsewhere = Side(torch.empty(1, 2, 2, device="meta"), None)
    assert elsewhere.without([0]).vectors.device.type == "meta"


def test_forms_and_sides_stay_as_they_are():
    with pytest.raises(FrozenInstanceError):
        FORMS["eq8"].normalised = True
    with pytest.raises(FrozenInstanceError):
        query_side(QUERY).weights = None


def test_sides_of_different_forms_are_not_compared():
    divided, plain = query_side(QUERY, "normalised"), gallery_side(GALLERY, "eq8")
    for compare in (divided.compare, divided.share, divided.paired_share, divided.paired_weight):
        with pytest.raises(ValueError, match="different forms of the match cannot be compared"):
            compare(plain)


@pytest.mark.parametrize("form", FORMS)
def test_a_landmark_that_is_left_out_has_no_weight(form):
    one, other = query_side(QUERY, form).without([0]), gallery_side(GALLERY, form)
    expected = torch.tensor(SHARES[form])[:, 1]
    if FORMS[form].normalised:  # the other landmark is all that counts
        expected = torch.tensor([0.0, 1.0])
    torch.testing.assert_close(one.compare(other)[0], expected)
    assert not one.share(other)[:, :, 0].any()
    (_, block), *_ = similarity_blocks(QUERY, GALLERY, form, without=[0])
    torch.testing.assert_close(block[0], expected)
    unchanged = query_side(QUERY, form).without(())
    torch.testing.assert_close(unchanged.compare(other), similarity(QUERY, GALLERY, form))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_seen_and_features_of_no_length_are_alike_to_nobody(form):
    unseen = Embedding(QUERY.features, torch.zeros(1, 2))
    if form != "unweighted":
        assert similarity(unseen, GALLERY, form).tolist() == [[0.0, 0.0]]
        weight = query_side(unseen, form).paired_weight(gallery_side(GALLERY[:1], form))
        assert weight is None or weight.tolist() == [[0.0, 0.0]]
        paired = query_side(unseen, form).paired_share(gallery_side(GALLERY[:1], form))
        assert paired.tolist() == [[0.0, 0.0]]
    nowhere = Embedding(torch.zeros(1, 2, 2), QUERY.awareness)
    assert similarity(nowhere, GALLERY, form).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("form", FORMS)
def test_faint_features_and_weights_count_as_strong_ones(form):
    """Only directions and the relations of weights count, down to what single precision holds."""
    faint = Embedding(QUERY.features * 2.0**-30, QUERY.awareness)
    torch.testing.assert_close(similarity(faint, GALLERY, form), similarity(QUERY, GALLERY, form))
    if FORMS[form].normalised:
        pale = Embedding(QUERY.features, QUERY.awareness * 2.0**-20)
        expected = similarity(QUERY, GALLERY, form)
        torch.testing.assert_close(similarity(pale, GALLERY, form), expected)
        twice = torch.tensor([0, 0])
        paired = query_side(pale[twice], form).paired_share(gallery_side(GALLERY, form))
        torch.testing.assert_close(paired.sum(dim=1), expected[0])


def test_half_precision_is_compared_in_single():
    half = Embedding(QUERY.features.half(), QUERY.awareness.half())
    found = similarity(half, Embedding(GALLERY.features.half(), GALLERY.awareness), "normalised")
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, similarity(QUERY, GALLERY, "normalised"), atol=1e-3, rtol=0)


def test_embeddings_are_left_as_they_are():
    before = QUERY.features.clone(), QUERY.awareness.clone()
    for form in FORMS:
        similarity(QUERY, QUERY, form), landmark_share(QUERY, QUERY, form)
        query_side(QUERY, form).without([1])
    assert torch.equal(QUERY.features, before[0]) and torch.equal(QUERY.awareness, before[1])


def test_what_cannot_be_compared_is_refused():
    other = Embedding(torch.ones(1, 3, 2), torch.ones(1, 3))
    for compare in (similarity, landmark_share, lambda *each: next(similarity_blocks(*each))):
        with pytest.raises(ValueError, match=r"got \(2, 2\) and \(3, 2\)"):
            compare(QUERY, other)
        with pytest.raises(ValueError, match="form must be one of eq8, .*, got 'cosine'"):
            compare(QUERY, GALLERY, "cosine")
