# Det som er galt med en klientliste.
manifest-a-text-in-utf-32 = en tekst i UTF-32
manifest-a-binary-file-or-utf-16-without-its-mark = en binærfil (eller UTF-16 uten merke)
manifest-a-binary-file = en binærfil
manifest-with-a-header = med overskrifter
manifest-without-a-header = uten overskrifter
manifest-a-workbook-sheet = en arbeidsbok, arket «{ $sheet }», { $header }
manifest-utf-8-with-a-byte-order-mark = UTF-8 med BOM
manifest-open-it-and-save-it-as-xlsx-or-as-csv-utf-8 = åpne den og lagre den som .xlsx eller som «CSV UTF-8»
manifest-open-it-in-a-spreadsheet-program-and-save-it = åpne den i et regneark og lagre den som .xlsx
manifest-a-gzip-file = en gzip-fil
manifest-a-text-document-rtf = et tekstdokument (RTF)
manifest-a-picture = et bilde
manifest-ask-for-the-list-as-xlsx-or-csv = be om listen som .xlsx eller CSV
manifest-a-text-document = et tekstdokument
manifest-a-workbook-that-is-damaged-or-cut-off = en arbeidsbok som er skadet eller kuttet
manifest-save-it-again-or-copy-it-again = lagre den på nytt, eller kopier den på nytt
manifest-a-zip-file = en zip-fil
manifest-unpack-it-and-use-the-list-that-is-in-it = pakk den ut, og bruk listen som er i den
manifest-an-xml-table-of-excel-2003-under-another-name = en XML-tabell fra Excel 2003 under et annet navn
manifest-export-the-list-of-customers-as-xlsx-or-csv = eksporter kundelisten som .xlsx eller CSV i stedet
manifest-a-web-page-html-under-another-name = en nettside (HTML) under et annet navn
manifest-a-web-archive-under-another-name = et nettarkiv under et annet navn
manifest-export-the-list-as-xlsx-or-csv-instead = eksporter listen som .xlsx eller CSV i stedet
manifest-a-vendor-file = en leverandørfil
manifest-name-it-with-vendor = oppgi den med --vendor, og listen over virksomheter her
manifest-a-job-file = en jobbfil
manifest-the-list-is-what-its-manifest-names-fullmakt = listen er den som `manifest` i jobbfilen viser til; `fullmakt plan` og `fullmakt run` tar en jobbfil
manifest-this-looks-like-a-total-not-a-client-take-the = dette ser ut som en sum, ikke en klient; ta ut raden
manifest-this-looks-like-a-footer-of-the-report-not-a = dette ser ut som bunnteksten i rapporten, ikke en klient; ta ut raden
manifest-this-is-the-header-once-more-not-a-client = dette er overskriftene en gang til, ikke en klient; ta ut raden
manifest-this-is-a-line-not-a-client-take-the-row-out = dette er en strek, ikke en klient; ta ut raden
manifest-no-organisation-number-stands-here-a-heading = her står det ikke noe organisasjonsnummer: en gruppeoverskrift, eller en klient som mangler nummer; ta ut raden, eller sett inn nummeret
manifest-the-manifest-cannot-be-read = listen kan ikke leses: { $error }
manifest-another-program-has-the-file-open = et annet program har filen åpen, kanskje Excel: lukk den der og prøv på nytt
manifest-this-is-a-folder-a-manifest-is-a-csv-file-or = dette er en mappe; en liste er en CSV-fil eller en arbeidsbok
manifest-this-is-no-ordinary-file-a-manifest-is-read = dette er ingen vanlig fil; en liste leses mer enn én gang, så lagre den først
manifest-the-manifest-is-empty-it-needs-a-row-for-each = listen er tom: den trenger en rad for hver klient
manifest-the-manifest-has-a-header-and-no-rows-it = listen har overskrifter, men ingen rader: den trenger en rad for hver klient
manifest-the-list-names-no-firm = listen har ingen virksomheter: den trenger overskrifter og en rad for hver; ingenting er utført
manifest-no-column-has-the-firms = ingen kolonne har virksomhetene: én må hete facilitator eller «Org.nr.» (linje { $line } har { $columns })
manifest-this-is-not-a-list-of-clients = dette er { $kind }, ikke en klientliste; { $advice }
manifest-this-workbook-cannot-be-read-open-it-save-it = arbeidsboken kan ikke leses ({ $why }); åpne den, lagre den på nytt som .xlsx eller som «CSV UTF-8», og bruk den
manifest-this-workbook-is-too-large-to-be-read-save = arbeidsboken er for stor til å leses ({ $why }); lagre listen som «CSV UTF-8», og bruk den
manifest-the-workbook-has-no-sheet-it-has = arbeidsboken har ikke noe ark «{ $wanted }»; den har { $sheets }
manifest-the-job-names-a-sheet-and-this-is-no-workbook = jobben oppgir et ark, men dette er ingen arbeidsbok; ta `sheet` ut av jobben
manifest-no-column-is-headed-as-organisation-numbers = ingen kolonne har en overskrift for organisasjonsnumre; kall en av dem orgnr, eller oppgi overskriften i jobben: column = "…" (linje { $line } har { $columns })
manifest-unknown-heading = { $number ->
    [one] ingen kolonne har en overskrift for organisasjonsnumre, men { $columns } ser ut til å ha dem; er de klientenes, så skriv column = "{ $first }" i jobben, eller kall den orgnr i linje { $line }
   *[other] ingen kolonne har en overskrift for organisasjonsnumre, men { $columns } ser ut til å ha dem; er de klientenes, så skriv column = "{ $first }" i jobben, eller kall den orgnr i linje { $line }
 }
manifest-the-first-line-is-data-not-a-header-line-has = første linje er data, ikke overskrifter (linje { $line } har { $columns }); sett en linje over med navn på kolonnene, med orgnr over organisasjonsnumrene
manifest-the-header-stands-in-line-and-line-above-it = overskriftene står i linje { $header }, og linje { $line } over dem har nummeret til en klient; flytt overskriftene øverst
manifest-could-both-be-the-clients-organisation = { $columns } kan begge være klientenes organisasjonsnumre, og de er ulike; skriv i jobben hvilken det er, for eksempel column = "{ $name }", eller kall den andre noe annet
manifest-holds-organisation-numbers-of-by-its-heading = { $column } har organisasjonsnumrene til { $whose }, etter overskriften å dømme, og trolig ikke klientenes; er de klientenes, så skriv column = "{ $name }" i jobben{ $others }
manifest-no-column-is-headed-as-the-job-says-line-has = ingen kolonne har overskriften «{ $wanted }», som jobben sier (linje { $line } har { $columns })
manifest-line-has-several-columns-headed-and-the-job = linje { $line } har flere kolonner med overskriften «{ $wanted }», og jobben vil ha én; gi dem ulike overskrifter
manifest-columns-and-could-both-say-which-agent-a-row = kolonnene { $first } og { $second } kan begge si hvilken systembruker en rad gjelder; kall den riktige systembruker og den andre noe annet
manifest-the-jobs-kind-is-manifest-so-that-each-row = jobben er av typen manifest, der hver rad sier hva som skal gjøres, men ingen kolonne har overskriften handling (med deleger eller fjern i hver rad)
manifest-line-a-quote-is-opened-in-this-row-and-never = linje { $line }: et anførselstegn åpnes i denne raden og lukkes aldri; lukk det, eller ta det ut
manifest-line-rows-may-be-lost-here-a-quote-in-this = linje { $line }: rader kan gå tapt her: et anførselstegn i denne raden lukkes først i en rad lenger nede, og alt imellom leses som én celle; lukk det, eller ta det ut (inne i en tekst i anførselstegn skrives tegnet to ganger)
manifest-line-the-file-ends-in-the-middle-of-this-row = linje { $line }: filen slutter midt i denne raden, så rader under den kan også være tapt; eksporter listen på nytt
manifest-line-this-row-is-longer-than-64-kb-a-quote = linje { $line }: denne raden er lengre enn 64 KB; et anførselstegn som aldri lukkes, eller ikke en CSV-fil
manifest-organisation-numbers-too = { $number ->
    [one] ; { $columns } har også organisasjonsnumre
   *[other] ; { $columns } har også organisasjonsnumre
 }
manifest-header-below = { $above ->
    [one] overskriftene står i linje { $line }; linjen over er ikke lest
   *[other] overskriftene står i linje { $line }; de { $above } linjene over er ikke lest
 }
manifest-line-is-taken-for-the-heading = linje { $line } («{ $name }») leses som overskrift
manifest-name-the-same-clients-a-row-in-which-they = { $columns } har de samme klientene; en rad der de er ulike, kan ikke brukes
manifest-is-taken-for-the-system-user-that-each-row-is = { $column } leses som systembrukeren raden gjelder, og har { $examples }, som ikke er ID-en til en systembruker: er kolonnen noe annet (en person, ja eller nei), så gi den en annen overskrift
manifest-sheet-is-read-and-not-the-jobs-sheet-says = arket «{ $read }» leses, og ikke { $others }; vil du ha et annet ark, skriv sheet = "…" i jobben
manifest-names-another-client = { $column } har nummeret til en annen klient
manifest-the-client-is-to-be-delegated-and-removed-see = klienten skal både delegeres og fjernes, se linje { $line }; la bare én av dem stå
manifest-no-action-stands-here-write-delegate-or = her står det ingen handling; skriv deleger eller fjern
manifest-an-action-is-delegate-or-remove-or-deleger = en handling er deleger eller fjern (eller delegate, remove); behold (keep) lar klienten være som den er
manifest-the-row-says-and-the-job-is-to-every-row-make = raden sier { $says }, men jobben skal { $does } for alle rader; lag en jobb av typen manifest, eller ta ut raden
manifest-the-row-says-keep = raden sier keep (behold), men jobben skal { $does } for alle rader; lag en jobb av typen manifest, eller ta ut kolonnen med handlinger
manifest-the-row-has-cells-where-the-header-has-a-name = raden har { $cells } celler der overskriften har { $names }; et navn med skilletegnet i må stå i anførselstegn
manifest-this-row-is-one-cell-a-spreadsheet-has-not = denne raden er én celle: et regneark har ikke delt den opp. Åpne listen i regnearket med Data > Fra tekst/CSV, med { $delimiter } som skilletegn, og lagre den som .xlsx
manifest-the-workbook-cannot-be-made = arbeidsboken kan ikke lages: { $error }
manifest-sheet-has-more-than = arket { $sheet } har mer enn { $what }
manifest-ten-million-cells = ti millioner celler
manifest-256-mb-of-text = 256 MB tekst
manifest-the-file-has-more-than-100-mb = filen er på mer enn 100 MB
manifest-sheet-its-cells-are-out-of-order = arket { $sheet }: cellene er i uorden
manifest-its-parts-contradict-each-other = delene i den motsier hverandre
manifest-open-it-with-its-password-and-save-the-list = åpne den med passordet, og lagre listen uten
manifest-a-workbook-behind-a-password = en arbeidsbok med passord
manifest-in-sheet = { $sheet }, rad { $row }
manifest-in-line = linje { $line }
manifest-in-line-and-column = linje { $line }, kolonne { $column }
manifest-column = kolonne { $position }
manifest-column-named = kolonne { $position } ({ $name })
manifest-semicolons = semikolon
manifest-tabs = tabulatorer
manifest-pipes = loddrette streker
manifest-commas = komma
manifest-a-pdf-file = en PDF-fil
manifest-a-7-zip-file = en 7-Zip-fil
manifest-a-rar-file = en RAR-fil
manifest-a-saf-t-file = en SAF-T-fil
manifest-an-xml-file = en XML-fil
manifest-a-json-file = en JSON-fil
manifest-the-accountant = regnskapsføreren
manifest-the-auditor = revisoren
manifest-your-own-firm = din egen virksomhet
manifest-the-owner = eieren
manifest-the-parent-company = morselskapet
manifest-the-bank = banken
manifest-the-recipient-of-invoices = fakturamottakeren
manifest-the-supplier = leverandøren
manifest-hidden-rows = { $count ->
    [one] rad { $first } er skjult, men leses som de andre; slett den hvis den ikke skal være med
   *[other] { $count } skjulte rader leses som de andre, den første er rad { $first }; slett dem hvis de ikke skal være med
 }
manifest-hidden-columns = { $count ->
    [one] { $columns } er skjult, men leses som de andre
   *[other] { $columns } er skjult, men leses som de andre
 }
manifest-it-is-damaged-or-cut-off = den er skadet eller kuttet av
manifest-there-is-no-such-file = det finnes ingen slik fil; sjekk navnet og mappen
manifest-there-is-no-such-file-as-nothing-is-replaced = det finnes ingen slik fil; `~`, $HOME og andre variabler byttes ikke ut i en sti: skriv hele stien
