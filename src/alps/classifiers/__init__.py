"""Classifiers: what is trained on labelled texts, and looked through by warm strategies."""
