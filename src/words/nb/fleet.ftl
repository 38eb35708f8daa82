# Flåter: mange virksomheter, ett tempo.

## Flåtefilen og virksomhetslisten

fleet-file-cannot-be-read = flåtefilen { $path } kan ikke leses: { $error }
fleet-file-is-wrong = flåtefilen { $path }: { $error }
fleet-file-cannot-be-used = flåtens fil { $file } kan ikke brukes: { $error }
fleet-signs-in-with-maskinporten = en flåte logger inn med method = "maskinporten": ingen er til stede om natten, og én klient logger inn for alle virksomhetene
fleet-host-stands-aside = { $jobs } jobber på rad nådde ikke Altinn fra denne maskinen; den begynner ikke på noe nytt på { $minutes } minutter, og overlater resten til de andre maskinene
fleet-has-each-firms-own-system-user = system_user_org er hver virksomhets eget organisasjonsnummer; ta den ut, ellers logges det inn som denne ene for alle
fleet-window-is-not-one = { $text } er ikke et tidsrom; skriv det slik: "01:00-05:00", lokal tid, gjerne over midnatt
fleet-row = linje { $line }: { $message }
fleet-cell = linje { $line }, { $column }: { $message }
fleet-cell-is-empty = cellen er tom
fleet-kind-is-not-known = { $kind } er ingen jobbtype; typene er delegate, remove, manifest, reconcile, refresh og migrate
fleet-from-agent-is-for-migrate = bare migrate tar klienter fra en annen systembruker; la cellen stå tom
fleet-job-stands-twice = virksomheten har den samme jobben i linje { $line }; gi en av dem et eget navn i en kolonne `job`
fleet-agent-stands-twice = systembrukeren står også i linje { $line }; to jobber på den samme systembrukeren ville vært i veien for hverandre
fleet-waits-for-its-window = klokken er utenfor vinduet fra { $from } til { $to }: venter til { $from }
fleet-has-no-such-job = { $list } har ingen jobb { $job }
fleet-plan-names-the-jobs = `fullmakt fleet plan FLEET --offline --format json` viser navnene på jobbene
fleet-has-no-such-firm = { $list } har ingen virksomhet { $firm }
fleet-columns-are-passed-over = kolonner i virksomhetslisten som ikke brukes: { $columns }
fleet-rows-are-wrong =
    { $wrong ->
        [one] 1 av { $rows } rader i { $list } er feil
       *[other] { $wrong } av { $rows } rader i { $list } er feil
    }
fleet-the-others-are-carried-out = `fleet work` utfører de andre radene; disse regnes som ikke utført

## Planen

fleet-reading-altinn-for =
    { $units ->
        [one] Leser Altinn for 1 jobb …
       *[other] Leser Altinn for { $units } jobber …
    }
fleet-plan-head = Flåten { $fleet } i { $environment }: { $units ->
        [one] 1 jobb
       *[other] { $units } jobber
    } for { $firms ->
        [one] 1 virksomhet
       *[other] { $firms } virksomheter
    }, { $pace } for alle til sammen
fleet-head-line = linje
fleet-head-firm = virksomhet
fleet-head-kind = type
fleet-head-delegate = delegeres
fleet-head-remove = fjernes
fleet-head-unchanged = uendret
fleet-head-cannot = kan ikke
fleet-head-name = navn
fleet-is-refused = ville ikke blitt utført, se nedenfor
fleet-is-in-order = klientlisten er i orden
fleet-unit-refused = linje { $line }, { $job }: { $why }
fleet-plan-total =
    { $operations ->
        [0] Ingenting å sende.
        [one] 1 forespørsel om en klient, for { $units ->
            [one] 1 jobb
           *[other] { $units } jobber
        }.
       *[other] { $operations } forespørsler om klienter, for { $units ->
            [one] 1 jobb
           *[other] { $units } jobber
        }.
    }
fleet-plan-refused =
    { $units ->
        [one] 1 jobb ville ikke blitt utført.
       *[other] { $units } jobber ville ikke blitt utført.
    }
fleet-plan-time = Alt sammen, også lesing av listene, tar { $time } i tempoet { $pace }.

## I arbeid

fleet-another-is-at-work = en annen prosess er allerede i gang med flåten { $fleet }
fleet-unit-has-trouble = { $job }: { $why }
fleet-a-unit-broke-down = en jobb brøt sammen ({ $error }); det er en feil i fullmakt, meld den gjerne

## Hvordan det står til

fleet-status-head = Flåten { $fleet } i { $environment }, siden { $from }
fleet-status-head-to = Flåten { $fleet } i { $environment }, natten fra { $from } til { $to }
fleet-count-done = { $units ->
        [one] jobb er utført
       *[other] jobber er utført
    }
fleet-count-at-work = { $units ->
        [one] jobb er underveis
       *[other] jobber er underveis
    }
fleet-count-due = { $units ->
        [one] jobb står for tur
       *[other] jobber står for tur
    }
fleet-count-waiting = { $units ->
        [one] jobb ble stoppet og prøves igjen
       *[other] jobber ble stoppet og prøves igjen
    }
fleet-count-refused = { $units ->
        [one] jobb kunne ikke utføres i natt; noen må se på den
       *[other] jobber kunne ikke utføres i natt; noen må se på dem
    }
fleet-count-failed = { $units ->
        [one] jobb ble stoppet tre ganger og er gitt opp for i natt
       *[other] jobber ble stoppet tre ganger og er gitt opp for i natt
    }
fleet-status-clients = Klienter: { $delegated } delegert, { $removed } fjernet, { $unchanged } uendret, { $failed } feilet, { $pending } gjenstår
fleet-status-pace = Tempo: { $used }/s av { $allowed }, alt regnet med
fleet-nobody-is-at-work = Ingen prosess er i gang nå; `fullmakt fleet work FLEET` fortsetter.
fleet-status-not-before = Altinn har bedt oss vente til { $until }.
fleet-all-are-held = Alle virksomheter er satt på vent siden { $since }{ $reason }
fleet-is-held = på vent siden { $since }{ $reason }
fleet-status-unit = linje { $line }, virksomhet { $firm }, { $job }: { $stands }
fleet-status-row = linje { $line }: { $stands }
fleet-clients-failed =
    { $clients ->
        [one] 1 klient feilet; `fullmakt report { $run }` viser hvilken
       *[other] { $clients } klienter feilet; `fullmakt report { $run }` viser hvilke
    }
fleet-failing-since = ikke utført siden { $since }
fleet-stands-due = står for tur
fleet-stands-waiting = stoppet, prøves igjen kl. { $until }
fleet-stands-at-work = underveis
fleet-stands-at-work-on = underveis på { $host }
fleet-stands-done = utført
fleet-stands-refused = ikke utført, noen må se på den
fleet-stands-failed = gitt opp for i natt

## Beskjed om natten

fleet-sentence = flåten { $fleet }: { $done } av { $units } jobber utført, { $refused } kunne ikke utføres, { $left } gjenstår; { $clients } klienter endret, { $failed } feilet

## Siden

fleet-page-title = Flåten { $fleet }
fleet-page-skip = Til virksomhetene
fleet-page-night = Natten
fleet-page-firms = Virksomheter
fleet-page-held = Alle virksomheter er på vent siden

## Vent og fortsett

fleet-firm-is-held-now = Virksomhet { $firm } er satt på vent: ingenting mer sendes for den.
fleet-all-are-held-now = Alle virksomheter er satt på vent: ingenting mer sendes.
fleet-all-were-not-held = De var ikke satt på vent alle sammen.
fleet-firm-was-not-held = Virksomhet { $firm } var ikke satt på vent alene.
fleet-firm-is-held-with-all = Virksomhet { $firm } er ikke lenger satt på vent alene, men venter sammen med alle de andre.
fleet-firm-goes-on = Virksomhet { $firm } fortsetter.
fleet-all-go-on = Alle virksomheter fortsetter, unntatt de som er satt på vent hver for seg.
fleet-firm-is-held-alone = Virksomhet { $firm } er fortsatt satt på vent alene, siden { $since }{ $reason }
fleet-firm-is-held = virksomhet { $firm } er satt på vent siden { $since }{ $reason }
fleet-release-lets-firm-go-on = `fullmakt fleet release { $fleet } --firm { $firm }` lar den fortsette
fleet-release-lets-all-go-on = `fullmakt fleet release { $fleet }` lar alle fortsette
fleet-server-is-too-far = en tur til tjeneren med kjøreloggen og tilbake tar { $measured } ms, og over { $allowed } ms kommer hver plass i det felles tempoet for sent: ingenting ville blitt sendt
fleet-server-is-a-standby = tjeneren med kjøreloggen følger bare en annen: oppgi den andre
fleet-server-confirms-too-early = tjeneren med kjøreloggen bekrefter ting som et strømbrudd ennå kan ta (synchronous_commit = { $commit }, fsync = { $fsync }): sett begge til on
fleet-server-has-no-synchronous-standby = ingen annen tjener har det som tjeneren med kjøreloggen bekrefter (synchronous_standby_names er tom): ved et bytte kan de siste øyeblikkene gå tapt, og klienter som ble sendt da, kan bli sendt en gang til
fleet-server-answers-in = tjeneren med kjøreloggen svarer på { $measured } ms
fleet-clock-is-ahead-of-the-servers = klokken på denne maskinen går { $seconds } s foran klokken til tjeneren med kjøreloggen: alle tider er etter tjenerens, som på alle maskinene; still denne riktig (med NTP)
fleet-clock-is-behind-the-servers = klokken på denne maskinen går { $seconds } s etter klokken til tjeneren med kjøreloggen: alle tider er etter tjenerens, som på alle maskinene; still denne riktig (med NTP)
