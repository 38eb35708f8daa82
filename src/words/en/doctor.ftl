# What `doctor` looks at, one line each.

doctor-well = ok
doctor-warning = note
doctor-ill = WRONG
doctor-unknown = ?
doctor-all-well = a run can begin
doctor-so-many-ill = { $ill } to put right before a run
doctor-not-known-yet = not looked at: something above has to be put right first
doctor-network = network
doctor-network-reached = { $origin } answers, { $how }
doctor-network-encrypted = encrypted, without a proxy
doctor-network-loopback = on this machine
doctor-network-proxy = encrypted, through the proxy that { $variable } names
doctor-network-not-reached = { $origin } does not answer: { $why }
doctor-network-again = try again; if it stays so, docs/networks.md says what may stand in between
doctor-clock = clock
doctor-clock-right = right, to within half a minute of Altinn's
doctor-clock-wrong = this machine's clock is { $by } from Altinn's, which says { $theirs }
doctor-clock-set = set this machine's clock and time zone: sign-ins are refused by a wrong clock
doctor-sign-in = sign-in
doctor-sign-in-not-needed = none needed: the sandbox lets everybody in
doctor-somebody = somebody whom the token does not name
doctor-signed-in = { $who }, by { $by }
doctor-signed-in-until = { $who }, by { $by }; { $left } left
doctor-scopes = scopes
doctor-scopes-both = both that a run needs are there
doctor-scopes-unsaid = the token does not say
doctor-scopes-missing = { $scopes } is missing
doctor-scopes-order = give the client both scopes in Samarbeidsportalen, then sign in again
doctor-doors = Altinn's APIs
doctor-doors-first = this job goes through the first API, which delegates clients
doctor-doors-second = this job goes through the second API, access management
doctor-doors-shut = neither is open to this sign-in
doctor-firm = firm
doctor-firm-known = { $agents ->
    [one] Altinn knows { $firm }, with 1 system user
   *[other] Altinn knows { $firm }, with { $agents } system users
 }
doctor-agent = system user
doctor-agent-there = { $agent } can be given clients
doctor-agent-held = another run is at work on { $agent }
doctor-agent-held-todo = `fullmakt runs` shows how it goes; `fullmakt run JOB --wait 2h` waits for its end
doctor-packages = packages
doctor-packages-none = { $agent } was approved without an access package
doctor-packages-mixed = { $packages }: some come with a role in the business register, others are given by the client
doctor-packages-split = only clients that give all of them can be delegated; one system user for each kind is better
doctor-list = list
doctor-list-clean = { $clients ->
    [one] 1 client, every row can be acted on
   *[other] { $clients } clients, every row can be acted on
 }
doctor-list-none = none: the job takes every client that is delegated now
doctor-state = state folder
doctor-state-new = { $folder } is not there yet; the first run makes it
doctor-state-room = { $folder } can be written, with room
doctor-state-not = { $folder } cannot be written: { $error }
doctor-state-todo = make room, or name a folder that is yours with --state-dir DIR (or FULLMAKT_STATE_DIR)
doctor-pace-title = pace
doctor-pace = { $rate } at the most
doctor-pace-takes = { $clients ->
    [one] { $rate } at the most: 1 client takes { $time } or more
   *[other] { $rate } at the most: { $clients } clients take { $time } or more
 }
doctor-runs = last runs
doctor-runs-none = none of this job yet
doctor-runs-last = { $run } of { $at } is { $status }
doctor-runs-failing = { $last }{ $what }; not one run has gone well since { $since }
doctor-runs-clients-failed = { $clients ->
    [one] 1 client failed
   *[other] { $clients } clients failed
 }
doctor-runs-rows-not-used = { $rows ->
    [one] 1 row could not be used
   *[other] { $rows } rows could not be used
 }
doctor-runs-todo = `fullmakt status { $run }` says why, `fullmakt report { $run }` where its reports are
doctor-notify = [notify]
doctor-notify-there = { $program } can be called
doctor-notify-not = { $program } cannot be called, so nobody is told how a run ends: { $error }
doctor-notify-todo = name a program that is there and may be executed: by its whole path, relative to the job file, or as PATH finds it
doctor-report = [report]
doctor-report-there = { $folder } can be written
doctor-report-todo = name another folder under [report]
