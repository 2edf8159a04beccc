"""From a pool to features: surprisal embeddings and encoder embeddings."""
