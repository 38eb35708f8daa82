# Hjelpetekstene. De engelske står i koden, ved siden av argumentene.

help-fullmakt =
    Gir systembrukere tilgang til klienter i Altinn, tusenvis på én gang, og tar den tilbake.

    En liste (en CSV-fil eller en arbeidsbok med organisasjonsnumre) og en jobbfil (TOML) sier hva som skal gjøres. `plan` viser hva en kjøring ville gjort, `run` gjør det, `resume` fortsetter etter et avbrudd, `retry` prøver på nytt det som feilet.

    Sluttkoder: 0 alt som bestilt; 1 noen klienter feilet, se rapporten; 2 ingenting ble sendt; 3 stoppet før den var ferdig eller kunne ikke begynne, `resume` fortsetter en kjøring som var begynt; 4 en annen kjøring holder systembrukeren; 5 feil på maskinen eller i programmet; 130 avbrutt.
help-after =
    Første steg:
      fullmakt check klienter.csv        er klientlisten i orden? (uten nett)
      fullmakt init                      svar på noen spørsmål, og få en jobbfil
      fullmakt plan onboarding.toml      hva ville blitt gjort, og hvor lang tid tar det
      fullmakt run onboarding.toml       gjør det
      fullmakt resume                    fortsett etter Ctrl-C, strømbrudd eller nedetid

    En jobbfil:
      name = "onboarding"
      kind = "delegate"                  # eller remove; eller manifest: kolonnen `handling` sier hva
      manifest = "klienter.csv"          # i forhold til jobbfilen
      {"["}altinn]
      environment = "sandbox"            # eller tt02, prod; de trenger [auth]
      facilitator = "314250052"          # organisasjonsnummeret til virksomheten
      agent = "1b6cea43-f499-4aae-a633-51cf542795af"
      # [auth]
      # method = "id-porten"             # en person: `fullmakt login JOB` først
      # client_id = "..."                # eller maskinporten (ubetjent), eller token
      # [pace]
      # rate = "5/s"                     # standard

## Valg for alle kommandoer

help--ledger = Kjøreloggen for flere maskiner, på en tjener, i stedet for filen i datamappen
help--state-dir = Hvor kjøringene lagres [standard: datamappen på denne maskinen]
help--format = Hvordan svaret på stdout ser ut
help--format-text = For mennesker
help--format-json = Ett JSON-dokument
help--color = Om meldinger skal ha farger; NO_COLOR følges
help--color-auto = På en skjerm, med mindre NO_COLOR er satt
help--color-always = Alltid
help--color-never = Aldri
help--lang = Språket i alt som mennesker leser [standard: maskinens]
help--lang-en = Engelsk
help--lang-nb = Norsk (bokmål)
help--log = Hvordan meldinger og fremdrift på stderr ser ut
help--log-text = For mennesker
help--log-json = Ett JSON-objekt per linje: at, level, message og flere felter
help--verbose = Si hva som gjøres
help--quiet = Vis ingen fremdrift og ingen merknader

## Valg og argumenter i flere kommandoer

help-arg-job = Jobbfilen
help-arg-run = Kjøringens ID eller begynnelsen av den [standard: den nyeste, når mappen har kjøringer av én jobb]
help--job = Den nyeste kjøringen av jobben med dette navnet
help--yes = Ikke spør; svar ja
help--skip-invalid = Kjør resten selv om noen rader ikke kan leses; de radene kommer i feilrapporten
help--wait = Vent så lenge (for eksempel "30min") på at en annen kjøring på systembrukeren blir ferdig, i stedet for sluttkode 4 med én gang
help--metrics = Skriv hvordan det gikk til denne filen, for Prometheus; også når ingenting ble sendt

## Kommandoene

help-check =
    Les en klientliste og si hva som er galt med den, uten nett

    Sluttkode 0 når alle rader kan brukes, ellers 2; med --fix gjelder det den rettede listen.
help-check-manifest = Listen: en CSV-fil eller en arbeidsbok (xlsx, xls, ods) med et organisasjonsnummer i hver rad
help-check--column = Overskriften på kolonnen med klientenes organisasjonsnumre, som `column` i jobben
help-check--sheet = Arket i arbeidsboken, som `sheet` i jobben
help-check--fix = Skriv listen på nytt til denne filen (.csv eller .xlsx): det som kan rettes, er rettet, resten er som det var

help-plan = Les Altinn og vis hva en kjøring ville gjort; endrer ingenting
help-plan--out = Skriv planen til denne filen (.csv eller .xlsx), en rad for hver klient

help-run =
    Planlegg, spør, utfør, rapporter

    Sender én forespørsel per klient i jobbens tempo, prøver på nytt det som ikke fikk svar, bekrefter alt ved å lese listen i Altinn på nytt, og skriver failures.csv, som selv kan brukes som liste. Ctrl-C stopper; `fullmakt resume` fortsetter.
help-run--resume-previous = Når forrige kjøring av jobben ble avbrutt eller stoppet: en migrate, refresh eller undo fullføres først; enhver annen kjøring avklares ut fra listene i Altinn og erstattes, og dagens liste planlegges på nytt
help-run--allow-removals = Slipp denne ene kjøringen forbi [guard] removals, hvis planen fjerner nøyaktig så mange klienter
help-run--allow-additions = Slipp denne ene kjøringen forbi [guard] additions, hvis planen delegerer nøyaktig så mange klienter
help-run--allow-other-names = Send også rader der navnet hører til en annen klient enn nummeret, denne ene gangen. N er hvor mange navn i listen som er andre enn i Altinn, slik planen sier: stemmer ikke tallet, sendes ingen av dem

help-resume =
    Fortsett en kjøring som ble avbrutt eller stoppet

    Leser listen i Altinn på nytt og avklarer det som var underveis, før noe sendes. Klienter som en senere kjøring har avklart på samme systembruker, blir stående slik den etterlot dem.
help-resume--yes = Fortsett uten å spørre, selv om listen eller jobbfilen er endret siden

help-retry =
    En ny kjøring av det som feilet og kan prøves på nytt

    Det Altinn har avslått for godt, er ikke med: rett det opp først, og kjør så feilrapporten som liste.

help-undo =
    En ny kjøring som reverserer det en kjøring endret

    Det som var slik før kjøringen, blir stående. Planen lages av listene i Altinn nå, vises og spørres om; en angring kan selv angres. Klienter som ble flyttet, går tilbake til den gamle systembrukeren først, og forlater så den nye.
help-undo--dry-run = Vis hva som ville blitt gjort, og gjør ingenting

help-verify =
    Sammenlign Altinn nå med det kjøringen etterlot

    Leser listene til systembrukeren på nytt. Sluttkode 0: alt er slik kjøringen etterlot det; 1: noe er annerledes. Det en senere kjøring har endret på samme systembruker, nevnes med den kjøringen og regnes ikke som forskjell.
help-verify--csv = Skriv ut forskjellene som en liste med kolonnen `action`, som en jobb av typen "manifest" retter dem med

help-runs = Alle kjøringer, den nyeste først

help-status = Antall, tempo og gjenstående tid for én kjøring; også mens den pågår

help-report =
    Skriv rapportene fra kjøringen på nytt

    report.html viser kjøringen, for mennesker; done.csv har alle klienter som er som bestilt, og failures.csv alle som feilet, i listens egne kolonner: den er selv en liste. Var listen en arbeidsbok, finnes også done.xlsx og failures.xlsx.
help-report--open = Vis report.html i nettleseren

help-history =
    Hvordan det står til med én klient, og alt som er kjent om den; uten nett

    Sluttkode 1 når kjøreloggen ikke vet noe om klienten.
help-history-org = Klientens organisasjonsnummer, skrevet på hvilken som helst måte; eller part-UUID for en privatperson
help-history--support = Skriv ut det Altinns brukerservice spør om: hver forespørsel med tid i UTC, status, kode og sporings-ID
help-history--now = Spør Altinn først, innlogget slik denne jobbfilen sier: hvilke av virksomhetens systembrukere kan handle for klienten nå, og med hva

help-access =
    Hvem kan handle for hvem nå, med hvilke tilgangspakker, og hva mangler

    Leser listene i Altinn for hver systembruker for klientforhold. Tilgangspakkene vises der API-et for tilgangsstyring er åpent for innloggingen.
help-access-organisations = Organisasjonsnumre til klienter; alle klienter når ingen er oppgitt
help-access--csv = Skriv ut én rad for hver klient og systembruker, som CSV

help-agents = Systembrukerne til virksomheten, med tilgangspakkene deres
help-agents-job = Jobbfilen; `agent` i den trenger ikke være riktig ennå, bare en UUID

help-clients =
    Klientene som er delegert nå, som en liste

    Privatpersoner har ikke organisasjonsnummer, så de kan ikke stå i en liste: antallet vises på stderr, og personene med `--format json`.
help-clients--available = Alle som kan delegeres, også de som er delegert allerede
help-clients--out = Skriv dem til denne filen (.csv eller .xlsx) med kolonnen `action`: bytt keep med delegate eller remove der det er ønsket, og gi filen til en jobb av typen manifest

help-login =
    Logg inn med ID-porten, som person

    Åpner nettleseren, og viser adressen for dem som ikke har noen. Innloggingen lagres i operativsystemets nøkkelring, eller, der det ikke finnes noen, i en fil som bare du kan lese, for alle jobber med samme klient.
help-login-job = Jobbfilen; [auth] i den sier method = "id-porten"
help-login--no-browser = Bare vis adressen

help-logout = Avslutt innloggingen med ID-porten: trekk den tilbake, og slett den fra denne maskinen
help-logout-job = Jobbfilen; [auth] i den sier method = "id-porten"

help-whoami =
    Si hvem som er innlogget, med hvilke scopes, hvor lenge, og hvilke API-er som er åpne

    Logger først inn der det ikke trengs noen person (Maskinporten). Sluttkode 3 når en kjøring ikke ville kommet i gang: et scope mangler, eller ingen av API-ene den trenger, er åpne.

help-fleet =
    Utfør jobbene til mange virksomheter i ett tempo

    En flåtefil (TOML) sier hva alle virksomhetene har felles, en virksomhetsliste (CSV eller arbeidsbok) hva som er forskjellig: virksomheten, systembrukeren, jobbtypen og klientlisten. docs/fleet.md viser begge.
help-arg-fleet = Flåtefilen
help--firm = Bare denne virksomheten
help-fleet-plan =
    Kontroller hver rad i virksomhetslisten, les Altinn, og vis hva som skal gjøres; endrer ingenting

    Sluttkode 1 når jobben til en virksomhet ikke ville blitt utført, eller Altinn ikke kan leses for den, 2 når rader i virksomhetslisten er feil.
help-fleet-plan--offline = Les bare virksomhetslisten og klientlistene; Altinn spørres ikke
help-fleet-work =
    Utfør det som står for tur, side om side i ett tempo, til noen sier stopp

    Jobben til hver virksomhet utføres nøyaktig slik `fullmakt run --yes --resume-previous` gjør det; det som er i veien for én, er ikke i veien for andre. Ctrl-C og SIGTERM stopper: det som er underveis, besvares og lagres, og neste `fleet work` fortsetter. Hver jobb utføres én gang i hvert tidsrom, eller én gang om dagen når flåten ikke har noe tidsrom.
help-fleet-work--until-done = Avslutt når ingenting står for tur lenger, eller når tidsrommet er over
help-fleet-work--metrics = Når arbeidet for natten er over, skriv hvordan det gikk til denne filen, for Prometheus: alle virksomheter til sammen, og hver av dem
help-fleet-status = Hvordan det går i natt: hvor mange jobber som står for tur, er underveis, er utført eller ikke kunne utføres, og hva noen må se på
help-fleet-status--html = Skriv det til denne filen også, som en side for mennesker, virksomhet for virksomhet
help-fleet-hold =
    Send ikke mer for noen virksomhet, eller for én, før den får fortsette

    En flåte i arbeid stanser innen et sekund: det som er underveis, besvares og lagres, og ingenting avsluttes. Den fortsetter der den var, med `fullmakt fleet release`.
help-fleet-hold--reason = Hvorfor, for dem som leser `fleet status`
help-fleet-release =
    La alle virksomheter fortsette, eller én

    Når alle får fortsette, gjelder det også dem som var satt på vent hver for seg.

help-prune =
    Slett gamle kjøringer fra kjøreloggen, så den holder seg liten

    Den siste kjøringen av en jobb, en kjøring som ikke er ferdig, og en kjøring som en beholdt kjøring viser til, slettes aldri. Det som slettes, er borte fra `history`, `verify` og `undo`; det som ligger i Altinn, røres ikke.
help-prune--keep = Behold kjøringer som ble ferdige innen så lenge, for eksempel "400d"

help-backup =
    Kopier kjøreloggen til en fil, også mens en kjøring pågår

    Kopien er hel og fra ett øyeblikk. Skal den brukes, legges den i stedet for ledger.db i en mappe der ingenting kjører.
help-backup-file = Filen som skal lages; den må ikke finnes fra før

help-completions =
    Skriv ut et skript som fullfører kommandoer og valg i skallet ditt

    bash: `fullmakt completions bash > ~/.local/share/bash-completion/completions/fullmakt`

    PowerShell: legg `fullmakt completions powershell | Out-String | Invoke-Expression` i filen som $PROFILE peker på.
help-completions-shell = Skallet
help-completions-shell-bash = Bash
help-completions-shell-zsh = Zsh
help-completions-shell-fish = Fish
help-completions-shell-powershell = PowerShell

help-man =
    Skriv manualsidene til en mappe

    Én side for programmet og én for hver kommando, av de samme tekstene som --help, på språket som gjelder.
help-man-folder = Mappen, som lages hvis den mangler

help-request =
    Be virksomheter om systembrukerne som handler for klientene deres, én virksomhet eller hundrevis

    For leverandører. En leverandørfil (TOML) sier hva det bes om; en virksomhetsliste (CSV eller arbeidsbok) sier hvem. Hver virksomhet får en lenke, som noen der godkjenner i Altinn; ingen får beskjed, så `status` ser etter. docs/requests.md viser alt.
help--vendor = Leverandørfilen
help-request-create =
    Be virksomheter om systembrukeren: ser hva som finnes, viser planen, spør, og skriver lenkene

    Ingen blir spurt to ganger: kjør samme kommando igjen for å fortsette etter et avbrudd. En virksomhet som har avvist, eller ikke svart på 180 dager, får være uten --again.
help-request-create-list = Virksomhetslisten: en CSV-fil eller arbeidsbok med en kolonne med organisasjonsnumre
help-request-create--external-ref = Referansen til disse forespørslene, for en systembruker til av samme system; i stedet for den i leverandørfilen
help-request-create--again = Spør på nytt der det ikke ble noe av forespørselen (avvist, avslått, for gammel, trukket tilbake, systembrukeren slettet siden)
help--dry-run = Vis planen, og endre ingenting
help-request-create--out = Mappen til lenkene [standard: requests/NAVN i arbeidsmappen]
help-request-more-packages =
    Be virksomheter om en systembruker med andre pakker, og forbered flyttingen av klientene til den

    En systembruker for klienter kan ikke få flere pakker. Veien er en ny, som det bes om med egen referanse og de pakkene som står i leverandørfilen nå; når en virksomhet har godkjent den, skriver `request status` jobben som flytter klientene.
help-request-more-packages-list = Virksomhetslisten: en CSV-fil eller arbeidsbok med en kolonne med organisasjonsnumre
help-request-more-packages--external-ref = Referansen til de nye systembrukerne, for eksempel lonn-2027
help-request-more-packages--from-ref = Referansen til dagens [standard: leverandørfilens, eller virksomhetens nummer]
help-request-more-packages--again = Trekk tilbake forespørsler med den nye referansen som det ikke ble noe av, og spør på nytt
help-request-more-packages--out = Mappen til lenkene [standard: requests/NAVN i arbeidsmappen]
help-request-status =
    Se i Altinn hvordan det står til med virksomhetene, finn de nye systembrukerne, og skriv jobbene til dem som er klare

    Hvor de skrives, sier `[ready]` i leverandørfilen: en jobbfil for hver virksomhet, eller rader i virksomhetslisten til en flåte.
help-request-status-list = Virksomhetslisten, når ikke alle er ment
help-request-status--lists = Skriv klientlistene jobbene mangler, med klientene hver virksomhet kan gi; les dem før du kjører jobbene
help-request-status--wait = Se etter igjen og igjen til alle virksomhetene har svart, eller til Ctrl-C
help-request-status--every = Hvor lang tid det går mellom to ganger, minst ett minutt
help-request-status--no-jobs = Skriv ingen jobber for virksomheter som er klare
help-request-list = Hvordan det sto til sist Altinn ble spurt; spør ikke Altinn om noe
help-request-list-list = Virksomhetslisten, når ikke alle er ment
help-request-links =
    Skriv lenkene til virksomheter som ikke har svart: en liste til utskriftsfletting, og en side for hver med en kode til telefonen

    Med en virksomhetsliste står dens egne kolonner (e-postadresse, navn) ved siden av lenkene. En lenke åpner en virksomhets forespørsel, så filene er bare dine. Spør ikke Altinn om noe.
help-request-links-list = Virksomhetslisten, når ikke alle er ment, eller når kolonnene dens skal være med
help-request-links--out = Mappen [standard: requests/NAVN i arbeidsmappen]
help-request-withdraw =
    Trekk forespørsler tilbake: lenkene deres virker ikke lenger

    En systembruker som en virksomhet har godkjent, blir ikke berørt; bare virksomheten kan slette den.
help-request-withdraw-list = Virksomhetslisten
help-request-withdraw--external-ref = Referansen til forespørslene, der en virksomhet har flere
help-sandbox =
    Start sandkassen på en lokal port

    Sandkassen etterligner begge Altinns API-er for klientdelegering. Jobber med `environment = "sandbox"` bruker den samme verdenen uten denne kommandoen; den er for å se på API-et med curl og for å prøve et annet program mot det.
help-sandbox--port = Porten; 0 tar en ledig
help-sandbox--seed = Avgjør hvilke forespørsler som feiler forbigående
help-sandbox--faults = Andelen forespørsler som feiler forbigående
help-sandbox--latency = Hvor lang tid et svar tar, for eksempel 30ms
help-sandbox--latency-per-client = Hvor mye lenger det første API-et bruker for hver klient virksomheten har, for eksempel 100us
help-sandbox--firms = Hvor mange små virksomheter det er ved siden av den store
help-sandbox--approve = Godkjenn en virksomhets forespørsler om systembrukere, som folkene der ville gjort, eller alles; og avslutt
help-sandbox--reject = Avvis dem, og avslutt
help-sandbox--deny = Avslå dem, og avslutt
help-sandbox--time-out = La det gå et halvt år for dem, og avslutt
help-sandbox--reset = Sett verdenen tilbake til slik den var fra begynnelsen, og avslutt

help-doctor =
    Undersøk alt en kjøring trenger, én linje for hver ting, og si hva du kan gjøre

    Leser bare, og endrer ingenting. Sluttkoden er den alvorligste: 0 alt er i orden, 2 jobben eller listen, 3 nettverket, innloggingen eller Altinn, 4 en annen kjøring er i gang med systembrukeren, 5 denne maskinen.

help-init =
    Svar på noen spørsmål, få en jobbfil, og se hva du gjør etterpå

    Det som kan slås opp, blir det ikke spurt om. Hvert svar kan også gis som et valg; der det ikke er noen å spørre, må alle som trengs, gis slik. Ingenting endres i Altinn, og ingenting skrives før det siste svaret.
help-init-file = Jobbfilen som skal skrives [standard: onboarding.toml]
help-init--force = Skriv over en fil som finnes
help-init--name = Det kjøringene av jobben lagres under [standard: som filen heter]
help-init--kind = Hva som skal gjøres: delegate, remove, manifest, reconcile eller refresh [standard: etter listen]
help-init--environment = Hvilket Altinn: prod, tt02, sandbox eller en adresse
help-init--facilitator = Organisasjonsnummeret til virksomheten
help-init--agent = Systembrukeren som får klientene: UUID-en, referansen eller tittelen
help-init--manifest = Klientlisten: en CSV-fil eller en arbeidsbok
help-init--column = Overskriften på kolonnen med organisasjonsnumre
help-init--sheet = Arket i arbeidsboken
help-init--method = Innloggingen: id-porten, maskinporten eller token
help-init--client-id = ID-en til klienten, fra Samarbeidsportalen
help-init--redirect-uri = id-porten: der nettleseren ender etter innloggingen
help-init--key-file = Den private nøkkelen til klienten, som fil
help-init--key-env = Miljøvariabelen med den private nøkkelen
help-init--key-password-env = Miljøvariabelen med passordet til nøkkelen
help-init--kid = ID-en til nøkkelen, der nøkkelen ikke sier den
help-init--external-ref = maskinporten: referansen til systembrukeren som logger inn
help-init--issuer = id-porten: adressen, utenom prod og tt02
help-init--token-endpoint = maskinporten: adressen, utenom prod og tt02
help-init--token-file = token: filen med tokenet
help-init--token-env = token: miljøvariabelen med tokenet
