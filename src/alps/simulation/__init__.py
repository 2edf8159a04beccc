"""Simulation: grids of data sets x strategies x seeds, with gold labels as the oracle."""
