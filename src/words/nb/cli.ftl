# Kommandolinjen: spørsmål, merknader, feil og hva du kan gjøre.
