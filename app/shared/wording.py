"""What the numbers and maps mean, in the field's words; shown wherever they are."""

from __future__ import annotations

MEANING = {
    "without reference": "Response map without the average-response reference: softmax of the "
    "landmark's logits over all pixels. It always sums to 1, so an occluded landmark must light up "
    "somewhere else: a false alarm (Eq. 2).",
    "with reference": "Response map with the average response as one more competitor in the "
    "softmax. It sums to the awareness: an occluded landmark goes dark (Eq. 3).",
    "difference": "With minus without reference: what the reference took away. Zero is white, "
    "loss is blue.",
    "awareness β": "Occlusion awareness: how visible the landmark is, from 0 unseen to 1 seen, as "
    "the network takes it. "
    "The sum of the response map with reference (Eq. 4). It weights the landmark in matching.",
    "best logit": "Largest similarity of any pixel of this picture to the landmark's pattern, "
    "before the softmax.",
    "average logit": "Similarity to the same pattern of the average feature remembered from "
    "training: the reference. A picture whose best logit stays below it has no pixel as typical "
    "as the average, and its awareness falls.",
    "true visibility": "Share of the landmark's response on the twin, the same render without the "
    "occluder, that the occluder leaves free, 0 to 1. Known for synthetic pictures only.",
    "occluded": "In truth: what stands in front leaves less than 0.3 of this landmark free.",
    "partly": "In truth: partly occluded, 0.3 to 0.7 of this landmark is free.",
    "response scale": "Share of the landmark's response on one pixel of the response map. One "
    "scale for all tiles of both pictures, never one each, so brightness can be compared.",
    "difference scale": "Difference of the two shares, centred on zero; one scale for all tiles.",
    "milliseconds": "Time the engine took for each picture: resize, network and response maps.",
    "kept ready": "What the network said of these two samples before; it loads in the background "
    "for all others.",
    "change of β": "Awareness after hiding minus before.",
    "true hidden share": "Share of the landmark's response on the picture with nothing hidden that "
    "falls on pixels now hidden or cropped away, 0 to 1: what the network ought to notice. "
    "■ occluded above 0.7, ◧ partly from 0.3 on.",
    "network believes": "○ unseen where the awareness fell below 0.7 of what it was, else ● seen. "
    "✓ the truth agrees (■ occluded, or free), ✗ it does not; no sign where the landmark is "
    "partly occluded.",
    "similarity to itself": "Landmark's share of the similarity to the same picture with nothing "
    "hidden, before and after; the shares sum to the similarity.",
    "similarity to match": "Landmark's share of the similarity to the chosen gallery picture, "
    "before and after; the shares sum to the similarity.",
    "to itself, nothing hidden": "Similarity of the picture to itself before anything was hidden, "
    "in the form that the checkpoint was chosen with; a bar is split by landmark.",
    "to the gallery picture": "Similarity to the gallery picture chosen at the left, in the form "
    "that the checkpoint was chosen with; a bar is split by landmark.",
    "fall when hidden": "How much the number falls when a window around that place is hidden, in "
    "the number's own units: measured by occlusion, estimated by the gradients. Red: hiding it "
    "hurts; blue: hiding it helps. One scale for all methods, centred on zero.",
    "now": "The number for the picture as it is.",
    "all hidden": "The number with the whole picture hidden.",
    "ahead now": "Gallery pictures that are more similar than the match: its rank less one.",
    "ahead, all hidden": "The same with the whole picture hidden.",
    "unexplained": "What integrated gradients leave unexplained: all they give out, minus the "
    "number's fall when everything is hidden. The closer to zero, the better.",
    "time": "Time the engine took.",
    "margin": "Similarity of the best right match minus that of the best wrong one; below zero a "
    "wrong picture comes first.",
    "landmark shares": "The part of each landmark in the similarity, in its colour: the parts of a "
    "bar sum to the similarity exactly. Parts below zero hang below the line.",
    "cosine": "How alike the landmark's features are in both pictures, from -1 to 1, whatever "
    "their awareness.",
    "share": "The landmark's part in the similarity: its cosine times both awareness scores, as "
    "the form of the match weights them. The shares sum to the similarity.",
    "lead": "What the landmark adds to the lead of the right match over the wrong one: its cosines "
    "less the mean cosine of both matches, times its weight: a landmark that is alike in both adds "
    "nothing, whatever its weight. Above zero it speaks for the right match; all sum to the "
    "margin.",
    "without one landmark": "The whole gallery ranked again with one landmark's weight set to 0: "
    "who comes first, and where the match and the first right match stand then.",
    "CMC": "Cumulative matching characteristic: the share of queries with a right match among the "
    "first so many ranks.",
    "similarities of all pairs": "Similarities of all queries to all gallery pictures that "
    "count: of the same person and of others, each kind as a density of its own. At the threshold "
    "one pair of others in a hundred is as similar or more.",
    "causes of failure": "Why queries failed, as a share of all failures, with a 95 % bootstrap "
    "interval. Every cause is a rule on the query's own numbers; the first that holds counts.",
    "rank-1": "Share of queries with a right match in first place.",
    "rank-5": "Share of queries with a right match among the first five.",
    "rank-10": "Share of queries with a right match among the first ten.",
    "mAP": "Mean over queries of the average precision, step form.",
    "mINP": "Mean over queries of the number of right matches over the rank of the last one.",
    "failures": "Queries that have a right match in the gallery and another picture before it.",
    "no valid match": "Queries with no picture of the same person by another camera; they are "
    "left out of all averages.",
    "change of mAP": "Mean change of average precision with its 95 % bootstrap interval over "
    "queries, in percentage points.",
    "change of rank-1": "Change of rank-1 with its 95 % bootstrap interval over queries, in "
    "percentage points.",
    "won": "Queries whose average precision rises.",
    "lost": "Queries whose average precision falls.",
    "same": "Queries whose average precision stays.",
    "mean map": "Mean response map with reference over the gallery, on the mean picture. One scale "
    "for all landmarks, ending at the largest value of any.",
    "where it peaks": "Body part under the landmark's peak, as a share of the whole gallery "
    "pictures (nothing in front), from the masks; background where that covers more.",
    "awareness, all pictures": "Pictures of the gallery and of the queries kept with it by the "
    "landmark's awareness β, with nothing in front and occluded.",
    "most excited": "Pictures in which the landmark answers most strongly: the largest sum of the "
    "exponentials of its logits, by which its awareness grows. The number is β.",
    "least excited": "Pictures in which the landmark answers least: mostly those that hide it. The "
    "number is β.",
    "landmark patterns": "What the network looks for: the trained patterns. Zero is apart, 1 the "
    "same.",
    "remembered features": "What the network remembers of each landmark from training: the rows of "
    "its memory (Eq. 1).",
    "mean features": "What the landmarks see: the directions of their retrieval features, averaged "
    "over the gallery. Alike means that they tell the same of people.",
    "patterns and memory": "Every pattern, by rows, against every remembered feature. The diagonal "
    "is what a picture's best pixel has to beat: the average response.",
    "awareness AUROC": "Of telling occluded from visible landmarks by how much awareness they keep "
    "beside the twin; 0.5 is chance, 1 perfect.",
    "false alarms": "Response of occluded landmarks that lies on other body parts, without → with "
    "the average-response reference.",
}
