# Kommandolinjen: spørsmål, merknader, feil og hva du kan gjøre.

cli-note = merk
cli-warning = advarsel
cli-error = feil
cli-hint = råd
cli-yes = ja
cli-no = nei
cli-and = {" "}og{" "}
cli-there-is-no-terminal-to-ask-on-and-nothing-is = her er det ingen å spørre, og uten et ja sendes ingenting
cli-add-yes-to-do-it-without-being-asked-fullmakt = legg til --yes, så gjøres det uten spørsmål; `fullmakt plan JOB` viser først hva som ville blitt gjort
cli-the-password-of-the-private-key = passordet til den private nøkkelen:
cli-line-names-a-client-and-its-agent-again-it-is = linje { $line } har samme klient og systembruker som en linje lenger oppe; de regnes som én
cli-interrupted-nothing-was-sent = avbrutt; ingenting ble sendt
cli-nothing-was-sent = ingenting ble sendt
cli-fullmakt-plan-shows-all-of-it = `fullmakt plan { $path }` viser alt
cli-to-go-on-type-how-many-are-removed = Skriv hvor mange klienter som fjernes ({ $removed }) for å gå videre:
cli-nothing-that-was-shown-is-lost-fullmakt = ingenting er tapt; `fullmakt resume { $run }` fortsetter
cli-fullmakt-retry-tries-again-what-may-be-tried = `fullmakt retry { $run }` prøver på nytt det som kan prøves på nytt
cli-the-failure-report-says-what-to-do-for-each = feilrapporten sier hva du kan gjøre for hver klient; rett den, og bruk den som ny liste
cli-fullmakt-resume-goes-on-where-it-was = `fullmakt resume { $run }` fortsetter der den slapp
cli-fullmakt-login-then-fullmakt-resume-goes-on = logg inn med `fullmakt login { $job }`; så fortsetter `fullmakt resume { $run }`, og ingenting er tapt
cli-then-fullmakt-resume-goes-on-nothing-is-lost = deretter fortsetter `fullmakt resume { $run }`; ingenting er tapt
cli-state-dir-names-another-folder = --state-dir angir en annen mappe
cli-run-is-the-newest-of = kjøring { $run } er den nyeste av { $job }
cli-name-the-run-or-its-job-with-job-name = oppgi kjøringen, eller jobben med --job NAVN
cli-name-a-folder-that-is-yours-and-can-be = oppgi en mappe du selv kan skrive i, med --state-dir MAPPE (eller FULLMAKT_STATE_DIR)
cli-make-room-on-the-disk-nothing-that-was-shown = rydd plass på disken; ingenting er tapt, og `fullmakt resume` fortsetter
cli-look-at-the-disk-of-the-backup = se på disken som sikkerhetskopien skal til: er den full, defekt eller koblet fra?
cli-look-at-the-disk-of-the-ledger = se på disken som mappen ligger på: er den (nesten) full, defekt eller koblet fra?
cli-close-the-program-that-has-it-open-a-database = lukk programmet som har den åpen (en databaseleser, en sikkerhetskopi, en synkronisert mappe)
cli-nothing-that-was-shown-is-lost-resume = ingenting er tapt; `fullmakt resume` fortsetter en kjøring som var i gang
cli-nothing-more-is-sent-put-the-folder-back-then = ingenting mer sendes; legg mappen tilbake, så fortsetter `fullmakt resume`
cli-without-it-run-the-job-again-the-plan-is-made = er den borte, så kjør jobben på nytt: planen lages ut fra det Altinn viser nå
cli-put-the-real-ledger-db-back-a-synchronised = legg den riktige ledger.db tilbake (en synkronisert mappe kan ha den et annet sted), eller en sikkerhetskopi av den
cli-to-begin-with-an-empty-history-move-the = flytt mappen `runs` og ledger.db bort hvis du vil begynne med tom historikk
cli-move-ledger-db-out-of-the-state-folder-keep = flytt ledger.db, ledger.db-wal og ledger.db-shm ut av mappen (ta vare på dem, de er historikken) og legg en sikkerhetskopi der som ledger.db; har du ingen, så kjør jobben på nytt: planen lages ut fra det Altinn viser nå
cli-fullmakt-runs-shows-how-it-goes-try-again = `fullmakt runs` viser hvordan det går; prøv igjen når den er ferdig
cli-another-run-is-still-at-work-on-this-agent = en annen kjøring er fortsatt i gang med denne systembrukeren; ventet i { $waited }
cli-fullmakt-runs-shows-how-it-goes-wait-longer = `fullmakt runs` viser hvordan det går; vent lenger, eller prøv igjen når den er ferdig
cli-the-list-was-written-ago-at-guard-manifest = listen { $manifest } er { $age } gammel ({ $written_at }), og [guard] manifest_age tillater { $allowed }; ingenting er sendt
cli-has-the-system-that-writes-the-list-stopped = har systemet sluttet å lage listen? Få den laget på nytt
cli-to-use-this-one-once-all-the-same-save-it = vil du bruke den likevel denne ene gangen, så åpne den og lagre den på nytt (eller `touch`)
cli-take-the-agent-column-out-or-make-a-migrate = ta bort kolonnen med systembruker, eller lag en migrate-jobb for hver ny systembruker
cli-the-list-has-changed = { $path } er endret etter at planen ble laget, og klienter den ikke nevnte, ville ha mistet tilgangen; ingenting er sendt
cli-write-the-list-beside-its-place = ble den skrevet akkurat da? La den som skriver listen, bruke et annet filnavn og gi filen riktig navn når den er ferdig; kjør så på nytt
cli-the-list-never-rests = { $path } blir skrevet om og om igjen, så det er uvisst om den er hel
cli-the-list-is-written-so-often = sørg for at den skrives én gang, før kjøringen; eller sett [guard] manifest_rest kortere enn tiden mellom to skrivinger
cli-waiting-for-the-list-to-rest = { $path } er nettopp skrevet, og { $clients ->
        [one] 1 klient mister
       *[other] { $clients } klienter mister
    } tilgangen fordi listen ikke nevner { $clients ->
        [one] den
       *[other] dem
    }: venter { $seconds } s for å se om listen blir som den er ([guard] manifest_rest)
cli-the-list-may-be-cut-off = listen kan være kuttet: siste rad, linje { $line }, slutter uten linjeskift, og «{ $name_in_list }» der er begynnelsen på { $name }; { $clients ->
        [one] 1 klient som listen ikke nevner
       *[other] { $clients } klienter som listen ikke nevner
    }, ville ha mistet tilgangen, så ingenting er sendt
cli-end-its-last-row-with-a-line-break = eksporter listen på nytt; er den hel, så avslutt siste rad med et linjeskift
cli-its-file-says = filen sier { $written_at }
cli-set-the-clock-of-whoever-writes-the-list = still klokken på maskinen som skriver listen, og få listen skrevet på nytt
cli-unknown-agent = linje { $line }: systembruker { $agent }: { $why }
cli-unknown-agent-of-rows = linje { $line }: systembruker { $agent }: { $why } (gjelder { $rows } rader)
cli-an-agent-is-a-uuid-an-external-reference-or-a = oppgi systembrukeren med UUID, ekstern referanse eller et navn som ingen annen har; `fullmakt agents JOB` viser dem virksomheten har
cli-if-the-column-holds-something-else-a-person-a = inneholder kolonnen noe annet (en person, en avdeling), så gi den en annen overskrift
cli-leave-one-of-the-two = la bare én av de to stå
cli-fullmakt-resume-goes-on-with-it = `fullmakt resume { $run }` fortsetter den
cli-fullmakt-runs-lists-the-runs = `fullmakt runs` viser kjøringene
cli-fullmakt-run-job-begins-anew = `fullmakt run JOB` begynner på nytt
cli-trace-id-sent-at = sporings-ID { $trace_id }, sendt { $sent_at }
cli-not-before = ikke før { $until }
cli-the-job-file-cannot-be-read = jobbfilen { $path } kan ikke leses: { $error }
cli-the-job-file = jobbfilen { $path }, { $error }
cli-the-job-file-is-about-something-else-now-than = jobbfilen { $job_file } gjelder noe annet nå enn da kjøring { $run } begynte
cli-give-it-back-its-kind-environment-facilitator = sett kind, environment, facilitator og agent tilbake til det de var, eller begynn på nytt med `fullmakt run`
cli-the-job-file-says-something-else = sier jobbfilen { $path } noe annet
cli-the-manifest-has-other-content = har listen { $manifest } fått annet innhold
cli-the-manifest-cannot-be-read = kan ikke listen { $manifest } leses lenger: { $error }
cli-there-is-no-home-folder-to-keep-runs-in = det finnes ingen hjemmemappe å lagre kjøringene i
cli-name-a-folder-with-state-dir = oppgi en mappe med --state-dir
cli-fullmakt-help-shows-the-commands-and-their = `fullmakt help` viser kommandoene og valgene
cli-the-program-cannot-start-its-threads = programmet kan ikke starte: { $error }
cli-has-ended = { $job } er ferdig
cli-cannot-be-started = kan ikke startes: { $error }
cli-took-longer-than-s-and-was-ended = brukte mer enn { $seconds } s og ble avbrutt
cli-cannot-be-waited-for = svarer ikke: { $error }
cli-the-refusal-is-not-kept = at kjøringen ikke ble utført, er ikke lagret: { $error }
cli-this-job-does-not-sign-in-with-id-porten = denne jobben logger ikke inn med ID-porten
cli-login-and-logout-are-for-jobs-with-method-id = login og logout er for jobber med method = "id-porten" i [auth]
cli-the-sandbox = sandkassen
cli-other-names = { $other ->
    [one] 1 av { $compared } navn i listen er et annet enn i Altinn: { $examples }
   *[other] { $other } av { $compared } navn i listen er andre enn i Altinn: { $examples }
 }
cli-other-names-and-of-others = { $other } av { $compared } navn i listen er andre enn i Altinn, og { $others } av dem er navnet til en annen klient: { $examples }
cli-other-names-held = { $other ->
    [one] 1 av { $compared } navn i listen er et annet enn i Altinn. Det er navnet til en annen klient, så raden sendes ikke: { $examples }. Er både nummer og navn riktig likevel, sender `fullmakt run JOBB --allow-other-names { $other }` den også
   *[other] { $other } av { $compared } navn i listen er andre enn i Altinn. { $others } av dem er navnet til en annen klient, og for dem sendes ingenting: { $examples }. Er både nummer og navn riktig likevel, sender `fullmakt run JOBB --allow-other-names { $other }` dem også
 }
cli-of-names-in-the-list-are-not-altinns-names = { $other } av { $compared } navn i listen er andre enn Altinn har for numrene
cli-of-names-in-the-list-are-the-names-of-other = { $of_another_client } av { $compared } navn i listen hører til andre klienter. Det ser ut som om én kolonne er sortert eller flyttet uten de andre; da hører numrene til andre virksomheter enn dem du mener
cli-nothing-is-sent = { $why }; ingenting er sendt
cli-open-the-list-and-see-whether-each-number = åpne listen og se etter at hvert nummer står ved siden av riktig navn
cli-if-it-is-right-all-the-same-fullmakt-run = er den riktig likevel, slipper `fullmakt run { $job } --allow-other-names { $names }` den gjennom denne ene gangen
cli-is-the-manifest-whole-a-client-that-is-to = er listen komplett? Alle klienter som skal beholdes, må stå i den
cli-is-this-the-right-list-whole-and-of-today = er dette riktig liste, er den komplett, og er den fra i dag?
cli-if-all-of-it-is-meant-fullmakt-run-allow-lets = er alt slik det skal være, slipper `fullmakt run { $job } --allow-{ $exceeds } { $clients }` den gjennom denne ene gangen
cli-delegated-since-and-left = { $clients ->
    [one] 1 klient ble delegert av en annen kjøring etter at listen ble laget. Den står ikke i listen, men blir stående til en nyere liste avgjør det: { $examples }
   *[other] { $clients } klienter ble delegert av en annen kjøring etter at listen ble laget. De står ikke i listen, men blir stående til en nyere liste avgjør det: { $examples }
 }
cli-delegated-since-and-removed = { $clients ->
    [one] 1 klient ble delegert av en annen kjøring etter at listen ble laget, men listen ber om at den fjernes: { $examples }
   *[other] { $clients } klienter ble delegert av en annen kjøring etter at listen ble laget, men listen ber om at de fjernes: { $examples }
 }
cli-first-and-more = { $first } og { $more } til
cli-far-fewer-rows = { $rows ->
    [one] listen har 1 rad, mot { $before } forrige gang: er den komplett?
   *[other] listen har { $rows } rader, mot { $before } forrige gang: er den komplett?
 }
cli-a-private-person = en privatperson
cli-line-names-again-as-line-does-it-is-one = linje { $line } har samme nummer som linje { $first_line }, { $organisation_number }; de regnes som én klient
cli-more-rows-say-something-again = { $rows ->
    [one] 1 rad til gjentar et nummer
   *[other] { $rows } rader til gjentar numre
 }
cli-of-rows-in-cannot-be-acted-on-so-nothing-is = { $rejected ->
    [one] 1 av { $rows } rader i { $path } kan ikke brukes, derfor er ingenting sendt
   *[other] { $rejected } av { $rows } rader i { $path } kan ikke brukes, derfor er ingenting sendt
 }
cli-correct-them-or-add-skip-invalid-to-leave = rett radene, eller legg til --skip-invalid: da kjøres resten, og disse radene kommer i feilrapporten
cli-lines-are-left-out-here = { $lines ->
    [one] … 1 linje er utelatt her; { $rest }
   *[other] … { $lines } linjer er utelatt her; { $rest }
 }
cli-stopping-waiting-for-the-answers-that-are = stopper: venter på svarene som er underveis (Ctrl-C en gang til avslutter med én gang)
cli-unless-holds-a-new-one-by-then = med mindre { $path } har et nytt innen da
cli-and-then-you-will-have-to-sign-in-again = og da må du logge inn på nytt
cli-and-nothing-renews-it = og ingenting fornyer det
cli-token-too-short = kjøringen tar minst { $takes }, men tokenet varer bare { $left } til, { $unless }: da stopper kjøringen underveis. Ingenting går tapt, og `fullmakt resume` fortsetter
cli-lists-are-read-through-access-management-with = listene leses gjennom tilgangsstyringen, med tilgangspakkene
cli-lists-are-read-through-the-first-api-alone = listene leses bare gjennom det første API-et, som ikke viser tilgangspakker
cli-access-management-is-not-read = tilgangsstyringen blir ikke lest
cli-what-is-missing-of-a-clients-packages-is-seen = { $cause }: { $why }; om en klient mangler en tilgangspakke, viser seg først når den sendes
cli-access-managements-api-is-shut-for-this-sign = API-et for tilgangsstyring er stengt for denne innloggingen; ingenting ble sendt
cli-the-first-api-cannot-stand-in-for-it-it-never = det første API-et kan ikke brukes i stedet: det viser aldri en systembruker hvilke klienter som er delegert, så ingenting kunne planlegges eller bekreftes
cli-the-system-user-must-be-a-standard-one-with = systembrukeren må være av standard type med tilgangspakken klientadministrator, godkjent av virksomheten; docs/sign-in/maskinporten.md sier trinn for trinn hva som må bestilles
cli-or-take-api-out-of-the-job-file-a-person-can = eller ta `api` ut av jobbfilen: for en person holder det med det første API-et
cli-the-token-from-lacks-the-scope = tokenet fra { $from } mangler scopet { $scopes }
cli-a-run-needs-both-altinn-clientdelegations = en kjøring trenger både altinn:clientdelegations.read og altinn:clientdelegations.write: skrivetilgang gir ikke lesetilgang
cli-give-the-client-both-scopes-in = gi klienten begge scopene i Samarbeidsportalen, og logg inn på nytt
cli-the-metrics-file-is-not-written = målefilen { $path } er ikke skrevet: { $error }
cli-is-no-client-of-that-altinn-lists-and-none-of = Altinn viser ikke { $number } som klient av { $facilitator }, og ingen av systembrukerne har den
cli-no-clients = ingen klienter
cli-gives-the-firm-nothing-that-can-be-delegated = gir ikke virksomheten noe som kan delegeres
cli-gives-the-firm = gir virksomheten { $held }
cli-no-title = uten navn
cli-delegated-with-which-packages-was-not-to-be = delegert; tilgangspakkene kunne ikke leses
cli-delegated-with-no-package = delegert, uten tilgangspakke
cli-the-client-does-not-give = klienten gir ikke { $missing }
cli-no-system-user-can-act-for-it = ingen systembruker kan handle for den
cli-has-no-system-users = { $facilitator } har ingen systembrukere
cli-deleted-can-have-no-clients = slettet: kan ikke ha klienter
cli-for-client-relationships-but-without-an = for klientforhold, men uten tilgangspakke: kan ikke ha klienter
cli-for-client-relationships-can-be-given-clients = for klientforhold: kan få klienter
cli-standard-can-have-no-clients = standard: kan ikke ha klienter
cli-of-a-kind-that-this-version-does-not-know = av en type som denne versjonen ikke kjenner
cli-there-is-no-ledger-in-to-copy = det finnes ingen ledger.db å kopiere i { $path }
cli-name-a-file-that-is-not-there-a-backup-never = oppgi et filnavn som ikke er brukt; en sikkerhetskopi skriver aldri over en annen
cli-is-no-list-a-list-is-read-from-a-file-not = `-` kan ikke brukes her: en liste leses fra en fil
cli-save-it-first-how-a-list-is-written-is-found = lagre den først: den må leses mer enn én gang for å finne ut hvordan den er skrevet
cli-cannot-be-written = { $file } kan ikke skrives: { $error }
cli-there-is-a-file-already = filen finnes fra før; velg et annet navn
cli-a-corrected-list-is-a-csv-file-let-its-name = den rettede listen skrives som CSV eller arbeidsbok; la navnet slutte på .csv eller .xlsx
cli-organisation-numbers-in = organisasjonsnumre i { $number_column }
cli-what-is-to-be-done-in = handlingen i { $column }
cli-system-users-in = systembrukere i { $column }
cli-note-is-read-as-the-system-user-that-each-row = merk: { $column } leses som systembrukeren raden gjelder, og der står { $names }; inneholder kolonnen noe annet, så gi den en annen overskrift
cli-names-in-a-plan-compares-them-with-altinns = navn i { $column }; en plan sammenligner dem med navnene i Altinn
cli-and-more-format-json-lists-all = … og { $more } til; --format json viser alle
cli-line-as-in-line-it-is-one-client = linje { $line }: { $organisation_number }, samme nummer som i linje { $first_line }; de regnes som én klient
cli-and-more-rows-name-a-client-again = { $rows ->
    [one] … og 1 rad til gjentar et nummer
   *[other] … og { $rows } rader til gjentar numre
 }
cli-is-the-list-with-rows-put-right-and-taken-out = { $put_right ->
    [one] { $file } er skrevet: 1 rad er rettet, og { $taken_out } er tatt ut;
   *[other] { $file } er skrevet: { $put_right } rader er rettet, og { $taken_out } er tatt ut;
 }
cli-every-row-of-it-can-be-acted-on = alle radene kan nå brukes
cli-rows-of-it-still-cannot-be-acted-on-correct = { $rejected ->
    [one] 1 rad kan fortsatt ikke brukes: rett den i filen
   *[other] { $rejected } rader kan fortsatt ikke brukes: rett dem i filen
 }
cli-every-row-can-be-acted-on-next-name-the-list = alle radene kan brukes; neste: oppgi listen som `manifest` i en jobbfil, og kjør `fullmakt plan`
cli-next-correct-these-rows-in-the-list-or = neste: rett radene i listen, eller la `fullmakt check … --fix rettet.{ $extension }` rette det som kan rettes. Med `--skip-invalid` kan du kjøre resten: disse radene kommer da i feilrapporten
cli-is-not-written = { $path } er ikke skrevet: { $error }
cli-private-persons-are-not-shown-they-have-no = { $persons ->
    [one] 1 privatperson er ikke med: den har ikke organisasjonsnummer
   *[other] { $persons } privatpersoner er ikke med: de har ikke organisasjonsnummer
 }
cli-is-neither-a-csv-nor-an-xlsx-file = { $path } er verken en .csv- eller en .xlsx-fil
cli-the-name-says-what-is-written-end-it-in-xlsx = navnet avgjør hva som skrives: la det slutte på .xlsx for en arbeidsbok, på .csv for tekst
cli-is-no-client = { $client } er ikke et organisasjonsnummer: { $error }
cli-give-an-organisation-number-such-as-310609544 = oppgi et organisasjonsnummer, for eksempel 310609544, eller klientens part-UUID
cli-the-ledger-in-knows-nothing-of = kjøreloggen i { $path } har ingenting om { $client }
cli-no-run-kept-there-has-named-this-client-state = ingen kjøring som er lagret der, har hatt med denne klienten; --state-dir angir en annen mappe
cli-not-signed-in = ikke innlogget
cli-needs-you-to-sign-in-with-id-porten-now-y-n = { $job } krever at du logger inn med ID-porten. Nå? (j/n)
cli-interrupted-nobody-is-signed-in = avbrutt; ingen er innlogget
cli-nobody-has-signed-in-within-10-minutes = ingen har logget inn i løpet av 10 minutter
cli-fullmakt-login-job-begins-anew = `fullmakt login JOB` begynner på nytt
cli-no-browser-could-be-opened-here-copy-the = nettleseren kunne ikke åpnes: kopier adressen til en nettleser på en maskin som når denne
cli-this-address-is-of-another-sign-in-paste-the = denne adressen hører til en annen innlogging; lim inn den nyeste:
cli-once-more = { $problem }; en gang til:
cli-no-address-was-pasted-nobody-is-signed-in = det ble ikke limt inn noen adresse; ingen er innlogget
cli-kept-in-the-keyring = lagret i:    nøkkelringen
cli-kept-in-there-is-no-keyring-here-only-you-can = lagret i:    { $file } (det finnes ingen nøkkelring her; bare du kan lese filen)
cli-the-sign-in-is-renewed-by-itself-while-id = Innloggingen fornyes av seg selv så lenge ID-porten tillater det.
cli-id-porten-gave-no-refresh-token-only-clients = ID-porten ga ikke noe fornyelsestoken (det får bare klienter med nøkkel): logg inn på nytt når tokenet går ut.
cli-signed-out-nothing-of-it-is-left-on-this = logget ut; ingenting av innloggingen er igjen på denne maskinen
cli-nobody-was-signed-in = ingen var innlogget
cli-id-porten-could-not-be-told = ID-porten fikk ikke beskjed: { $error }; { $hint }
cli-the-plan-is-written-as-a-csv-file-let-its = planen skrives som CSV eller arbeidsbok; la navnet slutte på .csv eller .xlsx
cli-the-plan-is-in-a-row-for-each-client = planen er skrevet til { $file }, med en rad for hver klient
cli-next-fullmakt-run-does-it-and-asks-first = neste: `fullmakt run { $job }{ $skip_invalid }` utfører planen, men spør deg først
cli-is-not-an-age-such-as-400d-or-52w-at-least-1d = { $text } går ikke; skriv for eksempel 400d (dager) eller 52w (uker), minst 1d
cli-no-run-is-old-enough-to-be-forgotten = ingen kjøring er gammel nok til å slettes fra loggen
cli-nothing-was-forgotten = ingenting ble slettet
cli-cannot-be-removed = { $folder } kan ikke fjernes: { $error }
cli-runs-are-forgotten = { $runs ->
    [one] 1 kjøring er slettet fra loggen
   *[other] { $runs } kjøringer er slettet fra loggen
 }
cli-no-browser-could-be-opened-here-open-in-one = nettleseren kunne ikke åpnes: åpne { $page } selv
cli-cannot-be-made = { $folder } kan ikke opprettes: { $error }
cli-is-not-copied-to = { $file } er ikke kopiert til { $copies }: { $error }
cli-since-run-began = etter at kjøring { $run } begynte, { $change }
cli-run-would-be-finished-as-it-was-planned-then = kjøring { $run } ville blitt fullført slik den var planlagt da, og her er det ingen å spørre
cli-fullmakt-run-job-plans-afresh-yes-goes-on = `fullmakt run JOB` planlegger på nytt; --yes fortsetter med den gamle planen
cli-go-on-with-run-as-it-was-planned-then-y-n = Fortsette kjøring { $run } slik den var planlagt da? (j/n)
cli-reading-altinns-lists-to-settle-what-was = leser listene i Altinn for å avklare det som var underveis
cli-then-fullmakt-resume-goes-on = deretter fortsetter `fullmakt resume { $run }`
cli-answered-are-confirmed-at-the-end = { $clients ->
    [one] 1 klient som Altinn har svart for, bekreftes av listen i Altinn til slutt
   *[other] { $clients } klienter som Altinn har svart for, bekreftes av listen i Altinn til slutt
 }
cli-run-goes-on-clients-still-to-be-sent = { $clients ->
    [one] kjøring { $run } fortsetter: 1 klient er ikke sendt ennå
   *[other] kjøring { $run } fortsetter: { $clients } klienter er ikke sendt ennå
 }
cli-clients-are-left-as-a-later-run-has-settled = { $clients ->
    [one] 1 klient blir stående slik en senere kjøring har avklart den; `fullmakt history ORGNR` viser hvordan
   *[other] { $clients } klienter blir stående slik en senere kjøring har avklart dem; `fullmakt history ORGNR` viser hvordan
 }
cli-run-is-there-is-nothing-to-go-on-with = kjøring { $run } er { $status }; det er ingenting å fortsette
cli-run-of-is-not-fullmakt-resume = kjøring { $run } av { $job } er ikke ferdig: `fullmakt resume { $run }`
cli-run-is-at-work-retry-it-when-it-has-ended = kjøring { $run } er i gang; prøv på nytt når den er ferdig
cli-run-has-no-failures-that-may-be-tried-again = kjøring { $run } har ingen feil som kan prøves på nytt
cli-run-has-not-come-to-its-end-it-is-settled-by = kjøring { $run } ble ikke ferdig; den avklares ut fra listene i Altinn, og denne kjøringen tar over
cli-run-has-not-come-to-its-end-it-is-finished = kjøring { $run } ble ikke ferdig; den fullføres først
cli-run-of-this-job-has-not-come-to-its-end = kjøring { $run } av denne jobben ble ikke ferdig; `fullmakt resume { $run }` fortsetter den, denne kjøringen begynner på nytt
cli-no-runs-yet-in-fullmakt-run-job-makes-one = ingen kjøringer i { $folder } ennå; `fullmakt run JOB` lager en, --state-dir angir en annen mappe
cli-give-a-share-such-as-3 = oppgi en andel, for eksempel 3%
cli-give-a-number-from-0-to = oppgi et tall fra 0 til { $most }
cli-give-a-duration-such-as-30ms-up-to-a-minute = oppgi en varighet, for eksempel 30ms, høyst ett minutt
cli-the-sandbox-cannot-be-started = sandkassen kan ikke startes: { $error }
cli-the-sandbox-is-as-it-was-at-first = sandkassen er slik den var fra begynnelsen
cli-the-sandbox-ends = sandkassen avsluttes
cli-the-sandbox-cannot-be-served-on-port = sandkassen kan ikke startes på port { $port }: { $error }
cli-choose-another-with-port-or-0-for-any-that-is = velg en annen med --port, eller 0 for en hvilken som helst ledig
cli-the-sandbox-answers-on-until-ctrl-c-with = sandkassen svarer på { $origin } til du trykker Ctrl-C, med { $clients } klienter av { $facilitator }
cli-there-are-smaller-firms-as-well = { $firms ->
    [one] det finnes også 1 mindre virksomhet: { $first }{ $more }
   *[other] det finnes også { $firms } mindre virksomheter: { $first }{ $more }
 }
cli-in-a-job-file-with-environment-either-of = i en jobbfil, med environment = { $origin }, en av disse:
cli-what-came = det kom
cli-going-at-s-about-left = i gang med { $pace }/s, ca. { $time } igjen
cli-fullmakt-resume-goes-on = `fullmakt resume { $run }` fortsetter
cli-a-refresh-is-not-undone = kjøring { $run } er en refresh: den har gitt tilgangspakker til klienter som var delegert fra før, og de kan ikke tas tilbake enkeltvis; det er ingenting å angre
cli-nothing-to-undo = kjøring { $run } har ikke endret noe; det er ingenting å angre
cli-run-has-not-come-to-its-end-after-this-resume = kjøring { $run } ble ikke ferdig; etter dette fortsetter ikke `resume` den lenger
cli-of-these-clients-have-been-changed-by-later = { $clients ->
    [one] 1 av disse klientene er endret av senere kjøringer også; `fullmakt history ORGNR` viser hvordan
   *[other] { $clients } av disse klientene er endret av senere kjøringer også; `fullmakt history ORGNR` viser hvordan
 }
cli-run-is-at-work-on-this-agent = kjøring { $run } er i gang med denne systembrukeren
cli-verify-it-when-it-has-ended-fullmakt-runs = sammenlign når den er ferdig; `fullmakt runs` viser hvordan det går
cli-are-not-in-it-gone-from-the-register-changed = { $clients ->
    [one] 1 er ikke med: borte fra registeret, endret siden av en senere kjøring, eller en privatperson
   *[other] { $clients } er ikke med: borte fra registeret, endret siden av en senere kjøring, eller privatpersoner
 }
cli-fullmakt-verify-csv-mend-csv-writes-a = `fullmakt verify { $run } --csv > rett.csv` skriver en liste som en jobb av typen "manifest" retter det opp med
cli-system-users-and-their-packages-clients-for = systembrukere og tilgangspakkene deres; klienter, for personer
cli-clients-with-their-packages-for-persons-and = klienter med tilgangspakker, for personer og systembrukere
cli-through-the-second-api = gjennom det andre API-et
cli-through-the-first-api = gjennom det første API-et
cli-through-neither-fullmakt-run-would-be-refused = gjennom ingen av dem: `fullmakt run` ville stoppet med en gang
cli-both-lists-of-its-system-user = begge listene til systembrukeren
cli-the-lists-of-both-system-users = listene til begge systembrukerne
cli-and-changes = { $kinds }: { $lists }, og endringer: { $can }
cli-plan-verify-clients-access-the-lists-alone = plan, verify, clients, access: bare listene: { $can }
cli-signed-in-to-as = innlogget i { $environment } som { $who }
cli-there-is-a-token-for-it-does-not-say-whose-it = det finnes et token for { $environment }, men verken tokenet eller Altinn sier hvem det tilhører
cli-scopes-the-token-does-not-say = scopes:      tokenet sier det ikke
cli-both-that-a-run-needs-are-there = begge som en kjøring trenger, er der
cli-missing-a-run-needs = mangler:     { $missing } (en kjøring trenger { $both })
cli-until-the-token-does-not-say = varer til:   tokenet sier det ikke
cli-until-the-token-left = varer til:   { $at } (tokenet; { $left } igjen)
cli-system-by = system { $system } fra { $supplier }
cli-backed-up = { $file } ({ $bytes } byte)
cli-manual-cannot-be-written = manualsidene kan ikke skrives til { $folder }: { $error }
cli-rows-name-a-client-again = { $rows ->
    [one] rad gjentar et nummer
   *[other] rader gjentar et nummer
 }
cli-rows-cannot-be-acted-on = { $rejected ->
    [one] rad kan ikke brukes
   *[other] rader kan ikke brukes
 }
cli-sign-in-here = logg inn her:
cli-when-you-have-signed-in = når du har logget inn, ender nettleseren på en adresse som begynner med { $redirect }
cli-paste-all-of-that-address = lim inn hele adressen her, og trykk Enter:
cli-forget-them = Skal de slettes fra loggen? (j/n)
cli-and-more = … og { $more } til
cli-begun-and-age = startet { $begun }; alder: { $age }
cli-head-run = KJØRING
cli-head-job = JOBB
cli-head-status = STATUS
cli-head-age = ALDER
cli-head-left = GJENSTÅR
cli-head-done = UTFØRT
cli-head-same = UENDRET
cli-head-failed = FEILET
cli-try = prøv:
cli-stopped = stoppet: { $why }
cli-door-open = { $door } åpent: { $gives }
cli-door-shut = { $door } stengt: { $why }
cli-first-api = første API:  {""}
cli-second-api = andre API:   {""}
cli-jobs = jobber:      { $through }
cli-by = med:         { $from }
cli-scopes = scopes:      { $scopes }
cli-run = kjøring { $run }
cli-is-the-list-right = Er listen riktig likevel? (j/n)
cli-go-on = Gå videre? (j/n)
cli-job-was = { $job } er { $status }: { $why }
cli-not-known = ukjent
cli-calling = starter { $program } ([notify])
cli-the-notify-command = kommandoen i [notify], { $program }, { $problem }
cli-command-failed = feilet ({ $status })
cli-command-failed-saying = feilet ({ $status }): { $line }
cli-altinn-is = Altinn er { $origin }
cli-reading = leser { $path }
cli-altinn-answered = Altinn svarte { $code }: { $message }
cli-help-usage = Bruk
cli-help-commands = Kommandoer
cli-help-arguments = Argumenter
cli-help-options = Valg
cli-help-options-of-every-command = Valg for alle kommandoer
cli-help-options-in-usage = [VALG]
cli-help-command-in-usage = <KOMMANDO>
cli-help-help-command = Vis denne teksten, eller hjelp for en kommando
cli-help-print-help = Vis hjelp
cli-help-print-version = Vis versjonen
cli-help-default = standard: { $value }
cli-help-variable = miljøvariabel: { $name }
cli-help-values = mulige verdier: { $values }
cli-help-possible-values = Mulige verdier:
cli-wrong-unknown = ukjent argument «{ $argument }»
cli-wrong-command = ukjent kommando «{ $command }»
cli-wrong-missing = disse argumentene mangler: { $arguments }
cli-wrong-no-command = en kommando mangler
cli-wrong-conflict = «{ $argument }» kan ikke brukes sammen med «{ $other }»
cli-wrong-no-value = «{ $argument }» krever en verdi
cli-wrong-value = ugyldig verdi «{ $value }» for «{ $argument }»: { $why }
cli-wrong-meant = mente du «{ $meant }»?
cli-wrong-more = «--help» viser mer.

## Hvor du begynner, og hva hver feil betyr

cli-where-to-begin = 
    fullmakt gir systembrukere tilgang til klienter i Altinn, og tar den tilbake. Begynn her:
      fullmakt init           svar på noen spørsmål, og få en jobbfil
      fullmakt plan JOBB      viser hva som ville blitt gjort; endrer ingenting
      fullmakt run JOBB       planlegger, spør, utfører og rapporterer
      fullmakt help           alle kommandoene; `fullmakt help errors`: alle feil og hva du kan gjøre med dem
cli-errors-title = Feil: hva de betyr, og hva du kan gjøre
cli-errors-where-from = `fullmakt help errors` skriver ut denne siden, fra de samme tabellene som rapportene bruker.
cli-errors-clients = Klienter som ble avslått
cli-errors-clients-more = Kodene står i feilrapporten, i kolonnen `fullmakt_code`.
cli-errors-runs = Det som stopper en kjøring
cli-errors-runs-more = Det første ordet er `cause` i JSON; deretter kodene fra Altinn som betyr det.
cli-the-ledgers-server-is-silent = tjeneren med kjøreloggen har ikke svart på { $seconds } s: ingenting sendes før den gjør det
cli-the-ledgers-server-answers-again = tjeneren med kjøreloggen svarer igjen
cli-state-dir-is-for-a-shell = --state-dir (eller FULLMAKT_STATE_DIR): { $folder } kan ikke være mappen for kjøringene
cli-the-pace-is-not-shared = kjøringer ved siden av denne deler ikke tempoet: filen for det kan ikke brukes ({ $error })
cli-the-ledgers-server-lets-whom-in = se på brukeren og databasen i adressen, og på passordet i filen som PGPASSFILE peker på; brukeren må eie databasen, eller kunne opprette tabeller og midlertidige tabeller i den
cli-nothing-is-sent-without-the-ledger = ingenting sendes mens kjøreloggen ikke kan skrives
cli-ledger-address = --ledger (eller FULLMAKT_LEDGER): { $error }
cli-ledger-address-is-empty = --ledger (eller FULLMAKT_LEDGER) er satt, men tom; den skal være adressen til en server
cli-ledger-address-may-be-left-out = utelat den, eller fjern FULLMAKT_LEDGER, når kjøreloggen er filen i mappen på denne maskinen
cli-is-there-such-a-folder = finnes mappen, og har denne brukeren lov til å skrive i den?
cli-others-can-get-at-the-state-folder = andre på denne maskinen kommer til det som lagres: { $path } har rettighetene { $mode }
cli-others-can-get-at-the-state-folder-todo = `chmod -R go-rwx "{ $folder }"` forbeholder mappen eieren
cli-metrics-would-overwrite = --metrics peker på { $path }, som finnes og ikke er målinger fra fullmakt: den ville blitt overskrevet
cli-name-a-file-for-the-metrics-alone = oppgi en fil som bare er til målingene, for eksempel fullmakt_nightly.prom
cli-close-the-file = er filen åpen i et annet program, så lukk den der
cli-the-ledger-has-everything-report = kjøreloggen har alt; `fullmakt report { $run }` skriver det på nytt
cli-no-terminal-to-ask-on-nothing-is-forgotten = her er det ingen å spørre, og uten et ja glemmes ingenting
cli-add-yes-to-forget-them = { $runs ->
    [one] legg til --yes for å glemme 1 kjøring uten spørsmål
   *[other] legg til --yes for å glemme { $runs } kjøringer uten spørsmål
 }
cli-add-yes-to-undo-without-being-asked = legg til --yes, så gjøres det uten spørsmål; `fullmakt undo { $run } --dry-run` viser hva som ville blitt gjort
cli-add-yes-to-retry-without-being-asked = legg til --yes, så gjøres det uten spørsmål; `fullmakt report { $run }` sier hvor listen over det som feilet, ligger
