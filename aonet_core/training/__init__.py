"""Training: recipes, the start of backbone and patterns, the loop."""

from typing import TYPE_CHECKING

from aonet_core.lazy import lazy_names

if TYPE_CHECKING:
    from aonet_core.training.fit import train as train
    from aonet_core.training.recipe import TrainingRecipe as TrainingRecipe
    from aonet_core.training.recipe import load_recipe as load_recipe

_SOURCES = {
    "TrainingRecipe": "aonet_core.training.recipe",
    "load_recipe": "aonet_core.training.recipe",
    "train": "aonet_core.training.fit",
}
__all__ = sorted(_SOURCES)
__getattr__ = lazy_names(__name__, _SOURCES)
