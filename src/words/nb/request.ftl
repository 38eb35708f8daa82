# Forespørsler om systembrukere: det en leverandør ber virksomheter om.

## Leverandørfilen

request-vendor-file-cannot-be-read = leverandørfilen { $path } kan ikke leses: { $error }
request-vendor-file-is-wrong = leverandørfilen { $path }: { $error }
request-vendor-signs-in-with-maskinporten = en leverandør logger inn med method = "maskinporten" (eller leverer et token fra Maskinporten med method = "token"): virksomheter blir spurt av en organisasjon, ikke av en person
request-vendor-lacks-a-key = `{ $key }` mangler under [vendor]
request-ready-goes-to-one-place = både jobs og fleet står her; behold én av dem
request-ready-kind-is-none = kind er { $kind }, og den gir ingen klienter til en ny systembruker; velg en av { $kinds }
request-manifest-names-no-firm = manifest er { $text }; skriv { "{" }firm{ "}" } der virksomhetens nummer skal stå, for hver virksomhet har sin egen liste
request-key-is-empty = { $key } er tom
request-redirect-is-no-address = redirect er { $text }; skriv hele adressen, som "https://vendor.example/approved", slik den er registrert på systemet
request-package-is-none = { $package } er ingen tilgangspakke; skriv en URN som "urn:altinn:accesspackage:regnskapsforer-lonn", eller det som står etter siste kolon
request-package-is-not-for-clients = { $package } er for en standard systembruker (standard system user), som administrerer klientene til virksomheten, og ikke for en som handler for dem; ta den ut
request-vendor-needs-a-sign-in = miljøet { $environment } krever innlogging: legg til [auth] med method = "maskinporten" (leverandørens egen klient) eller method = "token"
request-no-packages = packages er tom: en systembruker uten tilgangspakke kan ikke gjøre noe

## Det Altinn svarer

request-answered-for-another-firm = Altinn svarte om en annen virksomhet eller en annen referanse enn det ble spurt om
request-cause-vendor-file = Altinn avviser det leverandørfilen ber om, og ville gjort det for alle virksomheter
request-hint-vendor-file = rett leverandørfilen, og spør på nytt: virksomheter som er spurt, blir ikke spurt to ganger
request-cause-no-vendor = tokenet navngir ingen organisasjon som spør
request-hint-no-vendor = det må være et token fra Maskinporten for leverandørens egen organisasjon: ikke vekslet inn, og ikke for en systembruker
request-cause-scopes = Altinn avviser denne innloggingen for forespørsler (403)
request-hint-scopes = leverandørens klient i Maskinporten trenger begge scopene altinn:authentication/systemuser.request.read og altinn:authentication/systemuser.request.write
request-hint-the-vendors-client-needs-the-scopes = gi klienten { $client } begge scopene altinn:authentication/systemuser.request.read og altinn:authentication/systemuser.request.write i Samarbeidsportalen
request-hint-unknown-firm = Altinn finner ikke denne organisasjonen; sjekk nummeret, eller prøv igjen: registeret kan ha vært nede
request-hint-standard-request = det finnes en forespørsel om en vanlig systembruker med denne referansen; gi denne en annen external_ref, eller trekk den andre tilbake
request-hint-unknown-system = leverandørfilens system_id står ikke i Altinns systemregister, eller tilhører en annen leverandør
request-hint-redirect = leverandørfilens redirect er ikke en av adressene som er registrert på systemet: få den registrert, eller utelat den
request-hint-packages = pakkene i leverandørfilen må være registrert på systemet i Altinns systemregister
request-hint-not-for-clients = en av pakkene i leverandørfilen kan ikke brukes for klienter; en slik er klientadministrator, som hører til en vanlig systembruker

## Sandkassen

request-sandbox-answered = { $answered ->
        [one] 1 forespørsel er besvart
       *[other] { $answered } forespørsler er besvart
    }

request-hint-ask-again = ingenting er avgjort: samme kommando spør på nytt, og ingen blir spurt to ganger

## Kommandoer

request-name-the-vendor-file = oppgi den med --vendor FIL; docs/requests.md viser en
request-no-firm-is-named = ingen virksomhet er oppgitt
request-add-yes = legg til --yes, så gjøres det uten spørsmål; --dry-run viser hva som ville blitt gjort
request-add-yes-alone = legg til --yes, så gjøres det uten spørsmål; `fullmakt request list` viser hvordan det står til med virksomhetene
request-name-a-list-or-a-firm = oppgi en liste over virksomheter (CSV eller arbeidsbok), eller --firm ORG
request-correct-the-list = rett dem, eller legg til --skip-invalid for å utelate de virksomhetene
request-firms-were-never-asked = { $firms ->
        [one] 1 virksomhet er aldri spurt: { $first }
       *[other] { $firms } virksomheter er aldri spurt: { $first }
    }
request-firms = { $firms ->
        [one] 1 virksomhet
       *[other] { $firms } virksomheter
    }
request-another-process-asks = en annen prosess ber virksomheter om systembrukere av { $system }
request-wait-for-the-other = vent til den er ferdig; `fullmakt runs` viser den
request-ask-them-first = `fullmakt request create` spør virksomheter; `fullmakt request list` viser hvem som er spurt
request-the-reference-is-the-old-one = { $reference } er referansen til dagens systembrukere; de nye trenger en annen
request-the-reference-is-empty = --external-ref er tom
request-the-reference-is-a-firms-number = { $reference } er nummeret til en virksomhet, og det er referansen til forespørsler som ikke har fått noen
request-name-the-new-reference = gi de nye systembrukerne en egen referanse, for eksempel lonn-2027
request-more-packages-how =
    En systembruker for klienter kan ikke få flere pakker: Altinn tar ikke imot endringer for den (404 AUTH-00015). Derfor bes det om en ny, med sin egen referanse.
    Når en virksomhet har godkjent, skriver `fullmakt request status` en migrate-jobb for den: den flytter alle klientene, og tar ingen fra den gamle før den nye har dem.
request-nothing-to-move-from = { $firms ->
        [one] 1 virksomhet har ingen systembruker å flytte klienter fra
       *[other] { $firms } virksomheter har ingen systembruker å flytte klienter fra
    }
request-nothing-to-move-from-to-do = spør disse med `fullmakt request create`, eller oppgi dagens referanse med --from-ref
request-the-packages-are-the-same = { $firms ->
        [one] 1 virksomhet har alt en systembruker med nettopp disse pakkene
       *[other] { $firms } virksomheter har alt systembrukere med nettopp disse pakkene
    }
request-the-packages-are-the-same-to-do = sett de nye pakkene i leverandørfilen først, eller utelat disse virksomhetene
request-folder-cannot-be-written = ingen er spurt, fordi lenkene ikke kan skrives i { $folder }: { $error }
request-name-another-folder = oppgi en annen mappe med --out, eller gi skrivetilgang til den
request-links-would-replace-the-list = { $file } er selve virksomhetslisten, og lenkene ville blitt skrevet over den
request-links-would-replace-a-file = { $file } finnes og er ingen lenkeliste som fullmakt har skrevet; lenkene ville blitt skrevet over den
request-name-another-folder-for-links = oppgi en annen mappe med --out, eller flytt den filen
request-plan-rows-left-out = { $rows ->
        [one] 1 rad i listen kan ikke leses og blir utelatt:
       *[other] { $rows } rader i listen kan ikke leses og blir utelatt:
    }
request-plan-row-left-out = linje { $line }: { $problem }
request-go-on = { $firms ->
        [one] Spørre 1 virksomhet? [j/N]
       *[other] Spørre { $firms } virksomheter? [j/N]
    }
request-interrupted = { $left ->
        [0] avbrutt; alle virksomheter er spurt
        [one] avbrutt; 1 virksomhet er ikke spurt ennå
       *[other] avbrutt; { $left } virksomheter er ikke spurt ennå
    }
request-same-command-goes-on = samme kommando fortsetter der denne stoppet: den ser etter først, og spør ingen to ganger
request-round-is-open = kjøring { $run } er ikke ferdig, og gjelder også andre virksomheter: `fullmakt resume { $run }` fortsetter den
request-vendor-file-is-about-another-system = { $path } gjelder ikke lenger { $system } i { $environment }, som den kjøringen spurte om
request-withdrawn-is-not-undone = kjøring { $run } trakk forespørsler tilbake, og det kan ikke angres
request-create-again-asks = `fullmakt request create LISTE --again` spør disse virksomhetene på nytt
request-rounds-are-not-verified = kjøring { $run } spurte virksomheter, og ingen klientliste sier noe om det
request-status-looks = `fullmakt request status` ser etter hvordan det står til hos virksomhetene
request-requests-sent = { $requests ->
        [one] 1 kall om virksomheter ble sendt
       *[other] { $requests } kall om virksomheter ble sendt
    }
request-every-is-too-often = --every er minst ett minutt: det er mennesker som svarer, og de bruker dager
request-withdraws = { $firms ->
        [one] 1 forespørsel trekkes tilbake
       *[other] { $firms } forespørsler trekkes tilbake
    }
request-approved-is-not-withdrawn = { $firms ->
        [one] 1 virksomhet har godkjent, og det trekkes ikke tilbake herfra: virksomheten sletter systembrukeren i Altinn
       *[other] { $firms } virksomheter har godkjent, og det trekkes ikke tilbake herfra: hver av dem sletter sin systembruker i Altinn
    }
request-several-references = { $firms ->
        [one] 1 virksomhet har flere forespørsler som kan trekkes tilbake
       *[other] { $firms } virksomheter har flere forespørsler som kan trekkes tilbake
    }
request-name-the-reference = si hvilken med --external-ref
request-nothing-to-withdraw = Ingen av disse virksomhetene har en forespørsel som kan trekkes tilbake.
request-withdraw-question = { $firms ->
        [one] Trekke tilbake forespørselen til 1 virksomhet? Lenken dens fører da ingen steder. [j/N]
       *[other] Trekke tilbake forespørslene til { $firms } virksomheter? Lenkene deres fører da ingen steder. [j/N]
    }
request-status-waits = Ser etter igjen fra tid til annen; Ctrl-C avslutter.
request-firms-have-answered = { $name }: { $firms ->
        [one] én virksomhet
       *[other] { $firms } virksomheter
    } har svart: { $ready } klare, { $rejected } avviste, { $late } for sent; { $pending } har ikke svart ennå
request-links-written = { $firms ->
        [0] Ingen virksomhet har en åpen forespørsel, så listene er tomme:
        [one] Lenken til 1 virksomhet, og siden dens i mappen pages ved siden av:
       *[other] Lenkene til { $firms } virksomheter, og sidene deres i mappen pages ved siden av:
    }
request-rows-added = { $rows ->
        [one] 1 rad er lagt til i { $list }
       *[other] { $rows } rader er lagt til i { $list }
    }
request-job-has-no-list = { $job } oppgir ingen klientliste
request-list-is-no-csv = { $path } er ingen CSV-fil, og bare slike skrives
request-move-waits-for-a-move = flyttingen for virksomheten { $firm } skrives når den forrige er utført
request-row-taken-out = tatt ut av { $list }: raden til virksomheten { $firm } for systembrukeren { $agent }
request-job-set-aside = lagt til side: { $job }, for systembrukeren { $agent }, heter nå { $new }
request-fleet-list-lacks-a-column = { $list } har ingen kolonne { $column }, og den trenger en virksomhets rad; legg til overskriften
request-fleet-list-is-a-workbook = { $list } er en arbeidsbok, og ingenting legges til i noens arbeidsbok; lagre det som CSV og oppgi det i flåtefilen, eller skriv jobs = "jobs" under [ready]

## Planen

request-plan-head = { $vendor } ({ $organisation }) ber om systembrukere av { $system } i { $environment }
request-plan-packages = med { $packages }
request-plan-unknown-package = { $package } følger ikke med noen rolle som regnskapsførere, revisorer eller forretningsførere har: er den skrevet slik den er registrert på systemet?
request-plan-asks = { $firms ->
        [0] ingen blir spurt
        [one] 1 virksomhet blir spurt
       *[other] { $firms } virksomheter blir spurt
    }
request-plan-asks-again = { $firms ->
        [one] 1 av dem på nytt, etter at den gamle forespørselen er trukket tilbake
       *[other] { $firms } av dem på nytt, etter at de gamle forespørslene er trukket tilbake
    }
request-plan-takes = det tar { $time } i leverandørfilens tempo
request-looking-at = Ser hva Altinn har om { $firms } virksomheter …
request-left-system-user-is-there = blir stående, fordi systembrukeren finnes
request-left-pending = blir stående, fordi det finnes en forespørsel som ingen har svart på
request-left-accepted-without = blir stående: godkjent, men Altinn viser ikke systembrukeren; er den slettet, spør --again på nytt
request-left-rejected = blir stående, fordi virksomheten har avvist den; --again spør på nytt
request-left-denied = blir stående, fordi virksomheten har avslått den; --again spør på nytt
request-left-timed-out = blir stående, fordi forespørselen er for gammel til å besvares; --again spør på nytt
request-left-withdrawn = blir stående, fordi forespørselen er trukket tilbake; --again spør på nytt
request-left-unknown = blir stående, fordi Altinn sier noe om forespørselen som denne versjonen ikke kjenner
request-plan-has-other-packages = { $firm } har en systembruker med andre pakker ({ $packages }), og den kan ikke endres: se `fullmakt request more-packages`
request-plan-other-packages = { $firm } er spurt om andre pakker ({ $packages }), og det blir slik; for å be om andre, trekk forespørselen tilbake først
request-plan-more-other-packages = { $firms ->
        [one] og 1 virksomhet til har, eller er spurt om, andre pakker
       *[other] og { $firms } virksomheter til har, eller er spurt om, andre pakker
    }

## Hvordan det står til

request-standing-head = { $vendor }, { $system } i { $environment }: { $firms ->
        [one] 1 virksomhet
       *[other] { $firms } virksomheter
    }
request-standing-requests = , { $requests } referanser
request-firm-and-reference = { $firm } (referanse { $reference })
request-standing-ready = klare: systembrukeren finnes
request-standing-accepted = godkjent; systembrukeren vises ikke ennå
request-standing-pending = spurt, ikke besvart
request-standing-rejected = avvist
request-standing-denied = avslått
request-standing-timed-out = for gamle til å besvares
request-standing-failed = avvist av Altinn
request-standing-to-be-asked = ikke spurt ennå
request-standing-withdrawn = trukket tilbake
request-state-ready = klar, systembruker
request-state-accepted = godkjent, systembrukeren vises ikke ennå
request-state-pending = spurt
request-state-rejected = avvist av virksomheten
request-state-denied = avslått av virksomheten
request-state-timed-out = for gammel til å besvares
request-state-withdrawn = trukket tilbake
request-state-failed = avvist av Altinn
request-state-to-be-asked = ikke spurt ennå
request-asked-at = { " " }{ $at }
request-answer-by = , svarfrist { $day }
request-file-written = skrevet: { $file }
request-rows-left-out = { $rows ->
        [one] 1 rad i listen kan ikke leses og er utelatt; den står i failures.csv
       *[other] { $rows } rader i listen kan ikke leses og er utelatt; de står i failures.csv
    }
request-next-answers = Neste: del ut lenkene; `fullmakt request status` ser hvem som har svart.
request-next-clients = Neste: listen over hver virksomhets klienter dit jobben sier; `fullmakt request status --lists` skriver dem som mangler, med klientene hver virksomhet kan gi.
request-job-written = jobb: { $job }
request-more-jobs-written = { $jobs ->
        [one] og 1 jobb til
       *[other] og { $jobs } jobber til
    }
request-list-written = liste: { $list }
request-more-lists-written = { $lists ->
        [one] og 1 liste til
       *[other] og { $lists } lister til
    }
request-job-lacks-its-list = uten klientliste: { $job }
request-more-jobs-lack-lists = { $jobs ->
        [one] og 1 jobb til
       *[other] og { $jobs } jobber til
    }

## Siden for en virksomhet

request-page-title = { $vendor } ber om tilgang i Altinn
request-page-why = { $vendor } ({ $organisation }) ber { $firm } om å godkjenne en systembruker for klientforhold i Altinn. Gjennom den kan programmet til { $vendor } handle i Altinn for de klientene dere lar det handle for. Uten den kan programmet ikke det.
request-page-who-heading = Hvem som kan godkjenne
request-page-who = En som er både tilgangsstyrer (tilgangsstyring) og klientadministrator (klientadministrasjon) for { $firm }. Én av de to er ikke nok.
request-page-gives-heading = Hva det gir
request-page-gives = En systembruker med tilgangspakkene nedenfor. Godkjenningen alene åpner ingen klient: hver klient gis til systembrukeren for seg, og kan tas bort igjen. Dere kan når som helst slette systembrukeren i Altinn.
request-page-check-heading = Sjekk dette først
request-page-check-address = adressen i nettleseren begynner med { $host }/
request-page-check-vendor = Altinn oppgir { $vendor }, { $organisation }, som leverandør
request-page-check-firm = Altinn sier at du handler på vegne av { $firm }
request-page-check-packages = tilgangspakkene Altinn viser, er de som står ovenfor, og ingen andre
request-page-link-heading = Godkjenn
request-page-link = Åpne forespørselen i Altinn
request-page-code = Samme adresse, for kameraet på telefonen
request-page-by = Forespørselen kan besvares til { $day }.
request-page-secret = Adressen er bare for deres virksomhet. Gi den kun videre til den som skal godkjenne.
request-page-after = Altinn sier ikke fra til noen når dere har godkjent; { $vendor } ser det neste gang de ser etter.

request-package-accountant-payroll = Regnskapsfører lønn
request-package-accountant-signing = Regnskapsfører med signeringsrettighet
request-package-accountant = Regnskapsfører uten signeringsrettighet
request-package-auditor = Ansvarlig revisor
request-package-auditors-staff = Revisormedarbeider
request-package-property = Forretningsfører eiendom

## Siden med feil

request-errors = Virksomheter som Altinn ikke ville spørre
request-errors-more = Hva som kan svares om en virksomhet som en leverandør ber om en systembruker. `AUTH-00004` (systembrukeren finnes), `AUTH-00010` og `AUTH-00030` (ingen slik forespørsel) er ingen feil: det er ingenting igjen å gjøre.
