"""Torch modules as they run: what was called is recorded, time loops are folded, and a network document is made of it."""
