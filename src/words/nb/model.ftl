# Jobbfiler, årsaker og hva du kan gjøre.
model-method-is-not-one-of-token-id-porten-and = method { $other } er verken token, id-porten eller maskinporten
model-is-not-for-method-which-takes = `{ $key }` hører ikke til method = { $method }, som tar { $allowed }
model-holds-a-key-or-a-token-itself-put-that-into-a = `{ $key }` inneholder selve nøkkelen eller tokenet: legg det i en fil som bare du kan lese, eller i en miljøvariabel, og oppgi navnet her
model-method-token-needs-either-token-env-the-name = method = "token" trenger enten token_env (navnet på en miljøvariabel) eller token_file
model-method-needs-client-id-the-clients-id-from = method = { $method } trenger client_id, klientens ID fra Samarbeidsportalen
model-the-key-is-either-in-key-file-or-in-key-env = nøkkelen er enten i key_file eller i key_env
model-is-about-a-key-and-there-is-neither-key-file = { $key } gjelder en nøkkel, men verken key_file eller key_env er oppgitt
model-environment-needs-issuer-the-address-of-its = environment { $environment } trenger issuer, adressen til ID-porten der
model-id-porten-in-production-takes-no-localhost = ID-porten i produksjon godtar ikke localhost: oppgi redirect_uri, https-adressen som er registrert for klienten
model-redirect-uri-needs-a-port-to-listen-on-as-in = redirect_uri { $url } trenger en port å lytte på, som i { $example }
model-environment-needs-token-endpoint-the-address = environment { $environment } trenger token_endpoint, adressen til Maskinporten der
model-method-maskinporten-needs-key-file-or-key-env = method = "maskinporten" trenger key_file (eller key_env), klientens private nøkkel: en JWK, PEM med kid, eller et virksomhetssertifikat med nøkkel
model-is-for-other-environments-that-of-is-known-so = `{ $key }` er for andre miljøer: adressen i { $environment } er kjent, og da kan ikke tokenet havne på avveie
model-is-not-an-address-such-as-https = er ingen adresse som "https://…"
model-is-not-https-http-is-for-a-loopback-address = er ikke https (http er bare for denne maskinen selv)
model-has-more-than-an-address-take-out-the-user = har mer enn en adresse: ta ut brukernavnet og det som står etter #
model-not-shown-it-looks-like-a-key-or-a-token = (vises ikke: det ligner en nøkkel eller et token)
model-the-environment-variable = miljøvariabelen { $name }
model-the-environment-variable-that-names = miljøvariabelen som { $key } viser til
model-environment-is-not-sandbox-tt02-prod-or-an = environment { $text } er verken sandbox, tt02, prod eller en adresse som "https://platform.at22.altinn.cloud"
model-environment-has-more-than-an-origin-give = environment { $text } har for mye i adressen: oppgi bare protokoll, vert og port
model-environment-is-not-encrypted-use-https-http = environment { $text } er ikke kryptert: bruk https (http er bare for denne maskinen selv)
model-is-a-share-such-as-10-or-a-number-of-clients = { $key } er en andel som "10%" eller et antall klienter
model-manifest-age-is-not-an-age-such-as-36h-or-7d = manifest_age { $text } går ikke; skriv for eksempel "36h" (timer) eller "7d" (dager)
model-manifest-rest-is-no-time = manifest_rest { $text } går ikke; skriv for eksempel "10s" (sekunder), høyst "1h"; "0s" venter ikke
model-a-job-needs-manifest-the-csv-file-that-names = en { $kind }-jobb trenger `manifest`, listen med klientene
model-environment-needs-a-sign-in-add-auth-with = environment { $environment } krever innlogging: legg til [auth] med method = "id-porten" (en person), "maskinporten" (ubetjent) eller "token"
model-name-is-not-a-jobs-name-use-1-to-64-of-a-z-0 = name { $name } er ikke noe jobbnavn: bruk 1 til 64 tegn av a-z, 0-9 og -
model-from-agent-and-to-agent-are-for-kind-migrate = from_agent og to_agent er bare for kind = "migrate"
model-altinn-has-no-agent-which-system-user-is-to = [altinn] mangler `agent`: hvilken systembruker skal ha klientene? (sett inn en hvilken som helst UUID, så viser `fullmakt agents JOB` dem)
model-a-migrate-job-has-from-agent-and-to-agent-not = en migrate-jobb har from_agent og to_agent, ikke agent
model-a-migrate-job-needs-from-agent-and-to-agent = en migrate-jobb trenger from_agent og to_agent: fra hvilken systembruker til hvilken?
model-from-agent-and-to-agent-are-the-same = from_agent og to_agent er den samme
model-facilitator-id-is-not-a-uuid-it-is-the-firms = facilitator_id { $text } er ingen UUID: det er virksomhetens part-UUID i Altinn, ikke organisasjonsnummeret og ikke ID-en til en systembruker
model-agent-is-empty-fullmakt-agents-job-lists-the = agent er tom; `fullmakt agents JOB` viser systembrukerne til virksomheten
model-agent-is-no-whole-uuid-fullmakt-agents-job = agent { $text } er ikke en hel UUID; `fullmakt agents JOB` viser systembrukerne til virksomheten (eller oppgi den med navnet, {"{"} external_ref = "…" {"}"} eller {"{"} system_id = "…" {"}"})
model-rate-is-not-a-pace-such-as-5-s-120-min-or = rate { $text } er ikke noe tempo som "5/s", "120/min" eller "unlimited"
model-is-out-of-range-1-to = { $key } = { $number } er utenfor grensene: 1 til { $most }
model-is-not-a-duration-such-as-120s-or-15min-up-to = { $key } { $text } er ingen varighet som "120s" eller "15min" (høyst 24h)
model-command-names-no-program-write-it-as-program = command sier ikke hvilket program: skriv ["program", "argument"]; det går ikke gjennom et skall
model-folder-is-empty-name-the-folder-that-the = folder er tom: oppgi mappen som rapportene skal kopieres til, for eksempel "rapporter"
model-save-it-as-utf-8-in-notepad-file-save-as = lagre den som UTF-8 (i Notisblokk: Fil, Lagre som, Koding: UTF-8)
model-a-workbook = en arbeidsbok
model-line-says = linje { $line }: { $message }
model-and = {" "}og{" "}
model-a-client-list = en klientliste
model-it-is-saved-as-utf-16-which-notepad-calls = den er lagret som UTF-16, det Notisblokk kaller Unicode; { $what_to_do }
model-line-a-letter-such-as-o-or-a-is-saved-as-ansi = linje { $line }: en bokstav som æ, ø eller å er lagret som ANSI (Windows-1252); { $what_to_do }
model-this-is-not-a-job-file-fullmakt-check-reads-a = dette er { $what }, ikke en jobbfil; `fullmakt check` leser en liste, og en jobbfil viser til den: manifest = 'klienter.csv'
model-curly-quotes-stand-here-as-a-word-processor = her står det typografiske anførselstegn, slik et tekstbehandlingsprogram skriver dem; skriv rette: "…"
model-at-the-top-above-altinn = øverst, over [altinn]
model-at-the-top = øverst
model-stands-and-belongs-move-this-line-there = `{ $key }` står { $here }, men hører hjemme { $table }; flytt linjen dit
model-under = under [{ $table }]
model-kind-is-not-known-write-kind = kind { $kind } er ukjent; skriv kind = { $meant }
model-a-text-stands-in-quotes-such-as-5-s = { $message }; en tekst står i anførselstegn, som "5/s"
model-key-stands-twice = `{ $key }` står to ganger; ta bort den ene
model-table-stands-twice = [{ $table }] står to ganger; samle alt under den ene
model-is-a-list = `{ $key }` er en liste; skriv den i hakeparenteser: { $key } = [{ $value }]
model-is-a-number-without-quotes = `{ $key }` er et tall; skriv det uten anførselstegn: { $key } = { $value }
model-is-a-section = `{ $key }` er en seksjon; skriv [{ $key }] på en egen linje, og det som hører til, under den
model-word-is-not-known = { $word } er ukjent her; skriv en av { $known }
model-in-double-quotes-a-backslash-is-the-beginning = i doble anførselstegn betyr omvendt skråstrek noe annet; skriv stien i enkle anførselstegn, '{ $path }', eller med / i stedet for \
model-no-organisation-number-stands-here = her står det ikke noe organisasjonsnummer
model-a-filler-not-the-number-of-an-organisation = dette er fylltall, ikke et organisasjonsnummer
model-a-spreadsheet-has-rounded-this-number-away = et regneark har avrundet nummeret; gjør kolonnen om til tekst og hent listen ut på nytt fra kilden
model-the-spreadsheet-shows-an-error-here-and-not-a = regnearket viser en feil her og ikke et nummer; rett formelen, og lagre listen på nytt
model-the-spreadsheets-column-was-too-narrow-to = kolonnen i regnearket var for smal til å vise nummeret; gjør den bredere, og lagre listen på nytt
model-a-formula-stands-here-and-not-its-result-in = her står det en formel og ikke resultatet; lim inn kolonnen som verdier i regnearket
model-digits-a-spreadsheet-has-dropped-what-zeros = { $digits } sifre: et regneark har fjernet nullene foran; skriv { $number }
model-a-spreadsheet-has-made-a-decimal-number-of-it = et regneark har gjort det om til et desimaltall; skriv det uten desimaler
model-these-digits-look-like-a-national-identity = disse sifrene ligner et fødselsnummer; listen kan bare ha organisasjoner, ta ut raden
model-eleven-digits-a-bank-account-perhaps-an = elleve sifre: kanskje et kontonummer; et organisasjonsnummer har ni
model-a-telephone-number-it-seems-an-organisation = ser ut som et telefonnummer; et organisasjonsnummer har ni sifre og skrives 123456789
model-a-swedish-organisation-number-it-seems-altinn = ser ut som et svensk organisasjonsnummer; Altinn kjenner bare norske organisasjoner
model-several-organisation-numbers-in-one-cell-give = flere organisasjonsnumre i én celle; gi hver klient sin egen rad
model-other-text-stands-beside-the-number-leave = det står annen tekst ved siden av nummeret; la { $number } stå alene i cellen
model-an-organisation-number-has-nine-digits-does = et organisasjonsnummer har ni sifre; '{ $character }' hører ikke hjemme i det
model-an-organisation-number-has-nine-digits-this = et organisasjonsnummer har ni sifre, dette har 8: et siffer mangler, eller det er et telefonnummer eller et dansk nummer
model-an-organisation-number-has-nine-digits-this-2 = et organisasjonsnummer har ni sifre, dette har { $digits }
model-the-check-digit-does-not-fit-a-digit-is-wrong = kontrollsifferet stemmer ikke: et siffer er feil, eller to er byttet om
model-comes-with-the-role-accountant-regnskapsforer = følger med rollen regnskapsfører i Enhetsregisteret
model-comes-with-the-role-auditor-revisor-in-the = følger med rollen revisor i Enhetsregisteret
model-comes-with-the-role-business-manager = følger med rollen forretningsfører i Enhetsregisteret, bare for borettslag og sameier
model-is-given-by-the-client-in-altinn = gis av klienten i Altinn
model-the-agent-was-approved-for-no-access-package = systembrukeren er ikke godkjent for noen tilgangspakke
model-the-client-is-a-client-of-the-firm-and-gives = klienten er kunde av virksomheten, men gir den ingen av tilgangspakkene til systembrukeren: { $missing }
model-the-client-does-not-give-the-firm-every = klienten gir ikke virksomheten alle tilgangspakkene som systembrukeren krever; den mangler { $missing }
model-altinn-does-not-list-this-organisation-among = Altinn viser ikke denne organisasjonen blant klientene som kan delegeres til systembrukeren
model-altinn-lists-two-different-clients-with-this = Altinn viser to ulike klienter med dette organisasjonsnummeret
model-the-client-is-not-delegated-to-the-agent-and = klienten er ikke delegert til systembrukeren, og en refresh gir ingen ny tilgang
model-the-client-is-not-delegated-to-the-agent-that = klienten er ikke delegert til systembrukeren den skal flyttes fra
model-the-name-in-the-list-is-another-clients = navnet i listen hører til en annen klient
model-see-whether-the-number-or-the-name-is-wrong = finn ut om det er nummeret eller navnet som er feil, rett raden og bruk listen på nytt; ingenting er sendt for den
model-check-the-number-if-it-is-right-ask-the = sjekk nummeret; er det riktig, så be klienten registrere virksomheten i rollen (regnskapsfører, revisor, forretningsfører) eller gi den tilgangspakken i Altinn, og prøv igjen
model-ask-the-client-to-register-your-firm-in-that = be klienten registrere virksomheten i den rollen eller gi den tilgangspakken i Altinn, og prøv igjen; kommer den aldri til å gjøre det, så bruk en systembruker uten den pakken
model-check-the-number-a-job-of-kind-delegate-gives = sjekk nummeret; en jobb av typen delegate gir en klient tilgang den ikke har
model-delegate-the-right-one-in-altinns-portal-or = deleger den riktige i Altinn-portalen, eller spør Altinn hvilken som gjelder
model-a-client-that-is-cannot-be-this-is-a-fault-in = en klient som er { $state }, kan ikke bli { $event }; dette er en feil i fullmakt, meld gjerne fra om den
model-there-is-no-token-that-altinn-accepts = det finnes ikke noe token som Altinn godtar
model-there-is-no-new-token-to-be-had-just-now = det går ikke å få et nytt token akkurat nå
model-altinn-refuses-this-sign-in-403 = Altinn godtar ikke denne innloggingen (403)
model-altinn-does-not-know-the-facilitator = Altinn kjenner ikke virksomheten
model-the-agent-is-a-standard-system-user-which-can = systembrukeren er av standard type, og den kan ikke ha klienter
model-altinn-does-not-find-the-agent-among-the = Altinn finner ikke systembrukeren blant dem virksomheten har
model-the-agent-has-been-deleted-in-altinn = systembrukeren er slettet i Altinn
model-several-of-the-facilitators-system-users-fit = flere av virksomhetens systembrukere passer med `agent` i jobbfilen
model-the-agent-has-no-usable-access-package = systembrukeren har ingen tilgangspakke som kan brukes
model-one-of-the-agents-access-packages-cannot-be = en av tilgangspakkene til systembrukeren kan ikke gis videre
model-altinn-does-not-know-a-role-or-an-access = Altinn kjenner ikke en rolle eller en tilgangspakke den fikk oppgitt
model-this-sign-in-cannot-read-the-list-of = denne innloggingen kan ikke lese listen over delegerte klienter
model-this-altinn-does-not-have-the-api-for = dette Altinn har ikke API-et for å administrere klienter
model-the-firms-party-uuid-is-not-known-and-the-api = virksomhetens part-UUID er ukjent, og API-et for å administrere klienter trenger den
model-it-is-not-known-which-access-packages-the = det er ukjent hvilke tilgangspakker klientene gir
model-altinn-did-not-give-the-list-of-clients = Altinn ga ikke listen over klienter
model-altinns-list-of-clients-goes-round-in-a = listen over klienter fra Altinn tar aldri slutt (den går i ring)
model-altinns-list-of-clients-does-not-say-whose-it = listen over klienter fra Altinn sier ikke hvem den gjelder, og klienter skal fjernes ut fra den
model-altinn-has-not-answered-for-as-long-as-give = Altinn har ikke svart så lenge som give_up_after tillater
model-altinn-asks-to-wait-longer-than-give-up-after = Altinn ber oss vente lenger enn give_up_after tillater
model-altinn-gave-an-answer-that-is-not-documented = Altinn ga et svar som ikke er dokumentert
model-sign-in-again-with-id-porten-by-fullmakt = logg inn på nytt: med ID-porten med `fullmakt login JOB`; med eget token, legg et nytt der [auth] i jobbfilen peker
model-wait-until-it-answers-again = vent til den svarer igjen
model-the-token-needs-both-scopes-altinn = tokenet må ha begge scopene, altinn:clientdelegations.read og altinn:clientdelegations.write, og den det er utstedt til, må være klientadministrator for virksomheten
model-check-facilitator-in-the-job-file-and-that = sjekk `facilitator` i jobbfilen, og at `environment` er miljøet der den finnes
model-choose-a-system-user-for-client-relationships = velg en systembruker for klientforhold; `fullmakt agents JOB` viser dem
model-choose-another-fullmakt-agents-job-lists-the = velg en annen; `fullmakt agents JOB` viser systembrukerne til virksomheten
model-check-agent-in-the-job-file-it-may-be-a = sjekk `agent` i jobbfilen: det kan være en systembruker for virksomhetens eget system, en slettet, eller en annen virksomhets; `fullmakt agents JOB` viser dem som kan ha klienter
model-name-it-by-its-uuid-fullmakt-agents-job-lists = oppgi den med UUID; `fullmakt agents JOB` viser systembrukerne til virksomheten
model-the-system-user-must-be-approved-with-an = systembrukeren må være godkjent med en tilgangspakke for klientforhold; det trengs en ny systembruker med riktig pakke
model-the-system-user-was-approved-with-an-access = systembrukeren er godkjent med en tilgangspakke som ingen kan gi videre; det trengs en ny systembruker uten den
model-it-may-be-new-or-gone-look-for-a-newer = den kan være ny, eller den finnes ikke lenger: se etter en nyere versjon av fullmakt; svaret fra Altinn sier hvilken det gjelder
model-a-system-user-reads-it-through-access = en systembruker leser den gjennom API-et for tilgangsstyring (`api = "administration"` i jobbfilen); eller logg inn som person med ID-porten
model-check-environment-in-the-job-file-a-person = sjekk `environment` i jobbfilen; for en person holder det med `api = "delegation"`
model-give-it-in-the-job-file-as-facilitator-id = oppgi den i jobbfilen som facilitator_id ([altinn]), eller bestill scopet altinn:accessmanagement/authorizedparties for klienten, så den kan slås opp
model-plan-again-the-plan-reads-them = planlegg på nytt: planen leser dem
model-try-again-when-altinn-answers-if-it-has-never = prøv igjen når Altinn svarer; har det aldri virket, så sjekk `environment` i jobbfilen
model-wait-until-altinn-answers-again = vent til Altinn svarer igjen
model-wait-until-the-time-that-altinn-gave = vent til tidspunktet Altinn oppga
model-look-at-what-altinn-answered-if-it-stays-so = se på svaret fra Altinn; blir det ikke bedre, kan Altinns brukerservice slå opp sporings-ID-en
model-something-between-this-machine-and-altinn = noe mellom denne maskinen og Altinn viser et sertifikat maskinen ikke stoler på (trolig en proxy eller et virusprogram som åpner TLS)
model-the-certificate-is-not-valid-at-the-time-that = sertifikatet gjelder ikke på tidspunktet klokken i maskinen viser: klokken går feil, eller noe imellom viser et gammelt sertifikat
model-something-between-this-machine-and-altinn-2 = noe mellom denne maskinen og Altinn svarer uten kryptering: en proxy, eller en side i nettverket
model-your-proxy-wants-a-user-name-and-a-password = proxyen krever brukernavn og passord (407)
model-your-proxy-does-not-let-this-machine-through = proxyen slipper ikke denne maskinen gjennom til Altinn
model-there-is-no-connection-through-your-proxy = det er ingen forbindelse til tjeneren gjennom proxyen
model-the-proxy-variables-of-this-machine-name-a = proxyvariablene på maskinen viser til en proxy som fullmakt ikke kan bruke (bare http:// og https://; ikke SOCKS og ikke PAC-fil)
model-a-filter-in-your-network-answers-in-altinns = et filter i nettverket svarer i stedet for Altinn, med sin egen side
model-a-page-answers-in-altinns-place-such-as-the = en side svarer i stedet for Altinn, for eksempel innloggingssiden til et trådløst nett
model-this-machine-does-not-find-the-servers-name = denne maskinen finner ikke navnet på tjeneren (DNS)
model-this-machine-gets-no-connection-to-the-server = denne maskinen får ikke kontakt med tjeneren
model-this-process-may-open-no-more-files-and = programmet får ikke åpne flere filer og forbindelser
model-have-it-put-the-proxys-root-certificate-into = be IT legge rotsertifikatet til proxyen i maskinens sertifikatlager, eller oppgi PEM-filen i SSL_CERT_FILE, eller unnta navnene til Altinn; alt står i docs/networks.md
model-set-this-machines-clock-and-time-zone-and-run = still klokken (og tidssonen) på maskinen, og kjør på nytt; alt står i docs/networks.md
model-look-whether-the-network-wants-a-sign-in-in-a = se om nettverket krever innlogging i en nettleser først; be IT si hvilken proxy HTTPS_PROXY skal vise til; alt står i docs/networks.md
model-put-the-user-name-and-the-password-into-https = legg brukernavn og passord i HTTPS_PROXY (http://NAVN:PASSORD@PROXY:PORT, tegn som @ : / ? # % i passordet skrives %40 %3A %2F %3F %23 %25); tar proxyen bare NTLM eller Kerberos, må IT slippe maskinen gjennom uten, eller kjøre et hjelpeprogram som logger inn; alt står i docs/networks.md
model-have-it-allow-connect-to-altinns-and-the-sign = be IT tillate CONNECT til navnene til Altinn og innloggingen, port 443; alt står i docs/networks.md
model-set-https-proxy-http-proxy-port-and-take-all = sett HTTPS_PROXY=http://PROXY:PORT (eller http://NAVN:PASSORD@PROXY:PORT, tegn som @ : / ? # % i passordet skrives %40 %3A %2F %3F %23 %25), og ta bort ALL_PROXY med socks:// eller en PAC-adresse; IT kjenner adressen; alt står i docs/networks.md
model-have-it-look-whether-the-proxy-is-up = be IT se om proxyen i HTTPS_PROXY er den rette, er oppe og når internett; alt står i docs/networks.md
model-have-it-allow-altinns-names-in-the-filter-for = be IT tillate navnene til Altinn i filteret, for denne maskinen; alt står i docs/networks.md
model-open-a-web-page-in-a-browser-and-sign-in-to = åpne en nettside i en nettleser og logg inn på nettverket, eller bruk et annet nett; kjør så på nytt; alt står i docs/networks.md
model-check-the-network-and-environment-in-the-job = sjekk nettverket og `environment` i jobbfilen; bak en proxy som selv slår opp navn, sett HTTPS_PROXY; alt står i docs/networks.md
model-check-the-network-and-environment-in-the-job-2 = sjekk nettverket og `environment` i jobbfilen; be IT åpne port 443, eller si hvilken proxy HTTPS_PROXY skal vise til; alt står i docs/networks.md
model-raise-the-limit-ulimit-n-4096-limitnofile-in = hev grensen (`ulimit -n 4096`, LimitNOFILE= i en unit), eller sett ned in_flight i jobbfilen; alt står i docs/networks.md
model-is-no-key-of-a-job-file = `{ $key }` er ingen nøkkel som er kjent her; de som er det: { $known }
model-is-missing-at-the-top = `{ $key }` mangler; skriv den øverst, over [altinn]
model-is-missing-under = `{ $key }` mangler; skriv den under [{ $table }]
model-write-it-in-quotes = { $value } står uten anførselstegn; skriv { $key } = "{ $meant }"
