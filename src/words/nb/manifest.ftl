# Det som er galt med en klientliste.
