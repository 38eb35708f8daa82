# Job files, causes, and what to do about them.
