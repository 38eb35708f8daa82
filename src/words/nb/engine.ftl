# Planlegging og kjøring.
engine-a-request-broke-down-this-is-a-fault-in = en forespørsel brøt sammen ({ $error }); dette er en feil i fullmakt, meld gjerne fra om den
engine-interrupted-while-waiting-for-the-other-run = avbrutt mens den ventet på den andre kjøringen; ingenting ble sendt
engine-from-agent-and-to-agent-are-the-same-system = from_agent og to_agent er den samme systembrukeren
engine-line-names-agent-and-a-migration-has-one = linje { $line } har systembruker { $agent }, men en flytting har én systembruker for alle klienter: to_agent
engine-guard-allows-on-agent-and-there-would-be = [guard] { $exceeds } tillater { $allowed } på systembruker { $agent }, og det ville blitt { $planned }; ingenting er sendt
engine-the-list-is-older-than-guard-manifest-age = listen { $manifest } er eldre enn [guard] manifest_age tillater; ingenting er sendt
engine-the-list-is-from-the-future = listen { $manifest } er fra fremtiden, så ingen vet om den er så ny som [guard] manifest_age krever; ingenting er sendt
engine-the-manifest-names-agents-that-cannot-be = listen har systembrukere som ikke kan få klienter, derfor er ingenting sendt
engine-lines-and-want-the-opposite-for-the-same = linje { $first } og { $second } ber om det motsatte for den samme klienten på den samme systembrukeren
engine-run-has-not-come-to-its-end = kjøring { $run } er ikke ferdig
engine-there-is-nothing-to-do-for-run = det er ingenting å gjøre for kjøring { $run }
engine-run-cannot-be-undone = kjøring { $run } kan ikke angres
engine-run-is-there-is-nothing-to-go-on-with = kjøring { $run } er { $status }; det er ingenting å fortsette
engine-run-has-been-undone-by-run = kjøring { $run } er angret av kjøring { $undone_by }
engine-if-it-stays-so-the-relationship-behind-this = hvis det ikke går over, kan kundeforholdet bak delegeringen være erstattet: fjern klienten og deleger den på nytt (en remove-jobb, så en delegate-jobb), når ingen trenger tilgangen
