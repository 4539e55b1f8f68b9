"""What a unit of work costs: device classes (equations), and the catalogue of parts (values with units and sources)."""
