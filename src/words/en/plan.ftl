# A run on a terminal: the plan, the progress, the summary, history and comparison.
