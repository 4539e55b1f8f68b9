"""What a report's sliders move, and the equations behind them as JavaScript."""
