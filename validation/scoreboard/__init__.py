"""Predicted against measured: families of cases, predictions made first, measurements made second, both kept."""
