"""What a network costs on a part: estimates, intervals, explanations, comparisons."""
