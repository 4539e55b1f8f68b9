"""Who writes NIR files, one framework a file: its ``DIALECT``, and how it steps each of NIR's neurons (``NEURONS``)."""
