"""The network: backbone, landmark activation, memory, attention, presets, checkpoints."""

from typing import TYPE_CHECKING

from aonet_core.lazy import lazy_names

if TYPE_CHECKING:
    from aonet_core.model.aonet import AONet as AONet
    from aonet_core.model.checkpoint import find_checkpoint as find_checkpoint
    from aonet_core.model.checkpoint import load_checkpoint as load_checkpoint
    from aonet_core.model.checkpoint import read_card as read_card
    from aonet_core.model.checkpoint import save_checkpoint as save_checkpoint
    from aonet_core.model.config import PRESETS as PRESETS
    from aonet_core.model.config import AONetConfig as AONetConfig
    from aonet_core.model.config import preset as preset

_SOURCES = {
    "AONet": "aonet_core.model.aonet",
    "AONetConfig": "aonet_core.model.config",
    "PRESETS": "aonet_core.model.config",
    "find_checkpoint": "aonet_core.model.checkpoint",
    "load_checkpoint": "aonet_core.model.checkpoint",
    "preset": "aonet_core.model.config",
    "read_card": "aonet_core.model.checkpoint",
    "save_checkpoint": "aonet_core.model.checkpoint",
}
__all__ = sorted(_SOURCES)
__getattr__ = lazy_names(__name__, _SOURCES)
