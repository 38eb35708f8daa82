# What is said of Altinn, of its answers and of signing in.
