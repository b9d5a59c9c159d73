"""The naked body: its shape, and how it walks."""
