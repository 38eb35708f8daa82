# The command line: questions, notes, errors and what to do.

cli-note = note
cli-warning = warning
cli-error = error
cli-hint = hint
cli-yes = yes
cli-no = no
cli-and = {" "}and{" "}
cli-there-is-no-terminal-to-ask-on-and-nothing-is = there is no terminal to ask on, and nothing is sent without a yes
cli-add-yes-to-do-it-without-being-asked-fullmakt = add --yes to do it without being asked; `fullmakt plan JOB` shows what a run would do
cli-the-password-of-the-private-key = the password of the private key:
cli-line-names-a-client-and-its-agent-again-it-is = line { $line } names a client and its agent again; it is one client
cli-interrupted-nothing-was-sent = interrupted; nothing was sent
cli-nothing-was-sent = nothing was sent
cli-fullmakt-plan-shows-all-of-it = `fullmakt plan { $path }` shows all of it
cli-to-go-on-type-how-many-are-removed = To go on, type how many are removed ({ $removed }):
cli-nothing-that-was-shown-is-lost-fullmakt = nothing that was shown is lost; `fullmakt resume { $run }` goes on
cli-fullmakt-retry-tries-again-what-may-be-tried = `fullmakt retry { $run }` tries again what may be tried again
cli-the-failure-report-says-what-to-do-for-each = the failure report says what to do for each client, and is itself a manifest
cli-fullmakt-resume-goes-on-where-it-was = `fullmakt resume { $run }` goes on where it was interrupted
cli-fullmakt-login-then-fullmakt-resume-goes-on = `fullmakt login { $job }`, then `fullmakt resume { $run }`, goes on; nothing is lost
cli-then-fullmakt-resume-goes-on-nothing-is-lost = then `fullmakt resume { $run }` goes on; nothing is lost
cli-state-dir-names-another-folder = --state-dir names another folder
cli-run-is-the-newest-of = run { $run } is the newest of { $job }
cli-name-the-run-or-its-job-with-job-name = name the run, or its job with --job NAME
cli-name-a-folder-that-is-yours-and-can-be = name a folder that is yours and can be written with --state-dir DIR (or FULLMAKT_STATE_DIR)
cli-make-room-on-the-disk-nothing-that-was-shown = make room on the disk; nothing that was shown is lost, `fullmakt resume` goes on
cli-look-at-the-disk-of-the-backup = look at the disk that the backup goes to: is it full, failing or taken away?
cli-look-at-the-disk-of-the-ledger = look at the disk that the state folder is on: is it full (or nearly), failing or taken away?
cli-close-the-program-that-has-it-open-a-database = close the program that has it open (a database browser, a backup, a synchronised folder)
cli-nothing-that-was-shown-is-lost-resume = nothing that was shown is lost; `fullmakt resume` goes on with a run that had begun
cli-nothing-more-is-sent-put-the-folder-back-then = nothing more is sent; put the folder back, then `fullmakt resume` goes on
cli-without-it-run-the-job-again-the-plan-is-made = without it, run the job again: the plan is made from what Altinn says now
cli-put-the-real-ledger-db-back-a-synchronised = put the real ledger.db back (a synchronised folder may hold it elsewhere), or a backup of it
cli-to-begin-with-an-empty-history-move-the = to begin with an empty history, move the folder `runs` and ledger.db away
cli-move-ledger-db-out-of-the-state-folder-keep = move ledger.db, ledger.db-wal and ledger.db-shm out of the state folder (keep them: they are the history) and put a backup there as ledger.db; without one run the job again: the plan is made from what Altinn says now
cli-fullmakt-runs-shows-how-it-goes-try-again = `fullmakt runs` shows how it goes; try again when it has ended
cli-another-run-is-still-at-work-on-this-agent = another run is still at work on this agent, after a wait of { $waited }
cli-fullmakt-runs-shows-how-it-goes-wait-longer = `fullmakt runs` shows how it goes; wait longer, or try again when it has ended
cli-the-list-was-written-ago-at-guard-manifest = the list { $manifest } was written { $age } ago, at { $written_at }; [guard] manifest_age allows { $allowed }; nothing is sent
cli-has-the-system-that-writes-the-list-stopped = has the system that writes the list stopped doing so? Have it written anew
cli-to-use-this-one-once-all-the-same-save-it = to use this one once all the same, save it again (`touch` it): its file is then of now
cli-take-the-agent-column-out-or-make-a-migrate = take the agent column out, or make a migrate job for each new agent
cli-the-list-has-changed = { $path } has been changed since the plan was made, and clients that it did not name would have lost access; nothing is sent
cli-write-the-list-beside-its-place = was it being written? Let whoever writes it write to another name beside it and rename it when it is whole; then run again
cli-the-list-never-rests = { $path } is written again and again, so it cannot be told whether it is whole
cli-the-list-is-written-so-often = have it written once, before the run; or set [guard] manifest_rest to less than the time between two writings
cli-waiting-for-the-list-to-rest = { $path } has just been written, and { $clients ->
        [one] 1 client loses
       *[other] { $clients } clients lose
    } access because it does not name { $clients ->
        [one] it
       *[other] them
    }: waiting { $seconds } s to see whether it stays as it is ([guard] manifest_rest)
cli-the-list-may-be-cut-off = the list may be cut off: no line break ends its last row, line { $line }, and "{ $name_in_list }" there is the beginning of { $name }; { $clients ->
        [one] 1 client that it does not name
       *[other] { $clients } clients that it does not name
    } would lose access, so nothing is sent
cli-end-its-last-row-with-a-line-break = export the list again; if it is whole, end its last row with a line break
cli-its-file-says = its file says { $written_at }
cli-set-the-clock-of-whoever-writes-the-list = set the clock of the machine that writes the list, and have it written again
cli-unknown-agent = line { $line }: agent { $agent }: { $why }
cli-unknown-agent-of-rows = line { $line }: agent { $agent }: { $why } ({ $rows } rows name it)
cli-an-agent-is-a-uuid-an-external-reference-or-a = an agent is a UUID, an external reference or a title that no other has; `fullmakt agents JOB` lists the facilitator's system users
cli-if-the-column-holds-something-else-a-person-a = if the column holds something else (a person, a department), give it another heading
cli-leave-one-of-the-two = leave one of the two
cli-fullmakt-resume-goes-on-with-it = `fullmakt resume { $run }` goes on with it
cli-fullmakt-runs-lists-the-runs = `fullmakt runs` lists the runs
cli-fullmakt-run-job-begins-anew = `fullmakt run JOB` begins anew
cli-trace-id-sent-at = trace id { $trace_id }, sent at { $sent_at }
cli-not-before = not before { $until }
cli-the-job-file-cannot-be-read = the job file { $path } cannot be read: { $error }
cli-the-job-file = the job file { $path }, { $error }
cli-the-job-file-is-about-something-else-now-than = the job file { $job_file } is about something else now than when run { $run } began
cli-give-it-back-its-kind-environment-facilitator = give it back its kind, environment, facilitator and agent, or start anew with `fullmakt run`
cli-the-job-file-says-something-else = the job file { $path } says something else
cli-the-manifest-has-other-content = the manifest { $manifest } has other content
cli-the-manifest-cannot-be-read = the manifest { $manifest } cannot be read: { $error }
cli-there-is-no-home-folder-to-keep-runs-in = there is no home folder to keep runs in
cli-name-a-folder-with-state-dir = name a folder with --state-dir
cli-fullmakt-help-shows-the-commands-and-their = `fullmakt help` shows the commands and their options
cli-the-program-cannot-start-its-threads = the program cannot start its threads: { $error }
cli-has-ended = { $job } has ended
cli-cannot-be-started = cannot be started: { $error }
cli-took-longer-than-s-and-was-ended = took longer than { $seconds } s and was ended
cli-cannot-be-waited-for = cannot be waited for: { $error }
cli-the-refusal-is-not-kept = the refusal is not kept: { $error }
cli-this-job-does-not-sign-in-with-id-porten = this job does not sign in with ID-porten
cli-login-and-logout-are-for-jobs-with-method-id = login and logout are for jobs with method = "id-porten" in [auth]
cli-the-sandbox = the sandbox
cli-other-names = { $other ->
    [one] 1 of { $compared } names in the list is not Altinn's: { $examples }
   *[other] { $other } of { $compared } names in the list are not Altinn's: { $examples }
 }
cli-other-names-and-of-others = { $other } of { $compared } names in the list are not Altinn's, { $others } of them the name of another client: { $examples }
cli-other-names-held = { $other ->
    [one] 1 of { $compared } names in the list is not Altinn's, and is the name of another client, so that nothing is sent for the row: { $examples }; where number and name are right all the same, `fullmakt run JOB --allow-other-names { $other }` sends it
   *[other] { $other } of { $compared } names in the list are not Altinn's, { $others } of them the name of another client, for which nothing is sent: { $examples }; where number and name are right all the same, `fullmakt run JOB --allow-other-names { $other }` sends them
 }
cli-of-names-in-the-list-are-not-altinns-names = { $other } of { $compared } names in the list are not Altinn's names for these numbers
cli-of-names-in-the-list-are-the-names-of-other = { $of_another_client } of { $compared } names in the list are the names of other clients: it looks as if a column was sorted or moved without the others, and then the numbers are those of other companies than meant
cli-nothing-is-sent = { $why }; nothing is sent
cli-open-the-list-and-see-whether-each-number = open the list and see whether each number stands beside its own name
cli-if-it-is-right-all-the-same-fullmakt-run = if it is right all the same: `fullmakt run { $job } --allow-other-names { $names }` lets this one run through
cli-is-the-manifest-whole-a-client-that-is-to = is the manifest whole? A client that is to stay must be in it
cli-is-this-the-right-list-whole-and-of-today = is this the right list, whole and of today?
cli-if-all-of-it-is-meant-fullmakt-run-allow-lets = if all of it is meant: `fullmakt run { $job } --allow-{ $exceeds } { $clients }` lets this one run through
cli-delegated-since-and-left = { $clients ->
    [one] 1 client was delegated by another run since the list was written; no row names it, and it is not removed: a list written after that is the truth about it: { $examples }
   *[other] { $clients } clients were delegated by another run since the list was written; no row names them, and they are not removed: a list written after that is the truth about them: { $examples }
 }
cli-delegated-since-and-removed = { $clients ->
    [one] 1 client was delegated by another run since the list was written; a row asks for its removal: { $examples }
   *[other] { $clients } clients were delegated by another run since the list was written; rows ask for their removal: { $examples }
 }
cli-first-and-more = { $first } and { $more } more
cli-far-fewer-rows = the list has { $rows } rows, and had { $before } in this job's last run: is it whole?
cli-a-private-person = a private person
cli-line-names-again-as-line-does-it-is-one = line { $line } names { $organisation_number } again, as line { $first_line } does; it is one client
cli-more-rows-say-something-again = { $rows ->
    [one] 1 more row says something again
   *[other] { $rows } more rows say something again
 }
cli-of-rows-in-cannot-be-acted-on-so-nothing-is = { $rejected ->
    [one] 1 of { $rows } rows in { $path } cannot be acted on, so nothing is sent
   *[other] { $rejected } of { $rows } rows in { $path } cannot be acted on, so nothing is sent
 }
cli-correct-them-or-add-skip-invalid-to-leave = correct them, or add --skip-invalid to leave them to the failure report
cli-lines-are-left-out-here = { $lines ->
    [one] … 1 line is left out here; { $rest }
   *[other] … { $lines } lines are left out here; { $rest }
 }
cli-stopping-waiting-for-the-answers-that-are = stopping: waiting for the answers that are under way; once more leaves at once
cli-unless-holds-a-new-one-by-then = unless { $path } holds a new one by then
cli-and-then-you-will-have-to-sign-in-again = and then you will have to sign in again
cli-and-nothing-renews-it = and nothing renews it
cli-token-too-short = the run takes about { $takes } at the least, the token has { $left } left, { $unless }: the run would stop on the way; nothing is lost then, and `fullmakt resume` goes on
cli-lists-are-read-through-access-management-with = lists are read through access management, with their packages
cli-lists-are-read-through-the-first-api-alone = lists are read through the first API alone, which does not tell packages
cli-access-management-is-not-read = access management is not read
cli-what-is-missing-of-a-clients-packages-is-seen = { $cause }: { $why }; what is missing of a client's packages is seen only when it is sent
cli-access-managements-api-is-shut-for-this-sign = access management's API is shut for this sign-in; nothing was sent
cli-the-first-api-cannot-stand-in-for-it-it-never = the first API cannot stand in for it: it never shows a system user which clients are delegated, so that nothing could be planned or confirmed
cli-the-system-user-must-be-a-standard-one-with = the system user must be a standard one with the access package klientadministrator, approved by the firm; docs/sign-in/maskinporten.md says what to order, step by step
cli-or-take-api-out-of-the-job-file-a-person-can = or take `api` out of the job file: a person can do with the first API
cli-the-token-from-lacks-the-scope = the token from { $from } lacks the scope { $scopes }
cli-a-run-needs-both-altinn-clientdelegations = a run needs both altinn:clientdelegations.read and altinn:clientdelegations.write: the write scope does not imply the read scope
cli-give-the-client-both-scopes-in = give the client both scopes in Samarbeidsportalen, then sign in again
cli-the-metrics-file-is-not-written = the metrics file { $path } is not written: { $error }
cli-is-no-client-of-that-altinn-lists-and-none-of = { $number } is no client of { $facilitator } that Altinn lists, and none of its system users has it
cli-no-clients = no clients
cli-gives-the-firm-nothing-that-can-be-delegated = gives the firm nothing that can be delegated
cli-gives-the-firm = gives the firm { $held }
cli-no-title = no title
cli-delegated-with-which-packages-was-not-to-be = delegated; with which packages was not to be read
cli-delegated-with-no-package = delegated, with no package
cli-the-client-does-not-give = the client does not give { $missing }
cli-no-system-user-can-act-for-it = no system user can act for it
cli-has-no-system-users = { $facilitator } has no system users
cli-deleted-can-have-no-clients = deleted: can have no clients
cli-for-client-relationships-but-without-an = for client relationships, but without an access package: can have no clients
cli-for-client-relationships-can-be-given-clients = for client relationships: can be given clients
cli-standard-can-have-no-clients = standard: can have no clients
cli-of-a-kind-that-this-version-does-not-know = of a kind that this version does not know
cli-there-is-no-ledger-in-to-copy = there is no ledger in { $path } to copy
cli-name-a-file-that-is-not-there-a-backup-never = name a file that is not there; a backup never writes over another
cli-is-no-list-a-list-is-read-from-a-file-not = `-` is no list: a list is read from a file, not from standard input
cli-save-it-first-how-a-list-is-written-is-found = save it first: how a list is written is found out by reading it more than once
cli-cannot-be-written = { $file } cannot be written: { $error }
cli-there-is-a-file-already = there is a file already; give it another name
cli-a-corrected-list-is-a-csv-file-let-its-name = a corrected list is written as CSV or as a workbook; let its name end in .csv or .xlsx
cli-organisation-numbers-in = organisation numbers in { $number_column }
cli-what-is-to-be-done-in = what is to be done in { $column }
cli-system-users-in = system users in { $column }
cli-note-is-read-as-the-system-user-that-each-row = note: { $column } is read as the system user that each row is about, and { $names } stand there; where that is no title or reference of a system user, give the column another heading
cli-names-in-a-plan-compares-them-with-altinns = names in { $column }; a plan compares them with Altinn's
cli-and-more-format-json-lists-all = … and { $more } more; --format json lists all
cli-line-as-in-line-it-is-one-client = line { $line }: { $organisation_number }, as in line { $first_line }; it is one client
cli-and-more-rows-name-a-client-again = { $rows ->
    [one] … and 1 more row names a client again
   *[other] … and { $rows } more rows name a client again
 }
cli-is-the-list-with-rows-put-right-and-taken-out = { $file } is the list with { $put_right } rows put right and { $taken_out } taken out;
cli-every-row-of-it-can-be-acted-on = every row of it can be acted on
cli-rows-of-it-still-cannot-be-acted-on-correct = { $rejected ->
    [one] 1 row of it still cannot be acted on: correct it there
   *[other] { $rejected } rows of it still cannot be acted on: correct them there
 }
cli-every-row-can-be-acted-on-next-name-the-list = every row can be acted on; next: name the list as `manifest` in a job, and `fullmakt plan` it
cli-next-correct-these-rows-in-the-list-or = next: correct these rows in the list, or `fullmakt check … --fix corrected.{ $extension }` writes it with what can be put right; `--skip-invalid` on a run leaves them to the failure report
cli-is-not-written = { $path } is not written: { $error }
cli-private-persons-are-not-shown-they-have-no = { $persons ->
    [one] 1 private person is not shown, without an organisation number
   *[other] { $persons } private persons are not shown: they have no organisation number
 }
cli-is-neither-a-csv-nor-an-xlsx-file = { $path } is neither a .csv nor an .xlsx file
cli-the-name-says-what-is-written-end-it-in-xlsx = the name says what is written: end it in .xlsx for a workbook, in .csv for text
cli-is-no-client = { $client } is no client: { $error }
cli-give-an-organisation-number-such-as-310609544 = give an organisation number such as 310609544, or the client's party UUID
cli-the-ledger-in-knows-nothing-of = the ledger in { $path } knows nothing of { $client }
cli-no-run-kept-there-has-named-this-client-state = no run kept there has named this client; --state-dir names another folder
cli-not-signed-in = not signed in
cli-needs-you-to-sign-in-with-id-porten-now-y-n = { $job } needs you to sign in with ID-porten. Now? (y/n)
cli-interrupted-nobody-is-signed-in = interrupted; nobody is signed in
cli-nobody-has-signed-in-within-10-minutes = nobody has signed in within 10 minutes
cli-fullmakt-login-job-begins-anew = `fullmakt login JOB` begins anew
cli-no-browser-could-be-opened-here-copy-the = no browser could be opened here: copy the address into one, on any machine that reaches this one
cli-this-address-is-of-another-sign-in-paste-the = this address is of another sign-in; paste the newest:
cli-once-more = { $problem }; once more:
cli-no-address-was-pasted-nobody-is-signed-in = no address was pasted; nobody is signed in
cli-kept-in-the-keyring = kept in:     the keyring
cli-kept-in-there-is-no-keyring-here-only-you-can = kept in:     { $file } (there is no keyring here; only you can read it)
cli-the-sign-in-is-renewed-by-itself-while-id = The sign-in is renewed by itself while ID-porten allows it.
cli-id-porten-gave-no-refresh-token-only-clients = ID-porten gave no refresh token (only clients with a key get one): when the token runs out, sign in again.
cli-signed-out-nothing-of-it-is-left-on-this = signed out; nothing of it is left on this machine
cli-nobody-was-signed-in = nobody was signed in
cli-id-porten-could-not-be-told = ID-porten could not be told: { $error }; { $hint }
cli-the-plan-is-written-as-a-csv-file-let-its = the plan is written as CSV or as a workbook; let its name end in .csv or .xlsx
cli-the-plan-is-in-a-row-for-each-client = the plan is in { $file }, a row for each client
cli-next-fullmakt-run-does-it-and-asks-first = next: `fullmakt run { $job }{ $skip_invalid }` does it, and asks first
cli-is-not-an-age-such-as-400d-or-52w-at-least-1d = { $text } is not an age such as "400d" or "52w" (at least 1d)
cli-no-run-is-old-enough-to-be-forgotten = no run is old enough to be forgotten
cli-nothing-was-forgotten = nothing was forgotten
cli-cannot-be-removed = { $folder } cannot be removed: { $error }
cli-runs-are-forgotten = { $runs ->
    [one] 1 run is forgotten
   *[other] { $runs } runs are forgotten
 }
cli-no-browser-could-be-opened-here-open-in-one = no browser could be opened here: open { $page } in one
cli-cannot-be-made = { $folder } cannot be made: { $error }
cli-is-not-copied-to = { $file } is not copied to { $copies }: { $error }
cli-since-run-began = since run { $run } began, { $change }
cli-run-would-be-finished-as-it-was-planned-then = run { $run } would be finished as it was planned then, and nobody can be asked here
cli-fullmakt-run-job-plans-afresh-yes-goes-on = `fullmakt run JOB` plans afresh; --yes goes on with the old plan
cli-go-on-with-run-as-it-was-planned-then-y-n = Go on with run { $run } as it was planned then? (y/n)
cli-reading-altinns-lists-to-settle-what-was = reading Altinn's lists, to settle what was under way
cli-then-fullmakt-resume-goes-on = then `fullmakt resume { $run }` goes on
cli-answered-are-confirmed-at-the-end = { $clients ->
    [one] 1 client that Altinn has answered for is confirmed by its list at the end
   *[other] { $clients } clients that Altinn has answered for are confirmed by its list at the end
 }
cli-run-goes-on-clients-still-to-be-sent = { $clients ->
    [one] run { $run } goes on: 1 client still to be sent
   *[other] run { $run } goes on: { $clients } clients still to be sent
 }
cli-clients-are-left-as-a-later-run-has-settled = { $clients ->
    [one] 1 client is left as a later run has settled it; `fullmakt history ORG` says how
   *[other] { $clients } clients are left as a later run has settled them; `fullmakt history ORG` says how
 }
cli-run-is-there-is-nothing-to-go-on-with = run { $run } is { $status }; there is nothing to go on with
cli-run-of-is-not-fullmakt-resume = run { $run } of { $job } is not: `fullmakt resume { $run }`
cli-run-is-at-work-retry-it-when-it-has-ended = run { $run } is at work; retry it when it has ended
cli-run-has-no-failures-that-may-be-tried-again = run { $run } has no failures that may be tried again
cli-run-has-not-come-to-its-end-it-is-settled-by = run { $run } has not come to its end; it is settled by Altinn's lists, and this run takes its place
cli-run-has-not-come-to-its-end-it-is-finished = run { $run } has not come to its end; it is finished first
cli-run-of-this-job-has-not-come-to-its-end = run { $run } of this job has not come to its end; `fullmakt resume { $run }` goes on with it, this run begins anew
cli-no-runs-yet-in-fullmakt-run-job-makes-one = no runs yet in { $folder }; `fullmakt run JOB` makes one, --state-dir names another folder
cli-give-a-share-such-as-3 = give a share such as 3%
cli-give-a-number-from-0-to = give a number from 0 to { $most }
cli-give-a-duration-such-as-30ms-up-to-a-minute = give a duration such as 30ms, up to a minute
cli-the-sandbox-cannot-be-started = the sandbox cannot be started: { $error }
cli-the-sandbox-is-as-it-was-at-first = the sandbox is as it was at first
cli-the-sandbox-ends = the sandbox ends
cli-the-sandbox-cannot-be-served-on-port = the sandbox cannot be served on port { $port }: { $error }
cli-choose-another-with-port-or-0-for-any-that-is = choose another with --port, or 0 for any that is free
cli-the-sandbox-answers-on-until-ctrl-c-with = the sandbox answers on { $origin } until Ctrl-C, with { $clients } clients of { $facilitator }
cli-there-are-smaller-firms-as-well = { $firms ->
    [one] there is 1 smaller firm as well: { $first }{ $more }
   *[other] there are { $firms } smaller firms as well: { $first }{ $more }
 }
cli-in-a-job-file-with-environment-either-of = in a job file, with environment = { $origin }, either of:
cli-what-came = what came
cli-going-at-s-about-left = going at { $pace }/s, about { $time } left
cli-fullmakt-resume-goes-on = `fullmakt resume { $run }` goes on
cli-a-refresh-is-not-undone = run { $run } is a refresh: it has given packages to clients that were delegated before, and those cannot be taken back one by one; there is nothing to undo
cli-nothing-to-undo = run { $run } has changed nothing; there is nothing to undo
cli-run-has-not-come-to-its-end-after-this-resume = run { $run } has not come to its end; after this, `resume` no longer goes on with it
cli-of-these-clients-have-been-changed-by-later = { $clients ->
    [one] 1 of these clients has been changed by later runs too; `fullmakt history ORG` says how
   *[other] { $clients } of these clients have been changed by later runs too; `fullmakt history ORG` says how
 }
cli-run-is-at-work-on-this-agent = run { $run } is at work on this agent
cli-verify-it-when-it-has-ended-fullmakt-runs = verify it when it has ended; `fullmakt runs` shows how it goes
cli-are-not-in-it-gone-from-the-register-changed = { $clients ->
    [one] 1 is not in it: gone from the register, changed since by a later run, or a private person
   *[other] { $clients } are not in it: gone from the register, changed since by a later run, or private persons
 }
cli-fullmakt-verify-csv-mend-csv-writes-a = `fullmakt verify { $run } --csv > mend.csv` writes a manifest that a job of kind "manifest" mends it with
cli-system-users-and-their-packages-clients-for = system users and their packages; clients, for persons
cli-clients-with-their-packages-for-persons-and = clients with their packages, for persons and system users
cli-through-the-second-api = through the second API
cli-through-the-first-api = through the first API
cli-through-neither-fullmakt-run-would-be-refused = through neither: `fullmakt run` would be refused
cli-both-lists-of-its-system-user = both lists of its system user
cli-the-lists-of-both-system-users = the lists of both system users
cli-and-changes = { $kinds }: { $lists }, and changes: { $can }
cli-plan-verify-clients-access-the-lists-alone = plan, verify, clients, access: the lists alone: { $can }
cli-signed-in-to-as = signed in to { $environment } as { $who }
cli-there-is-a-token-for-it-does-not-say-whose-it = there is a token for { $environment }; it does not say whose it is, and Altinn does not tell either
cli-scopes-the-token-does-not-say = scopes:      the token does not say
cli-both-that-a-run-needs-are-there = both that a run needs are there
cli-missing-a-run-needs = missing:     { $missing } (a run needs { $both })
cli-until-the-token-does-not-say = until:       the token does not say
cli-until-the-token-left = until:       { $at } (the token; { $left } left)
cli-system-by = system { $system } by { $supplier }
cli-backed-up = { $file } ({ $bytes } bytes)
cli-manual-cannot-be-written = the manual pages cannot be written to { $folder }: { $error }
cli-rows-name-a-client-again = { $rows ->
    [one] row names a client again
   *[other] rows name a client again
 }
cli-rows-cannot-be-acted-on = { $rejected ->
    [one] row cannot be acted on
   *[other] rows cannot be acted on
 }
cli-sign-in-here = sign in here:
cli-when-you-have-signed-in = when you have signed in, the browser ends on an address that begins with { $redirect }
cli-paste-all-of-that-address = paste all of that address here, and press Enter:
cli-forget-them = Forget them? (y/n)
cli-and-more = … and { $more } more
cli-begun-and-age = begun { $begun }; age: { $age }
cli-head-run = RUN
cli-head-job = JOB
cli-head-status = STATUS
cli-head-age = AGE
cli-head-left = LEFT
cli-head-done = DONE
cli-head-same = SAME
cli-head-failed = FAILED
cli-try = try:
cli-stopped = stopped: { $why }
cli-door-open = { $door } open: { $gives }
cli-door-shut = { $door } shut: { $why }
cli-first-api = first API:  {""}
cli-second-api = second API: {""}
cli-jobs = jobs:        { $through }
cli-by = by:          { $from }
cli-scopes = scopes:      { $scopes }
cli-run = run { $run }
cli-is-the-list-right = Is the list right all the same? (y/n)
cli-go-on = Go on? (y/n)
cli-job-was = { $job } was { $status }: { $why }
cli-not-known = unknown
cli-calling = calling { $program }, as [notify] says
cli-the-notify-command = the [notify] command { $program } { $problem }
cli-command-failed = failed ({ $status })
cli-command-failed-saying = failed ({ $status }): { $line }
cli-altinn-is = Altinn is { $origin }
cli-reading = reading { $path }
cli-altinn-answered = Altinn answered { $code }: { $message }
cli-help-usage = Usage
cli-help-commands = Commands
cli-help-arguments = Arguments
cli-help-options = Options
cli-help-options-of-every-command = Options of every command
cli-help-options-in-usage = [OPTIONS]
cli-help-command-in-usage = <COMMAND>
cli-help-help-command = Print this message or the help of the given subcommand(s)
cli-help-print-help = Print help
cli-help-print-version = Print version
cli-help-default = default: { $value }
cli-help-variable = env: { $name }
cli-help-values = possible values: { $values }
cli-help-possible-values = Possible values:
cli-wrong-unknown = unexpected argument '{ $argument }' found
cli-wrong-command = unrecognized subcommand '{ $command }'
cli-wrong-missing = the following required arguments were not provided: { $arguments }
cli-wrong-no-command = a subcommand is needed
cli-wrong-conflict = the argument '{ $argument }' cannot be used with '{ $other }'
cli-wrong-no-value = a value is required for '{ $argument }' but none was supplied
cli-wrong-value = invalid value '{ $value }' for '{ $argument }': { $why }
cli-wrong-meant = did you mean '{ $meant }'?
cli-wrong-more = For more information, try '--help'.

## Where to begin, and what each error means

cli-where-to-begin =
    fullmakt gives system users access to clients in Altinn, and takes it away. Where to begin:
      fullmakt init           answer a few questions, and have a job file
      fullmakt plan JOB       what would be done; changes nothing
      fullmakt run JOB        plan, ask, do it, report
      fullmakt help           every command; `fullmakt help errors`: every error and its cure
cli-errors-title = Errors, what they mean and what to do
cli-errors-where-from = `fullmakt help errors` prints this page, from the tables that the reports take their words from.
cli-errors-clients = Clients that were refused
cli-errors-clients-more = The codes stand in the failure report, in the column `fullmakt_code`.
cli-errors-runs = What stops a run
cli-errors-runs-more = The first word is the `cause` in JSON; behind it the codes of Altinn's that mean it.
cli-the-ledgers-server-is-silent = the ledger's server has not answered for { $seconds } s: nothing is sent until it does
cli-the-ledgers-server-answers-again = the ledger's server answers again
cli-state-dir-is-for-a-shell = --state-dir (or FULLMAKT_STATE_DIR): { $folder } cannot be the state folder
cli-the-pace-is-not-shared = runs beside this one do not share its pace: the file for it cannot be used ({ $error })
cli-the-ledgers-server-lets-whom-in = look at the user and the database in the address, and at the password in the file that PGPASSFILE names; the user must own the database, or may make tables and temporary tables in it
cli-nothing-is-sent-without-the-ledger = nothing is sent while the ledger cannot be written
cli-ledger-address = --ledger (or FULLMAKT_LEDGER): { $error }
cli-ledger-address-is-empty = --ledger (or FULLMAKT_LEDGER) is set to nothing; it is to be the address of a server
cli-ledger-address-may-be-left-out = leave it out, or unset FULLMAKT_LEDGER, where the ledger is the file in the state folder
cli-is-there-such-a-folder = is there such a folder, and may this user write in it?
cli-others-can-get-at-the-state-folder = others on this machine can get at what is kept: { $path } has mode { $mode }
cli-others-can-get-at-the-state-folder-todo = `chmod -R go-rwx "{ $folder }"` keeps it for its owner
cli-metrics-would-overwrite = --metrics names { $path }, which is there and holds no metrics of fullmakt: it would be overwritten
cli-name-a-file-for-the-metrics-alone = name a file that is for the metrics alone, such as fullmakt_nightly.prom
cli-close-the-file = close the file where another program holds it
cli-the-ledger-has-everything-report = the ledger has everything; `fullmakt report { $run }` writes it again
cli-no-terminal-to-ask-on-nothing-is-forgotten = there is no terminal to ask on, and nothing is forgotten without a yes
cli-add-yes-to-forget-them = { $runs ->
    [one] add --yes to forget 1 run without being asked
   *[other] add --yes to forget { $runs } runs without being asked
 }
cli-add-yes-to-undo-without-being-asked = add --yes to do it without being asked; `fullmakt undo { $run } --dry-run` shows what it would do
cli-add-yes-to-retry-without-being-asked = add --yes to do it without being asked; `fullmakt report { $run }` says where the list of what failed is
