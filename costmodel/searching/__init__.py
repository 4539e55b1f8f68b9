"""Search: the designs that no other beats in every objective."""
