# Jobbfiler, årsaker og hva du kan gjøre.
