"""SynthPed: synthetic pedestrians whose occlusion is known to the pixel."""
