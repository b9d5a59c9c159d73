"""What an engine answers, as plain NumPy: types alone, no torch, for front ends far away too."""
