# Fleets: many firms, one pace.

## The fleet file and the list of firms

fleet-file-cannot-be-read = the fleet file { $path } cannot be read: { $error }
fleet-file-is-wrong = the fleet file { $path }: { $error }
fleet-file-cannot-be-used = the file { $file } of the fleet cannot be used: { $error }
fleet-signs-in-with-maskinporten = a fleet signs in with method = "maskinporten": nobody is there at night, and one client works for all firms
fleet-host-stands-aside = { $jobs } jobs in a row did not reach Altinn from this host; it begins nothing for { $minutes } minutes, and leaves the rest to the other hosts
fleet-has-each-firms-own-system-user = system_user_org is each firm's own number; take it out, or every firm would be signed in for as this one
fleet-window-is-not-one = { $text } is no window; write one such as "01:00-05:00", local time; it may go over midnight
fleet-row = line { $line }: { $message }
fleet-cell = line { $line }, { $column }: { $message }
fleet-cell-is-empty = the cell is empty
fleet-kind-is-not-known = { $kind } is no kind of job; they are delegate, remove, manifest, reconcile, refresh and migrate
fleet-from-agent-is-for-migrate = only a migrate takes clients from another system user; leave the cell empty
fleet-job-stands-twice = this firm has the same job in line { $line }; give one of them a name of its own in a column `job`
fleet-agent-stands-twice = the system user is that of line { $line }, too; two jobs on one system user would stand in each other's way
fleet-waits-for-its-window = it is outside the window from { $from } to { $to }: waiting until { $from }
fleet-has-no-such-job = { $list } has no job { $job }
fleet-plan-names-the-jobs = `fullmakt fleet plan FLEET --offline --format json` names the jobs
fleet-has-no-such-firm = { $list } has no firm { $firm }
fleet-columns-are-passed-over = columns of the list of firms that mean nothing here are passed over: { $columns }
fleet-rows-are-wrong =
    { $wrong ->
        [one] 1 of { $rows } rows in { $list } is wrong
       *[other] { $wrong } of { $rows } rows in { $list } are wrong
    }
fleet-the-others-are-carried-out = `fleet work` carries the other rows out and counts these as refused

## The plan

fleet-reading-altinn-for =
    { $units ->
        [one] Reading Altinn for 1 job …
       *[other] Reading Altinn for { $units } jobs …
    }
fleet-plan-head = Fleet { $fleet } in { $environment }: { $units ->
        [one] 1 job
       *[other] { $units } jobs
    } of { $firms ->
        [one] 1 firm
       *[other] { $firms } firms
    }, { $pace } for all together
fleet-head-line = line
fleet-head-firm = firm
fleet-head-kind = kind
fleet-head-delegate = delegate
fleet-head-remove = remove
fleet-head-unchanged = unchanged
fleet-head-cannot = cannot
fleet-head-name = name
fleet-is-refused = would not be carried out, see below
fleet-is-in-order = the client list is in order
fleet-unit-refused = line { $line }, { $job }: { $why }
fleet-plan-total =
    { $operations ->
        [0] Nothing to send.
        [one] 1 request about a client, for { $units ->
            [one] 1 job
           *[other] { $units } jobs
        }.
       *[other] { $operations } requests about clients, for { $units ->
            [one] 1 job
           *[other] { $units } jobs
        }.
    }
fleet-plan-refused =
    { $units ->
        [one] 1 job would not be carried out.
       *[other] { $units } jobs would not be carried out.
    }
fleet-plan-time = All of it, with the lists read, takes { $time } at { $pace }.

## At work

fleet-another-is-at-work = another process is at work on the fleet { $fleet }
fleet-unit-has-trouble = { $job }: { $why }
fleet-a-unit-broke-down = a job broke down ({ $error }); this is a fault in fullmakt, please report it

## How it stands

fleet-status-head = Fleet { $fleet } in { $environment }, since { $from }
fleet-status-head-to = Fleet { $fleet } in { $environment }, the night of { $from } to { $to }
fleet-count-done = { $units ->
        [one] job is carried out
       *[other] jobs are carried out
    }
fleet-count-at-work = { $units ->
        [one] job is under way
       *[other] jobs are under way
    }
fleet-count-due = { $units ->
        [one] job is due
       *[other] jobs are due
    }
fleet-count-waiting = { $units ->
        [one] job was stopped and is tried again
       *[other] jobs were stopped and are tried again
    }
fleet-count-refused = { $units ->
        [one] job is refused tonight and needs somebody
       *[other] jobs are refused tonight and need somebody
    }
fleet-count-failed = { $units ->
        [one] job was stopped three times and is given up for tonight
       *[other] jobs were stopped three times and are given up for tonight
    }
fleet-status-clients = Clients: { $delegated } delegated, { $removed } removed, { $unchanged } unchanged, { $failed } failed, { $pending } to go
fleet-status-pace = Pace: { $used }/s of { $allowed }, everything counted
fleet-nobody-is-at-work = Nobody is at work; `fullmakt fleet work FLEET` goes on.
fleet-status-not-before = Altinn has asked to be left alone until { $until }.
fleet-all-are-held = All firms are held since { $since }{ $reason }
fleet-is-held = held since { $since }{ $reason }
fleet-status-unit = line { $line }, firm { $firm }, { $job }: { $stands }
fleet-status-row = line { $line }: { $stands }
fleet-clients-failed =
    { $clients ->
        [one] 1 client failed; `fullmakt report { $run }` names it
       *[other] { $clients } clients failed; `fullmakt report { $run }` names them
    }
fleet-failing-since = not carried out since { $since }
fleet-stands-due = due
fleet-stands-waiting = stopped, tried again at { $until }
fleet-stands-at-work = under way
fleet-stands-at-work-on = under way on { $host }
fleet-stands-done = carried out
fleet-stands-refused = refused, needs somebody
fleet-stands-failed = given up for tonight

## Word of a night

fleet-sentence = fleet { $fleet }: { $done } of { $units } jobs carried out, { $refused } refused, { $left } left; { $clients } clients changed, { $failed } failed

## The page

fleet-page-title = Fleet { $fleet }
fleet-page-skip = To the firms
fleet-page-night = The night
fleet-page-firms = Firms
fleet-page-held = All firms are held since

## Hold and release

fleet-firm-is-held-now = Firm { $firm } is held: nothing more is sent for it.
fleet-all-are-held-now = All firms are held: nothing more is sent.
fleet-all-were-not-held = They were not held all together.
fleet-firm-was-not-held = Firm { $firm } was not held alone.
fleet-firm-is-held-with-all = Firm { $firm } is released, and held with all the others.
fleet-firm-goes-on = Firm { $firm } goes on.
fleet-all-go-on = All firms go on that are not held alone.
fleet-firm-is-held-alone = Firm { $firm } is still held, alone, since { $since }{ $reason }
fleet-firm-is-held = firm { $firm } is held since { $since }{ $reason }
fleet-release-lets-firm-go-on = `fullmakt fleet release { $fleet } --firm { $firm }` lets it go on
fleet-release-lets-all-go-on = `fullmakt fleet release { $fleet }` lets all go on
fleet-server-is-too-far = a round trip to the ledger's server takes { $measured } ms, and at more than { $allowed } ms every place in the shared pace would come too late: nothing would be sent
fleet-server-is-a-standby = the ledger's server only follows another one: name that one
fleet-server-confirms-too-early = the ledger's server confirms what a power cut can still lose (synchronous_commit = { $commit }, fsync = { $fsync }): set both to on
fleet-server-has-no-synchronous-standby = no other server has what the ledger's server confirms (synchronous_standby_names is empty): a fail-over can lose the last moments, and clients that were sent in them could be sent again
fleet-server-answers-in = the ledger's server answers in { $measured } ms
fleet-clock-is-ahead-of-the-servers = this machine's clock is { $seconds } s ahead of the clock of the ledger's server: every time is told by the server's, as on all hosts; set this one right (by NTP)
fleet-clock-is-behind-the-servers = this machine's clock is { $seconds } s behind the clock of the ledger's server: every time is told by the server's, as on all hosts; set this one right (by NTP)
