"""What a person wears and carries."""
