# Siden om en kjøring, og setningene i arbeidsbøkene.

report-title-delegate = Klienter delegert til { $agent }
report-title-remove = Klienter fjernet fra { $agent }
report-title-manifest = Klienter delegert til og fjernet fra { $agent }
report-title-reconcile = { $agent }: klientene er gjort like listen
report-title-refresh = { $agent }: klientene er delegert på nytt, så de nye tilgangspakkene kommer med
report-title-migrate = Klienter flyttet til { $agent }
report-title-undo = { $agent }: en tidligere kjøring er angret
report-title-request = Virksomheter spurt om systembrukere for { $system }
report-title-withdraw = Forespørsler om systembrukere for { $system } trukket tilbake
report-all-done = Alt er gjort som bestilt: { $all }.
report-some-failed = { $some } av { $all } må følges opp.
report-not-settled = { $some } av { $all } er ikke avklart ennå.
report-no-clients = Det var ingen klienter i denne kjøringen.
report-skip = Gå til klientene
report-asked = Dette ble bestilt
report-happened = Dette skjedde
report-over-time = Tempoet underveis
report-failures = Det som feilet, og hva du kan gjøre
report-removals = Fjernede klienter
report-heading-clients = Klienter
report-job = Jobb
report-kind = Type jobb
report-firm = Virksomhet
report-environment = Altinn
report-agent = Systembruker
report-list = Klientliste
report-list-of = { $rows ->
    [one] { $name } (1 rad)
   *[other] { $name } ({ $rows } rader)
 }
report-no-list = ingen liste: klientene er hentet fra Altinn eller fra en tidligere kjøring
report-signed-in-as = Innlogget som
report-not-known = ikke oppgitt
report-run = Kjøring
report-retries-run = nytt forsøk på det som feilet i kjøring { $run }
report-undoes-run = angrer kjøring { $run }
report-began = Startet
report-ended = Avsluttet
report-not-ended = ikke ferdig ennå
report-pace = Ønsket tempo
report-at-most = høyst { $rate }
report-stopped = Kjøringen stoppet før den var ferdig
report-altinn-said = Altinn svarte
report-altinn-answered = Altinn svarte «{ $message }»
report-to-do = Hva du kan gjøre
report-trace-id = Sporings-ID
report-resume = `fullmakt resume { $run }` fortsetter der den slapp; ingenting er tapt.
report-outcome = Resultat
report-unchanged = uendret: slik var det fra før
report-superseded = erstattet: en senere kjøring har tatt over for denne
report-failed = feilet
report-rejected = { $rows ->
    [one] rad i listen som ikke kunne brukes
   *[other] rader i listen som ikke kunne brukes
 }
report-unconfirmed = Altinn har svart, men listen har ikke bekreftet det ennå
report-to-be-sent = ikke sendt ennå
report-outcomes-picture = Hvor mange klienter hvert resultat gjelder, i samme rekkefølge som tabellen
report-nothing-sent = Ingenting ble sendt til Altinn om klientene.
report-sent = { $requests ->
    [one] 1 forespørsel ble sendt på { $took }: { $rate } i sekundet i snitt.
   *[other] { $requests } forespørsler ble sendt på { $took }: { $rate } i sekundet i snitt.
 }
report-pace-line = Jobben ba om høyst { $rate }, den stiplede linjen.
report-pace-unlimited = Jobben satte ingen grense for tempoet.
report-pace-above = Jobben ba om høyst { $rate }, som ligger langt over det bildet viser.
report-retried = { $requests } av dem måtte sendes på nytt, fordi svaret fra Altinn ikke avgjorde saken.
report-no-retries = Ingen av dem måtte sendes på nytt.
report-pauses = { $pauses ->
    [one] Det var én pause, på { $longest }.
   *[other] Det var { $pauses } pauser, den lengste på { $longest }.
 }
report-pause = pause: { $took }
report-picture = To grafer over samme tid: øverst hvor mange forespørsler som var avgjort, nederst hvor mange som ble sendt i sekundet og hva som kom av dem
report-answered-axis = avgjorte forespørsler, i alt
report-rate-axis = forespørsler i sekundet
report-legend-done = utført
report-legend-refused = avslått av Altinn
report-legend-retried = sendt på nytt etterpå
report-legend-asked = ønsket tempo
report-legend-pause = ingenting sendt
report-numbers-of-picture = Bildet som tall
report-from = Fra
report-scrolls = kan rulles sidelengs
report-clients = { $clients ->
    [one] 1 klient
   *[other] { $clients } klienter
 }
report-may-be-retried = Du kan prøve på nytt.
report-needs-you = Noe må rettes først; det nytter ikke bare å prøve på nytt.
report-row-rejected = Raden kan ikke brukes:
report-rows-rejected = { $rows ->
    [one] 1 rad i listen kunne ikke brukes
   *[other] { $rows } rader i listen kunne ikke brukes
 }
report-correct-rows = rett radene og bruk listen på nytt; de står i { $file } slik de var
report-what-to-do = Hva du kan gjøre: { $hint }.
report-retry = `fullmakt retry { $run }` prøver på nytt det som kan prøves på nytt.
report-among-them = Det gjelder
report-more-reasons = { $more ->
    [one] … og 1 årsak til, i { $file }
   *[other] … og { $more } årsaker til, i { $file }
 }
report-more-in = … og { $more } til, i { $file }
report-private-person = privatperson
report-line = linje { $line }
report-number = Org.nr.
report-name = Navn
report-why = Hvorfor, og hva du kan gjøre
report-attempts = Ganger sendt
report-when = Tidspunkt
report-find = Søk
report-sort-by = Sorter etter
# {"{shown}"} og {"{all}"} fylles inn av skriptet på siden.
report-shown = {"{shown}"} av {"{all}"} rader
report-table-cut = Tabellen viser { $here } av { $all } rader, de som må følges opp først. Alle står i { $done } og { $failures }.
report-state-delegated = delegert
report-state-removed = fjernet
report-system = System
report-packages = Pakker i leverandørfilen
report-firms-by-name = ingen: virksomhetene ble oppgitt enkeltvis
report-state-asked = spurt
report-state-withdrawn = trukket tilbake
report-asked-firms = { $firms ->
        [one] spurt om systembruker
       *[other] spurt om systembruker
    }
report-taken-back = { $requests ->
        [one] forespørsel trukket tilbake
       *[other] forespørsler trukket tilbake
    }
report-left-alone = lar vi stå: det var ingenting å spørre om
report-heading-firms = Virksomheter
report-answer = Svar
report-reference = Referanse
report-firms = { $firms ->
        [one] 1 virksomhet
       *[other] { $firms } virksomheter
    }
report-state-unchanged = uendret
report-state-failed = feilet
report-state-rejected = rad ikke brukt
report-state-superseded = erstattet
report-state-pending = ikke avklart
report-footer = Laget av fullmakt { $version }. Klokkeslett er i tidssonen { $zone }.
report-rows-left = { $rows ->
    [one] 1 rad i listen kunne ikke brukes.
   *[other] { $rows } rader i listen kunne ikke brukes.
 }
report-the-others-done = Resten er gjort som bestilt: { $all }.
report-how-many = Antall
report-other-names = Navn som er andre enn i Altinn
report-other-names-to-do = { $rows ->
    [one] 1 rad i listen har et annet navn enn det Altinn har for nummeret. Se etter at det er riktig klient. Raden står i { $file }: der kan du rette den og bruke filen som ny liste.
   *[other] { $rows } rader i listen har andre navn enn dem Altinn har for numrene. Se etter at det er riktige klienter. Radene står i { $file }: der kan du rette dem og bruke filen som ny liste.
 }
report-row = Linje
report-name-in-list = Navn i listen
report-name-in-altinn = Navn i Altinn
report-table-not-printed = Tabellen har { $rows } rader og er ikke tatt med i utskriften. Alle står i { $files }. Vil du ha den med, kryss av over tabellen før du skriver ut.
report-print-table = Ta med tabellen i utskriften ({ $rows } rader)
report-column-name-in-altinn = fullmakt: navn i Altinn
report-column-outcome = fullmakt: resultat
report-column-when = fullmakt: når
report-column-reason = fullmakt: hva som er galt, og hva du kan gjøre
report-column-line = fullmakt: linje i listen
report-footer-files = I samme mappe ligger { $files }.
