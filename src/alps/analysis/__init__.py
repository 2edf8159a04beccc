"""What can be said about texts, pools and batches once they are there: near duplicates, neighbours, maps."""
