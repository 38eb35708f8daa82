# Forespørsler om systembrukere: det en leverandør ber firmaer om.

## Leverandørfilen

request-vendor-file-cannot-be-read = leverandørfilen { $path } kan ikke leses: { $error }
request-vendor-file-is-wrong = leverandørfilen { $path }: { $error }
request-vendor-signs-in-with-maskinporten = en leverandør logger inn med method = "maskinporten" (eller leverer et token fra Maskinporten med method = "token"): firmaer blir spurt av en organisasjon, ikke av en person
request-vendor-lacks-a-key = `{ $key }` mangler under [vendor]
request-ready-goes-to-one-place = både jobs og fleet står her; behold én av dem
request-ready-kind-moves-nobody = en migrate har klienter fra før; skriv "delegate" eller "reconcile" for en ny systembruker
request-manifest-names-no-firm = manifest er { $text }; skriv { "{" }firm{ "}" } der firmaets nummer skal stå, for hvert firma har sin egen liste
request-key-is-empty = { $key } er tom
request-redirect-is-no-address = redirect er { $text }; skriv hele adressen, som "https://vendor.example/approved", slik den er registrert på systemet
request-package-is-none = { $package } er ingen tilgangspakke; skriv en URN som "urn:altinn:accesspackage:regnskapsforer-lonn", eller det som står etter siste kolon
request-no-packages = packages er tom: en systembruker uten tilgangspakke kan ikke gjøre noe

## Det Altinn svarer

request-answered-for-another-firm = Altinn svarte om et annet firma eller en annen referanse enn det ble spurt om
request-cause-vendor-file = Altinn avviser det leverandørfilen ber om, og ville gjort det for alle firmaer
request-hint-vendor-file = rett leverandørfilen, og spør på nytt: firmaer som er spurt, blir ikke spurt to ganger
request-cause-no-vendor = tokenet navngir ingen organisasjon som spør
request-hint-no-vendor = det må være et token fra Maskinporten for leverandørens egen organisasjon: ikke vekslet inn, og ikke for en systembruker
request-cause-scopes = Altinn avviser denne innloggingen for forespørsler (403)
request-hint-scopes = leverandørens klient i Maskinporten trenger begge scopene altinn:authentication/systemuser.request.read og altinn:authentication/systemuser.request.write
request-hint-the-vendors-client-needs-the-scopes = gi klienten { $client } begge scopene altinn:authentication/systemuser.request.read og altinn:authentication/systemuser.request.write i Samarbeidsportalen
request-hint-unknown-firm = Altinn finner ikke denne organisasjonen; sjekk nummeret, eller prøv igjen: registeret kan ha vært nede
request-hint-standard-request = det finnes en forespørsel om en vanlig systembruker med denne referansen; gi denne en annen external_ref, eller trekk den andre tilbake
request-hint-unknown-system = system_id i leverandørfilen står ikke i Altinns systemregister, eller tilhører en annen leverandør
request-hint-redirect = redirect i leverandørfilen er ikke en av adressene som er registrert på systemet: få den registrert, eller utelat den
request-hint-packages = pakkene i leverandørfilen må være registrert på systemet i Altinns systemregister
request-hint-not-for-clients = en av pakkene i leverandørfilen kan ikke brukes for klienter; en slik er klientadministrator, som hører til en vanlig systembruker

## Sandkassen

request-sandbox-answered = { $answered ->
        [one] 1 forespørsel er besvart
       *[other] { $answered } forespørsler er besvart
    }
