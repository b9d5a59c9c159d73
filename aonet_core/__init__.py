"""AONet, the attentional occlusion-aware network for occluded person re-identification."""

from typing import TYPE_CHECKING

from aonet_core.lazy import lazy_names

if TYPE_CHECKING:
    from aonet_core.model.aonet import AONet as AONet
    from aonet_core.model.checkpoint import load_checkpoint as load_checkpoint
    from aonet_core.model.config import AONetConfig as AONetConfig
    from aonet_core.model.config import preset as preset
    from aonet_core.types import AONetOutput as AONetOutput

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
