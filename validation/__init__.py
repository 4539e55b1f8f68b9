"""The truth: reference runner, learning rules, benchmarks, noise, and predicted against measured."""
