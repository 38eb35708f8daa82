# The ledger and the state folder.
