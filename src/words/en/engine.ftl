# Planning and executing.
