"""What disturbs a network as it runs: noise on its parts, and weights as arrays of memristors apply them."""
