# Det `init` spør om, og kommentarene i jobbfilen den skriver.

init-interrupted = stoppet
init-nothing-is-written = du svarte ikke på alle spørsmålene, så ingenting er skrevet
init-as-said-by = som { $flag } sier
init-no-terminal-and-missing = { $count ->
    [one] her er det ingen å spørre, og { $flags } mangler
   *[other] her er det ingen å spørre, og disse mangler: { $flags }
 }
init-help-shows-the-flags = `fullmakt init --help` viser valget for hvert svar
init-not-one-of = { $typed } er ikke blant dem: skriv et tall fra { $least } til { $most }, eller { $names }
init-one-to-three = 1, 2 eller 3
init-one-to-three-or-an-address = 1, 2 eller 3, eller en adresse
init-one-of-so-many = { $most ->
    [one] Nummeret
   *[other] Et tall fra 1 til { $most }
 }
init-no-such-kind = { $kind } er ingen type jobb: skriv delegate, remove, manifest, reconcile eller refresh
init-moves = en jobb av typen { $kind } er mellom to systembrukere: docs/jobs/migrate.md har en jobbfil for det
init-no-such-folder = mappen { $folder } finnes ikke
init-there-is-a-file = { $file } finnes fra før
init-there-is-a-file-to-do = velg et annet navn, eller skriv over filen med --force
init-another-name = Et annet navn, eller j for å skrive over den
init-environment =
    Hvilket Altinn gjelder det?
      1  prod      det virkelige
      2  tt02      testmiljøet til Altinn
      3  sandbox   for å øve: innebygd, og ingenting forlater denne maskinen
init-firm = Organisasjonsnummeret til virksomheten
init-answer-is-wrong = { $typed }: { $why }
init-method =
    Hvordan logger du inn i Altinn?
      1  id-porten      selv, i nettleseren, med BankID eller lignende
      2  maskinporten   en server, uten noen til stede
      3  token          med et Altinn-token du har
init-client-id-of-id-porten = ID-en til ID-porten-klienten, fra Samarbeidsportalen
init-client-id-of-maskinporten = ID-en til Maskinporten-klienten, fra Samarbeidsportalen
init-redirect-uri = Der nettleseren ender etter innloggingen: https-adressen som er registrert for klienten
init-issuer = Adressen til ID-porten der (issuer)
init-token-endpoint = Adressen der Maskinporten tar imot forespørsler om token
init-key = Den private nøkkelen til klienten: dra filen hit, eller skriv stien
init-key-if-any = Den private nøkkelen til klienten: dra filen hit, eller skriv stien (Enter: klienten har ingen)
init-kid = ID-en til nøkkelen (kid), slik Samarbeidsportalen viser den
init-token = Hvor tokenet er: en fil, eller navnet på en miljøvariabel
init-token-is-neither = { $typed } er ingen fil, og ingen miljøvariabel som er satt: skriv hvor tokenet er, ikke selve tokenet
init-asking-altinn = Slår opp virksomheten og systembrukerne i { $environment } …
init-firm-is = { $number } er { $name }
init-no-such-firm = Altinn kjenner ikke { $number } i { $environment }: er det virksomhetens eget nummer, og er det riktig Altinn?
init-firm-known = { $number } finnes der
init-agent = Hvilken systembruker skal få klientene?
init-agents-left-out = { $others ->
    [one] 1 til kan ikke ha klienter; `fullmakt agents JOB` sier hvorfor
   *[other] { $others } til kan ikke ha klienter; `fullmakt agents JOB` sier hvorfor
 }
init-no-system-users = { $others ->
    [0] virksomheten har ingen systembrukere
    [one] virksomheten har 1 systembruker, og den kan ikke ha klienter
   *[other] virksomheten har { $others } systembrukere, og ingen av dem kan ha klienter
 }
init-no-system-users-to-do = leverandøren av systemet ber om en systembruker for klientforhold, og noen i virksomheten godkjenner den i Altinn; begynn så på nytt her
init-not-looked-up = 
    Da vet vi ikke hvilke systembrukere som finnes. Hva nå?
      1  again     prøv en gang til
      2  sign-in   velg innlogging på nytt
      3  write     skriv jobbfilen likevel; du skriver inn UUID-en til systembrukeren
init-not-that-agent = { $typed } går ikke: { $why }
init-agent-by-uuid = UUID-en til systembrukeren
init-no-uuid = { $typed } er ingen UUID, slik som 1b6cea43-f499-4aae-a633-51cf542795af
init-list = Klientlisten: dra filen hit, eller skriv stien
init-list-if-any = Klientlisten: dra filen hit, eller skriv stien (Enter: alle klienter som er delegert)
init-column = Overskriften på kolonnen med organisasjonsnumre (Enter: en annen liste)
init-each-row-says = { $column } sier hva som skal gjøres i hver rad
init-bad-rows = { $rejected ->
    [one] 1 av { $rows } rader kan ikke brukes
   *[other] { $rejected } av { $rows } rader kan ikke brukes
 }
init-bad-rows-to-do = `fullmakt check LISTE` viser alle, og --fix retter det som kan rettes; en kjøring krever at de er rettet, eller --skip-invalid
init-another-list = En annen liste, eller Enter for å bruke denne
init-a-name-that-is-no-text = navnet på { $file } kan ikke stå i en jobbfil: gi filen et annet
init-written = { $file } er skrevet
init-next-correct = { $rows ->
    [one] 1 rad i listen kan ikke brukes: rett den, eller gå videre uten den med --skip-invalid (den står da i feilrapporten)
   *[other] { $rows } rader i listen kan ikke brukes: rett dem, eller gå videre uten dem med --skip-invalid (de står da i feilrapporten)
 }
init-next-plan = neste: `fullmakt plan { $job }` viser hva som ville blitt gjort, og endrer ingenting
init-next-login = neste: `fullmakt login { $job }` logger deg inn, og så viser `fullmakt plan { $plan }` hva som ville blitt gjort
init-next-doctor = neste: `fullmakt doctor { $job }` undersøker alt jobben trenger, og sier hva som mangler
init-now = Vil du svare på noen spørsmål og få laget en jobbfil nå? (j/n)
init-press-enter = Trykk Enter for å lukke vinduet

init-file-made = Laget av `fullmakt init`. Alle nøklene som finnes: docs/job-file.md
init-file-plan = viser hva som ville blitt gjort; endrer ingenting
init-file-run = utfører det, men spør først
init-file-name = det kjøringene av jobben lagres under
init-file-kind = eller remove, manifest, reconcile, refresh
init-file-manifest = klientlisten
init-file-column = overskriften på organisasjonsnumrene
init-file-sheet = arket i arbeidsboken
init-file-environment = prod, tt02, sandbox eller en adresse
init-file-facilitator = virksomheten
init-file-agent = systembrukeren som får klientene
init-file-id-porten = en person: `fullmakt login { $job }` først
init-file-maskinporten = en server, uten noen til stede
init-file-token = et eget Altinn-token
init-file-client-id = fra Samarbeidsportalen
init-file-rate = det meste som sendes; går saktere av seg selv
init-file-reports = kopier av rapportene, ved siden av denne filen
init-file-folder-of-reports = rapporter
