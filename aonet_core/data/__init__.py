"""Data sets, transforms, identity-balanced batches and pasted occluders."""

from aonet_core.lazy import lazy_names

_SOURCES = {
    "Batch": "aonet_core.data.batches",
    "DataSet": "aonet_core.data.samples",
    "IdentitySampler": "aonet_core.data.sampler",
    "SPECIFICATIONS": "aonet_core.data.specifications",
    "Sample": "aonet_core.data.samples",
    "TrainingImages": "aonet_core.data.batches",
    "UNKNOWN_PID": "aonet_core.data.samples",
    "check_images": "aonet_core.data.samples",
    "paste_occluder": "aonet_core.data.occluders",
    "preprocess": "aonet_core.data.transforms",
    "read_dataset": "aonet_core.data.readers",
}
__all__ = sorted(_SOURCES)
__getattr__ = lazy_names(__name__, _SOURCES)
