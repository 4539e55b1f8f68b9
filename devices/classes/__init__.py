"""The device classes, one file each with a ``DEVICE``; a part file names its class by the file's name."""
