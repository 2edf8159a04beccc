"""What everything stands on: errors, seeds and streams, atomic files, text safety."""
