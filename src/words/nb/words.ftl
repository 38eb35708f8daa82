# Det operativsystemet nekter.

words-os-not-found = filen eller mappen finnes ikke
words-os-permission-denied = ingen tilgang
words-os-already-exists = det finnes allerede noe med det navnet
words-os-is-a-folder = det er en mappe
words-os-is-no-folder = en del av stien er ikke en mappe
words-os-disk-full = disken er full
words-os-quota-exceeded = denne brukerens del av disken er brukt opp
words-os-file-too-large = filen er større enn den kan være
words-os-read-only = disken kan bare leses
words-os-invalid-name = et slikt filnavn er ikke tillatt
words-os-address-in-use = et annet program bruker den
words-os-make-the-folder = lag mappen først, eller oppgi en annen
words-os-may-you-write = har denne brukeren lov til å skrive der? En systemd-tjeneste har det bare der unit-filen sier det (ReadWritePaths, ProtectHome)
words-os-may-you-write-windows = er filen åpen i et annet program, så lukk den der; eller har denne brukeren ikke lov til å skrive der?
words-os-make-room = rydd plass på den disken
words-os-name-another = oppgi et annet navn
