"""Timings side by side with plain scripts, in one run; results are kept with machine and date."""
