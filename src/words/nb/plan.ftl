# En kjøring på skjermen: planen, fremdriften, oppsummeringen, historikken og sammenligningen.

## Planen

plan-head = Jobben { $job } ({ $what }) for virksomhet { $firm } i { $environment }
plan-rows = { $rows ->
    [one] rad
   *[other] rader
 }
plan-different-clients = { $clients ->
    [one] 1 klient
   *[other] { $clients } ulike klienter
 }
plan-different-pairs = { $pairs ->
    [one] 1 par av klient og systembruker
   *[other] { $pairs } par av klient og systembruker
 }
plan-unchanged = er slik fra før, ingenting å sende
plan-cannot-be-sent = kan ikke sendes, se ovenfor
plan-rejected = { $rows ->
    [one] rad som ikke kan brukes; den kommer i feilrapporten
   *[other] rader som ikke kan brukes; de kommer i feilrapporten
 }
plan-private-persons = { $persons ->
    [one] privatperson, som ikke blir rørt
   *[other] privatpersoner, som ikke blir rørt
 }
plan-move = FLYTT     { $clients } fra { $from } til { $to }
plan-move-back = FLYTT TILBAKE { $clients }
plan-delegate-again = DELEGER   { $clients } på nytt til { $agent }
plan-delegate = DELEGER   { $clients } til { $agent }
plan-remove = FJERN     { $clients } fra { $agent }
plan-for = for       { $firm }
plan-in-prod = i         PROD: det virkelige Altinn, virkelige klienter
plan-in-prod-at = i         PROD ({ $environment }): det virkelige Altinn, virkelige klienter
plan-in-tt02 = i         tt02, testmiljøet til Altinn
plan-in-sandbox = i         sandkassen: ingen der er virkelige
plan-in-origin = i         { $environment }
plan-two-agents = { $agent } og { $other }
plan-more-agents = { $agent } og { $more } andre systembrukere
plan-retry-of = nytt forsøk på kjøring { $run }
plan-undo-of = angring av kjøring { $run }
plan-to-delegate = skal delegeres
plan-to-delegate-again = skal delegeres på nytt
plan-to-remove = skal fjernes
plan-to-remove-unnamed = skal fjernes: står ikke i listen
plan-to-move = skal flyttes
plan-to-move-back = skal flyttes tilbake
plan-to-take-off = skal fjernes
plan-to-take-off-old = skal fjernes fra den gamle systembrukeren: er på den nye allerede
plan-no-title = uten navn
plan-agent = systembruker { $agent } ({ $title })
plan-untitled-agent = systembruker { $agent }
plan-quoted = «{ $title }»
plan-on-agent = (systembruker { $agent })
plan-from-agent = fra { $agent }
plan-to-agent = { $clients ->
    [one] til { $agent }, 1 klient på de to til sammen nå
   *[other] til { $agent }, { $clients } klienter på de to til sammen nå
 }
plan-agent-now = { $clients ->
    [one] { $agent }, 1 klient nå
   *[other] { $agent }, { $clients } klienter nå
 }
plan-agents-now = { $clients ->
    [one] 1 klient på alle til sammen nå
   *[other] { $clients } klienter på alle til sammen nå
 }
plan-packages = tilgangspakker hver klient får: { $packages }
plan-no-packages = Altinn oppgir ingen
plan-limit-share = { $share } % av { $all } organisasjoner, altså { $clients }
plan-would-delegate = { $clients ->
    [one] 1 klient ville blitt delegert til systembruker { $agent }
   *[other] { $clients } klienter ville blitt delegert til systembruker { $agent }
 }
plan-would-remove-unnamed = { $clients ->
    [one] 1 klient hos systembruker { $agent } står ikke i listen og ville blitt fjernet
   *[other] { $clients } klienter hos systembruker { $agent } står ikke i listen og ville blitt fjernet
 }
plan-would-remove = { $clients ->
    [one] 1 klient ville blitt fjernet fra systembruker { $agent }
   *[other] { $clients } klienter ville blitt fjernet fra systembruker { $agent }
 }
plan-guard-refuses = { $what }; [guard] { $guard } tillater { $limit }; ingenting er sendt
plan-spared = { $clients ->
    [one] 1 klient er delegert uten å stå i listen. Den blir stående, for en rad som ikke kan brukes, kan gjelde den
   *[other] { $clients } klienter er delegert uten å stå i listen. De blir stående, for rader som ikke kan brukes, kan gjelde dem
 }
plan-agent-left-alone = ingen rad i listen gjelder systembruker { $agent } ({ $title }); klientene der blir ikke rørt
plan-removed = skal fjernes:
plan-removed-unnamed = skal fjernes, fordi de ikke står i listen:
plan-a-private-person = en privatperson
plan-and-more = … og { $more } til; `fullmakt plan JOBB --format json` viser alle
plan-line-is-in-altinn-in-the-list = linje { $line }: { $number } er { $altinn } i Altinn, { $list } i listen
plan-line-again-is-in-altinn-in-the-list = linje { $line }: nummeret tilhører { $altinn } i Altinn, { $list } i listen
plan-other-names = { $names ->
    [one] 1 navn i listen er et annet enn i Altinn; er det riktig klient?
   *[other] { $names } navn i listen er andre enn i Altinn; er det riktige klienter?
 }
plan-gone = { $clients ->
    [one] 1 klient er delegert, men Altinn viser den ikke lenger blant dem som kan delegeres: kundeforholdet kan være i ferd med å opphøre
   *[other] { $clients } klienter er delegert, men Altinn viser dem ikke lenger blant dem som kan delegeres: kundeforholdet kan være i ferd med å opphøre
 }
plan-file-to-be-sent = skal sendes
plan-file-cannot-be-sent = kan ikke sendes
plan-line = linje { $line }
plan-nothing-to-send = ingenting å sende
plan-time-in-flight = { $requests ->
    [one] går så fort som 1 forespørsel om gangen tillater
   *[other] går så fort som { $requests } forespørsler om gangen tillater
 }
plan-time-held-back = { $requests ->
    [one] tar { $time } med 1 forespørsel om gangen, for hvert svar tar { $answers } s akkurat nå. Skal det gå i { $rate }, trengs [pace] in_flight = { $needed }
   *[other] tar { $time } med { $requests } forespørsler om gangen, for hvert svar tar { $answers } s akkurat nå. Skal det gå i { $rate }, trengs [pace] in_flight = { $needed }
 }
plan-time-at-rate = tar { $time } i tempoet { $rate }, lenger hvis Altinn er treg eller ber oss vente
plan-time-at-least = { $requests ->
    [one] går så fort som 1 forespørsel om gangen tillater: minst { $time }, slik Altinn svarer nå
   *[other] går så fort som { $requests } forespørsler om gangen tillater: minst { $time }, slik Altinn svarer nå
 }

## Tall og tider

plan-less-than-a-second = under ett sekund
plan-about = ca. { $time }
plan-age-now = nå
plan-age-days = { $days ->
    [one] 1 dag
   *[other] { $days } dager
 }
plan-age-months = { $months } md.
plan-age-years = { $years } år
plan-hours = { $hours } t
plan-hours-minutes = { $hours } t { $minutes } min
plan-date = { $day }. { $month } { $year }
plan-january = januar
plan-february = februar
plan-march = mars
plan-april = april
plan-may = mai
plan-june = juni
plan-july = juli
plan-august = august
plan-september = september
plan-october = oktober
plan-november = november
plan-december = desember

## Fremdriften

plan-waits-as-told = venter på Altinn til { $time }, slik Altinn ba om
plan-waits-for-answers = venter på Altinn til { $time }: det kommer ikke svar
plan-waits-throttled = venter til { $time }: Altinn tar ikke imot mer akkurat nå
plan-waits-for-changes = prøver igjen { $time }: Altinn viser listene, men tar ikke imot endringer
plan-waits-unclear = spør Altinn igjen { $time }: feilen kan være forbigående
plan-waits-this-side = prøver igjen { $time }: { $cause }
plan-reading-back = leser listen i Altinn på nytt for å bekrefte resultatet
plan-waiting-before-tries = venter litt før neste forsøk
plan-time-left = { $time } igjen
plan-so-many-failed = { $clients } feilet
plan-retries = { $retries ->
    [one] 1 nytt forsøk
   *[other] { $retries } nye forsøk
 }
plan-another-run = en annen kjøring er i gang med denne systembrukeren; venter i opptil { $patience } på at den blir ferdig
plan-another-run-of = en annen kjøring er i gang med denne systembrukeren (prosess { $process }, siden { $since }); venter i opptil { $patience } på at den blir ferdig
plan-reading-available = leser klientene som kan delegeres til systembruker { $agent }
plan-reading-delegated = leser klientene som er delegert til systembruker { $agent }
plan-held-back = { $requests ->
    [one] svarene tar så lang tid at 1 forespørsel om gangen holder tempoet nede; med [pace] in_flight = { $needed } ville det gått i tempoet jobben ber om
   *[other] svarene tar så lang tid at { $requests } forespørsler om gangen holder tempoet nede; med [pace] in_flight = { $needed } ville det gått i tempoet jobben ber om
 }

## Oppsummeringen

plan-status-running = i gang
plan-status-completed = fullført
plan-status-interrupted = avbrutt
plan-status-stopped = stoppet
plan-status-superseded = erstattet
plan-status-refused = ikke utført
plan-count-delegated = delegert
plan-count-removed = fjernet
plan-count-unchanged = uendret
plan-count-failed = feilet
plan-count-rejected = { $rows ->
    [one] rad ikke brukt
   *[other] rader ikke brukt
 }
plan-count-pending = ikke avklart
plan-no-clients = ingen klienter
plan-run-is = kjøring { $run } av { $job } er { $status }
plan-run-is-with = kjøring { $run } av { $job } er { $status }: { $counts }
plan-run-was-refused = kjøring { $run } av { $job } ble ikke utført: { $message }
plan-may-be-retried = (kan prøves på nytt)
plan-more-reasons = årsaker til
plan-delegated = delegert, bekreftet av listen i Altinn
plan-delegated-again = delegert på nytt, bekreftet av listen i Altinn
plan-removed-confirmed = fjernet, bekreftet av listen i Altinn
plan-moved = flyttet: på den nye systembrukeren og ikke lenger på den gamle, bekreftet av listene i Altinn
plan-moved-back = flyttet tilbake, bekreftet av listene i Altinn
plan-taken-off-again = fjernet igjen, bekreftet av listen i Altinn
plan-taken-off-old = fjernet fra den gamle systembrukeren, bekreftet av listen i Altinn: var på den nye fra før
plan-rows-rejected = { $rows ->
    [one] rad som ikke kunne brukes
   *[other] rader som ikke kunne brukes
 }
plan-clients = klienter
plan-requests-sent = { $requests ->
    [one] 1 forespørsel om klienter ble sendt
   *[other] { $requests } forespørsler om klienter ble sendt
 }
plan-of-which-lost = ({ $requests } av dem kan ha blitt borte på veien)
plan-from-to = fra { $from } til { $to } { $zone }
plan-who-and-why = hvem og hvorfor står i { $file }

## Sammenligningen

plan-is-as-left = alt er slik kjøring { $run } av { $job } etterlot det
plan-is-not-as-left = ikke alt er slik kjøring { $run } av { $job } etterlot det
plan-as-left = slik kjøringen etterlot dem
plan-missing = mangler: ble delegert, men står ikke i Altinn nå
plan-gone-from-register = mangler, og er ikke lenger blant dem som kan delegeres: kundeforholdet er borte fra registeret
plan-partial = delvis: delegert, men systembrukeren har bare noen av tilgangspakkene
plan-extra = ekstra: står i Altinn nå, men ble fjernet av kjøringen eller var ikke med i den
plan-done-after-all = meldt som feilet, men ble likevel utført: regnes ikke som forskjell
plan-changed-since = endret av en senere kjøring: regnes ikke som forskjell
plan-not-compared = feilet, ubrukelig rad eller ikke avklart i kjøringen: ikke sammenlignet
plan-persons-not-compared = privatpersoner, som en liste ikke kan ha med: regnes ikke som forskjell
plan-clients-to-compare = klienter å sammenligne
plan-word-missing = mangler
plan-word-gone = borte
plan-word-partial = delvis
plan-word-extra = ekstra
plan-word-done = utført
plan-lacks = (mangler { $packages })
plan-changed-since-by = (endret siden, av kjøring { $run })
plan-and-more-differences = … og { $more } til; `--format json` viser alle

## Historikken

plan-now-delegated = { $client } har vært delegert til { $agent } siden { $since }, av kjøring { $run }
plan-now-found-delegated = { $client } er delegert til { $agent }; det var den allerede da kjøring { $run } så etter første gang
plan-now-removed = { $client } er ikke delegert til { $agent }: fjernet { $since }, av kjøring { $run }
plan-now-found-removed = { $client } er ikke delegert til { $agent }; det var den heller ikke da kjøring { $run } så etter første gang
plan-now-signed-in = ; innlogget: { $who }
plan-now-seen = ; sist sett i listen i Altinn { $seen }
plan-now-not-known = vi vet ikke om { $client } er delegert til { $agent }: kjøring { $run } kom ikke gjennom, { $seen }
plan-history-run = kjøring { $run } av { $job } ({ $purpose }) i { $environment }, planlagt { $planned }
plan-history-from = fra systembruker { $agent }
plan-history-signed-in = innlogget: { $who }
plan-history-on = { $operation } på { $agent }
plan-history-trace-id = sporings-ID { $id }
plan-history-to-ask = virksomhetens systembruker
plan-history-to-move = skulle flyttes
plan-history-to-nothing = ingenting å gjøre
plan-history-moved = flyttet
plan-history-at = { $time }
plan-history-unchanged = { $runs ->
    [one] uendret i 1 senere kjøring av jobben: { $last }, planlagt { $planned }
   *[other] uendret i { $runs } senere kjøringer av jobben; den siste, { $last }, ble planlagt { $planned }
 }
plan-history-nothing-sent = det er ikke sendt noen forespørsel om denne klienten

## Advarsler

plan-mixed-packages = systembruker { $agent } har tilgangspakker som klienter gir på ulike måter: { $packages }. En klient som ikke gir alle, kan ikke delegeres til den. Altinn anbefaler én systembruker for hver måte

## Det Altinns brukerservice spør om

plan-support-environment = Miljø:          { $environment }
plan-support-firm = Virksomhet:     { $firm }
plan-support-client = Klient:         { $client }
plan-support-vendor = Leverandør:     { $vendor }
plan-support-system = System:         { $system }
plan-support-asked-firm = Virksomhet:     { $firm }
plan-support-private-person = (en privatperson)
plan-support-uuid = Klient-UUID:    { $uuid }
plan-support-sent-at = Sendt:        { $time } (UTC)
plan-support-request = Forespørsel:  { $request }
plan-support-agent = Systembruker: { $agent }
plan-support-status = HTTP-status:  { $status }
plan-support-no-answer = HTTP-status:  ingen, det kom ikke noe svar
plan-support-took = Tok:          { $ms } ms
plan-support-code = Kode:         { $code }
plan-support-message = Melding:      { $message }
plan-support-trace-id = Sporings-ID:  { $id }
