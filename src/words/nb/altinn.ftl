# Det som sies om Altinn, svarene derfra og innlogging.
