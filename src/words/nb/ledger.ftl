# Kjøreloggen og mappen den ligger i.
