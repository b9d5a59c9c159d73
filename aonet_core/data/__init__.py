"""Data sets, transforms, identity-balanced batches and pasted occluders."""

from typing import TYPE_CHECKING

from aonet_core.lazy import lazy_names

if TYPE_CHECKING:
    from aonet_core.data.batches import Batch as Batch
    from aonet_core.data.batches import TrainingImages as TrainingImages
    from aonet_core.data.occluders import paste_occluder as paste_occluder
    from aonet_core.data.readers import read_dataset as read_dataset
    from aonet_core.data.sampler import IdentitySampler as IdentitySampler
    from aonet_core.data.samples import UNKNOWN_PID as UNKNOWN_PID
    from aonet_core.data.samples import DataSet as DataSet
    from aonet_core.data.samples import Sample as Sample
    from aonet_core.data.samples import check_images as check_images
    from aonet_core.data.specifications import SPECIFICATIONS as SPECIFICATIONS
    from aonet_core.data.transforms import preprocess as preprocess

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
