"""Tables about the networks: what they cost, and what each part of them is worth."""
