"""AONet, the attentional occlusion-aware network for occluded person re-identification."""

from aonet_core.lazy import lazy_names

__version__ = "0.1.0"

_SOURCES = {
    "AONet": "aonet_core.model.aonet",
    "AONetConfig": "aonet_core.model.config",
    "AONetOutput": "aonet_core.types",
    "load_checkpoint": "aonet_core.model.checkpoint",
    "preset": "aonet_core.model.config",
}
__all__ = sorted(_SOURCES)
__getattr__ = lazy_names(__name__, _SOURCES)
