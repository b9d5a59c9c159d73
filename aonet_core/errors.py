"""What can be wrong with a gallery."""


class GalleryError(ValueError):
    """A gallery cannot be used as asked; the message is fit to be shown."""


class GalleryBusy(GalleryError):
    """Somebody else is writing to the gallery."""
