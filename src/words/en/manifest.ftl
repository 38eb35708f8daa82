# What is wrong with a client list.
