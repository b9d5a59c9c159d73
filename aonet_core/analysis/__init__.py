"""Is what the network says true? Measures against ground truth, and the figures of a set."""
