"""What was found, made to be shown: self-contained pages."""
