"""Everything about a gallery on disk: its table, features, index, building, listing, retention."""
