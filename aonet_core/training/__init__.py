"""Training: recipes, the start of backbone and patterns, the loop."""

from aonet_core.lazy import lazy_names

_SOURCES = {
    "TrainingRecipe": "aonet_core.training.recipe",
    "load_recipe": "aonet_core.training.recipe",
    "train": "aonet_core.training.fit",
}
__all__ = sorted(_SOURCES)
__getattr__ = lazy_names(__name__, _SOURCES)
