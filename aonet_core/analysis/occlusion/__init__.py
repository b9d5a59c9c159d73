"""What the network says while parts are hidden: sweeps, attributions, counterfactuals."""
