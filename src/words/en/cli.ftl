# The command line: questions, notes, errors and what to do.
