"""Trains on one or several processes: `python parallel_run.py DATA OUT DEVICES`.

Half a batch has other statistics than the whole, and torch has no synchronised batch norm on
processors, so that with batch norms the two could not agree: here they stand still. Adam divides
every gradient by its own size, and so makes rounding errors as large as learning: here plain
momentum takes its place. Everything else must then agree to rounding.
"""

import sys

from torch import nn
from torch.optim import SGD
from torchvision.ops import FrozenBatchNorm2d

from aonet_core.model import AONet
from aonet_core.training import TrainingRecipe, fit
from aonet_core.training.module import AONetTraining


def still(module):
    """Replace every batch norm below a module by one that neither learns nor measures."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            setattr(module, name, FrozenBatchNorm2d(child.num_features))
        else:
            still(child)
    return module


if __name__ == "__main__":
    data, out, devices = sys.argv[1:]
    recipe = TrainingRecipe(preset="aonet", data=data, epochs=1, identities=4, images=2, workers=0)
    changes = {
        "backbone": "resnet18",
        "image_size": [64, 32],
        "num_landmarks": 3,
        "logits": "cosine",
        "memory_weighting": "awareness",
        "learning_rate": 0.01,
    }
    fit.AONet = lambda config: still(AONet(config))
    AONetTraining.configure_optimizers = lambda module: SGD(
        module.parameters(), recipe.learning_rate, momentum=0.9
    )
    fit.train(
        recipe.change({**changes, "devices": int(devices), "precision": "32-true"}),
        out,
        validate=lambda model: {"mean_ap": float(model.memory.vectors.norm())},
        progress=False,
    )
