"""What files may say: fields with units, families of settings, and how a finding becomes one line."""
