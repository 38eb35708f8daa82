# Planlegging og kjøring.
