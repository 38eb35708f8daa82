# Siden om en kjøring, og setningene i arbeidsbøkene.

report-title-delegate = Klienter delegert til { $agent }
report-title-remove = Klienter fjernet fra { $agent }
report-title-manifest = Klienter delegert til og fjernet fra { $agent }
report-title-reconcile = { $agent }: klientene er brakt i samsvar med listen
report-title-refresh = { $agent }: klientene er delegert på nytt, for å få med nye tilgangspakker
report-title-migrate = Klienter flyttet til { $agent }
report-title-undo = { $agent }: en tidligere kjøring er angret
report-all-done = Alt er som bestilt: { $all }.
report-some-failed = { $some } av { $all } må følges opp.
report-not-settled = { $some } av { $all } er ikke avklart ennå.
report-no-clients = Det var ingen klienter å gjøre noe med.
report-skip = Gå til klientene
report-asked = Bestillingen
report-happened = Resultatet
report-over-time = Forløpet
report-failures = Det som feilet, og hva du kan gjøre
report-removals = Fjernet
report-heading-clients = Klienter
report-job = Jobb
report-kind = Type
report-firm = Virksomhet
report-environment = Altinn
report-agent = Systembruker
report-list = Klientliste
report-list-of = { $rows ->
    [one] { $name } (1 rad)
   *[other] { $name } ({ $rows } rader)
 }
report-no-list = ingen: klientene er hentet fra Altinn eller fra en tidligere kjøring
report-signed-in-as = Innlogget som
report-not-known = ukjent
report-run = Kjøring
report-retries-run = prøver på nytt det som feilet i kjøring { $run }
report-undoes-run = angrer kjøring { $run }
report-began = Startet
report-ended = Avsluttet
report-not-ended = ikke ennå
report-pace = Ønsket tempo
report-at-most = høyst { $rate }
report-stopped = Kjøringen stoppet før den var ferdig
report-altinn-said = Svar fra Altinn
report-to-do = Hva du kan gjøre
report-trace-id = Sporings-ID
report-resume = `fullmakt resume { $run }` fortsetter der den slapp; ingenting er tapt.
report-outcome = Utfall
report-number-of-clients = Klienter
report-unchanged = uendret: det var slik fra før
report-superseded = erstattet: en senere kjøring har avklart dem eller tatt over for denne
report-failed = feilet
report-rejected = avvist: rader i listen som ikke kunne leses
report-unconfirmed = besvart av Altinn, men ikke bekreftet av listen ennå
report-to-be-sent = ikke sendt ennå
report-outcomes-picture = Fordelingen av utfallene, i samme rekkefølge som tabellen
report-nothing-sent = Det ble ikke sendt noen forespørsel om klienter.
report-sent = { $requests ->
    [one] 1 forespørsel om klienter på { $took }: { $rate } i sekundet i snitt.
   *[other] { $requests } forespørsler om klienter på { $took }: { $rate } i sekundet i snitt.
 }
report-pace-line = Høyeste ønskede tempo er { $rate }, den stiplede linjen.
report-pace-unlimited = Tempoet hadde ingen grense.
report-pace-above = Høyeste ønskede tempo, { $rate }, ligger langt over det bildet viser.
report-retried = { $requests } av dem fikk ikke noe endelig svar; klienten blir da sendt på nytt, så ofte som jobben tillater.
report-no-retries = Alle forespørsler fikk et endelig svar.
report-pauses = { $pauses ->
    [one] Det var én pause; den varte i { $longest }.
   *[other] Det var { $pauses } pauser; den lengste varte i { $longest }.
 }
report-pause = pause: { $took }
report-picture = To grafer over samme tidsrom: øverst hvor mange forespørsler som hadde fått endelig svar, nederst forespørsler i sekundet etter utfall
report-answered-axis = forespørsler med endelig svar, i alt
report-rate-axis = forespørsler i sekundet
report-legend-done = utført
report-legend-refused = avslått
report-legend-retried = uten endelig svar
report-legend-asked = ønsket tempo
report-legend-pause = ingenting sendt
report-numbers-of-picture = Bildet i tall
report-from = Fra
report-scrolls = kan rulles sidelengs
report-clients = { $clients ->
    [one] 1 klient
   *[other] { $clients } klienter
 }
report-may-be-retried = Kan prøves på nytt.
report-needs-you = Det hjelper ikke bare å prøve på nytt.
report-row-rejected = Raden kan ikke brukes:
report-rows-rejected = Rader i listen som ikke kunne leses
report-correct-rows = rett radene og kjør listen på nytt; de står i failures.csv slik de var
report-what-to-do = Hva du kan gjøre: { $hint }.
report-retry = `fullmakt retry { $run }` prøver på nytt det som kan prøves på nytt.
report-among-them = Blant dem
report-more-reasons = { $more ->
    [one] … og 1 årsak til, i failures.csv
   *[other] … og { $more } årsaker til, i failures.csv
 }
report-more-in = … og { $more } til, i { $file }
report-private-person = privatperson
report-line = linje { $line }
report-number = Organisasjonsnummer
report-name = Navn
report-why = Hvorfor, og hva du kan gjøre
report-attempts = Forespørsler
report-when = Tidspunkt
report-find = Søk
report-sort-by = Sorter etter
# {"{shown}"} og {"{all}"} fylles inn av skriptet på siden.
report-shown = {"{shown}"} av {"{all}"} rader
report-table-cut = Tabellen viser { $here } av { $all }, de som må følges opp først; alle står i done.csv og failures.csv.
report-state-delegated = delegert
report-state-removed = fjernet
report-state-unchanged = uendret
report-state-failed = feilet
report-state-rejected = avvist
report-state-superseded = erstattet
report-state-pending = ikke avklart
report-footer = Skrevet av fullmakt { $version }. Klokkeslett er i tidssonen { $zone }. Ved siden av denne siden ligger done.csv, failures.csv og summary.json.
