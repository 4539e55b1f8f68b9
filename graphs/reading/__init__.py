"""Networks from files and from other libraries, and back: network files, NIR, torch modules, the schema."""
