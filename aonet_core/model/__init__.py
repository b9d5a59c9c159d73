"""The network: backbone, landmark activation, memory, attention, presets, checkpoints."""

from aonet_core.lazy import lazy_names

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
