"""What the numbers and maps mean, in the field's words; shown wherever they are."""

from __future__ import annotations

MEANING = {
    "without reference": "Response map without the average-response reference: softmax of the "
    "landmark's logits over all pixels. It always sums to 1, so a hidden landmark must light up "
    "somewhere else: a false alarm (Eq. 2).",
    "with reference": "Response map with the average response as one more competitor in the "
    "softmax. It sums to the awareness: a hidden landmark goes dark (Eq. 3).",
    "difference": "With minus without reference: what the reference took away. Zero is white, "
    "loss is blue.",
    "awareness β": "Occlusion awareness: how visible the landmark is, from 0 hidden to 1 visible. "
    "The sum of the response map with reference (Eq. 4). It weights the landmark in matching.",
    "best logit": "Largest similarity of any pixel of this picture to the landmark's pattern, "
    "before the softmax.",
    "average logit": "Similarity to the same pattern of the average feature remembered from "
    "training: the reference. A picture whose best logit stays below it has no pixel as typical "
    "as the average, and its awareness falls.",
    "true visibility": "Share of the landmark's response on the twin, the same render without the "
    "occluder, that the occluder leaves free, 0 to 1. Known for synthetic pictures only.",
    "hidden": "The occluder hides this landmark: its true visibility is below 0.3.",
    "response scale": "Share of the landmark's response on one pixel of the response map. One "
    "scale for all tiles of both pictures, never one each, so brightness can be compared.",
    "difference scale": "Difference of the two shares, centred on zero; one scale for all tiles.",
    "milliseconds": "Time the engine took for each picture: resize, network and response maps.",
}
