# Det `doctor` ser på, én linje for hver ting.

doctor-well = ok
doctor-warning = merk
doctor-ill = FEIL
doctor-unknown = ?
doctor-all-well = alt er klart for en kjøring
doctor-so-many-ill = { $ill ->
    [one] 1 ting må rettes før du kan kjøre
   *[other] { $ill } ting må rettes før du kan kjøre
 }
doctor-not-known-yet = ikke undersøkt: noe ovenfor må rettes først
doctor-network = nettverk
doctor-network-reached = { $origin } svarer, { $how }
doctor-network-encrypted = kryptert, uten proxy
doctor-network-loopback = på denne maskinen
doctor-network-proxy = kryptert, gjennom proxyen i { $variable }
doctor-network-not-reached = { $origin } svarer ikke: { $why }
doctor-network-again = prøv igjen; hjelper ikke det, står det i docs/networks.md hva som kan være i veien
doctor-clock = klokke
doctor-clock-right = går riktig, mindre enn et halvt minutt fra klokken i Altinn
doctor-clock-wrong = klokken på denne maskinen går { $by } feil; hos Altinn er den { $theirs }
doctor-clock-set = still klokken og tidssonen på maskinen: når klokken går feil, godtas ikke innloggingen
doctor-sign-in = innlogging
doctor-sign-in-not-needed = trengs ikke i sandkassen
doctor-somebody = en person eller virksomhet som tokenet ikke navngir
doctor-signed-in = { $who }, med { $by }
doctor-signed-in-until = { $who }, med { $by }; { $left } igjen
doctor-scopes = scopes
doctor-scopes-both = begge som en kjøring trenger, er på plass
doctor-scopes-unsaid = tokenet sier det ikke
doctor-scopes-missing = { $scopes } mangler
doctor-scopes-order = gi klienten begge scopene i Samarbeidsportalen, og logg inn på nytt
doctor-doors = API-er i Altinn
doctor-doors-first = jobben går gjennom det første API-et, klientdelegering
doctor-doors-second = jobben går gjennom det andre API-et, tilgangsstyring
doctor-doors-shut = ingen av dem er åpne for denne innloggingen
doctor-firm = virksomhet
doctor-firm-known = { $agents ->
    [one] Altinn kjenner { $firm }, med 1 systembruker
   *[other] Altinn kjenner { $firm }, med { $agents } systembrukere
 }
doctor-agent = systembruker
doctor-agent-there = { $agent } kan få klienter
doctor-agent-held = en annen kjøring er i gang med { $agent }
doctor-agent-held-todo = `fullmakt runs` viser hvordan den går; `fullmakt run JOBB --wait 2h` venter til den er ferdig
doctor-packages = tilgangspakker
doctor-packages-none = { $agent } ble godkjent uten tilgangspakke
doctor-packages-mixed = { $packages }: noen følger med en rolle i Enhetsregisteret, andre må klienten gi
doctor-packages-split = bare klienter som gir alle, kan delegeres; bruk heller én systembruker for hver sort
doctor-list = liste
doctor-list-clean = { $clients ->
    [one] 1 klient, alle rader kan brukes
   *[other] { $clients } klienter, alle rader kan brukes
 }
doctor-list-none = ingen: jobben tar alle klienter som er delegert nå
doctor-state = arbeidsmappe
doctor-state-new = { $folder } finnes ikke ennå; den første kjøringen lager den
doctor-state-room = { $folder } kan skrives i, og disken har plass
doctor-state-not = { $folder } kan ikke skrives i: { $error }
doctor-state-todo = rydd plass, eller oppgi en mappe du selv kan skrive i, med --state-dir MAPPE (eller FULLMAKT_STATE_DIR)
doctor-pace-title = tempo
doctor-pace = høyst { $rate }
doctor-pace-takes = { $clients ->
    [one] høyst { $rate }: 1 klient tar minst { $time }
   *[other] høyst { $rate }: { $clients } klienter tar minst { $time }
 }
doctor-runs = siste kjøringer
doctor-runs-none = ingen av denne jobben ennå
doctor-runs-last = { $run } fra { $at } er { $status }
doctor-runs-failing = { $last }{ $what }; ingen kjøring har gått bra siden { $since }
doctor-runs-clients-failed = { $clients ->
    [one] 1 klient feilet
   *[other] { $clients } klienter feilet
 }
doctor-runs-rows-not-used = { $rows ->
    [one] 1 rad kunne ikke brukes
   *[other] { $rows } rader kunne ikke brukes
 }
doctor-runs-todo = `fullmakt status { $run }` sier hvorfor, `fullmakt report { $run }` sier hvor rapportene ligger
doctor-notify = [notify]
doctor-notify-there = { $program } kan startes
doctor-notify-not = { $program } kan ikke startes, så ingen får vite hvordan en kjøring går: { $error }
doctor-notify-todo = oppgi et program som finnes og kan kjøres: med hele stien, relativt til jobbfilen, eller slik PATH finner det
doctor-report = [report]
doctor-report-there = { $folder } kan skrives i
doctor-report-todo = oppgi en annen mappe under [report]
