"""From features to rows: k distinct texts."""
