"""The device classes, one file each; a part file names its class by the file's name."""

import importlib
import pkgutil

from devices.device import Device
from graphs.errors import InputError, nearest


def device_class(name: str) -> type[Device]:
    """The device class in the file of that name.

    Raises:
        InputError: there is no such class.
    """
    known = [found.name for found in pkgutil.iter_modules(__path__)]
    if name not in known:
        raise InputError(f"there is no device class '{name}'", mend=nearest(name, known))
    return importlib.import_module(f"{__name__}.{name}").DEVICE
