# The page of a run, and the sentences of its workbooks.

report-title-delegate = Clients delegated to { $agent }
report-title-remove = Clients removed from { $agent }
report-title-manifest = Clients delegated to and removed from { $agent }
report-title-reconcile = { $agent }: clients brought in line with the list
report-title-refresh = { $agent }: clients delegated again, for later packages
report-title-migrate = Clients moved to { $agent }
report-title-undo = { $agent }: an earlier run undone
report-title-request = Firms asked for system users of { $system }
report-title-withdraw = Requests for system users of { $system } taken back
report-all-done = All as asked: { $all }.
report-some-failed = { $some ->
    [one] 1 of { $all } needs attention.
   *[other] { $some } of { $all } need attention.
 }
report-not-settled = { $some } of { $all } are not settled yet.
report-no-clients = There was no client to do anything for.
report-skip = Skip to the clients
report-asked = What was asked
report-happened = What happened
report-over-time = Over time
report-failures = What failed, and what to do
report-removals = Removed
report-heading-clients = Clients
report-job = Job
report-kind = Kind
report-firm = Firm
report-environment = Altinn
report-agent = System user
report-list = Client list
report-list-of = { $rows ->
    [one] { $name } (1 row)
   *[other] { $name } ({ $rows } rows)
 }
report-no-list = none: the clients were taken from Altinn or from an earlier run
report-signed-in-as = Signed in as
report-not-known = not known
report-run = Run
report-retries-run = tries again what failed in run { $run }
report-undoes-run = undoes run { $run }
report-began = Began
report-ended = Ended
report-not-ended = not yet
report-pace = Pace asked for
report-at-most = at most { $rate }
report-stopped = The run was stopped early
report-altinn-said = Altinn said
report-altinn-answered = Altinn answered "{ $message }"
report-to-do = What to do
report-trace-id = Trace id
report-resume = `fullmakt resume { $run }` goes on where it ended; nothing is lost.
report-outcome = Outcome
report-unchanged = unchanged: it was already so
report-superseded = superseded: a later run has settled them, or has taken this run's place
report-failed = failed
report-rejected = { $rows ->
    [one] rejected: a row of the list that could not be used
   *[other] rejected: rows of the list that could not be used
 }
report-unconfirmed = answered by Altinn, to be confirmed by its list
report-to-be-sent = still to be sent
report-outcomes-picture = The shares of the outcomes, in the order of the table
report-nothing-sent = No request about a client was sent.
report-sent = { $requests ->
    [one] 1 request about clients in { $took }: { $rate } a second on average.
   *[other] { $requests } requests about clients in { $took }: { $rate } a second on average.
 }
report-pace-line = The most that was asked for is { $rate }, the dashed line.
report-pace-unlimited = No limit was set to the pace.
report-pace-above = The most that was asked for, { $rate }, is far above what the picture shows.
report-retried = { $requests } of them got no verdict; a client is then sent again, as often as the job allows.
report-no-retries = Every request got a verdict.
report-pauses = { $pauses ->
    [one] There was one pause; the longest took { $longest }.
   *[other] There were { $pauses } pauses; the longest took { $longest }.
 }
report-pause = pause: { $took }
report-picture = Two graphs over the same time: above, how many requests had a verdict; below, requests a second by what came of them
report-answered-axis = requests with a verdict, in all
report-rate-axis = requests a second
report-legend-done = done
report-legend-refused = refused
report-legend-retried = no verdict
report-legend-asked = the pace asked for
report-legend-pause = nothing sent
report-numbers-of-picture = The picture in numbers
report-from = From
report-scrolls = can be scrolled sideways
report-clients = { $clients ->
    [one] 1 client
   *[other] { $clients } clients
 }
report-may-be-retried = May be tried again.
report-needs-you = Trying again does not help by itself.
report-row-rejected = The row cannot be used:
report-rows-rejected = { $rows ->
    [one] 1 row of the list that could not be used
   *[other] { $rows } rows of the list that could not be used
 }
report-correct-rows = correct the rows and run the list again; they stand in { $file } as they were
report-what-to-do = What to do: { $hint }.
report-retry = `fullmakt retry { $run }` tries again what may be tried again.
report-among-them = These
report-more-reasons = { $more ->
    [one] … and 1 more reason, in { $file }
   *[other] … and { $more } more reasons, in { $file }
 }
report-more-in = … and { $more } more, in { $file }
report-private-person = private person
report-line = line { $line }
report-number = Organisation number
report-name = Name
report-why = Why, and what to do
report-attempts = Requests
report-when = When
report-find = Find
report-sort-by = Sort by
# {"{shown}"} and {"{all}"} are filled in by the page's script.
report-shown = {"{shown}"} of {"{all}"} rows
report-table-cut = The table shows { $here } of { $all } rows, those that need attention first; all are in { $done } and { $failures }.
report-state-delegated = delegated
report-state-removed = removed
report-system = System
report-packages = Packages in the vendor file
report-firms-by-name = none: the firms were named one by one
report-state-asked = asked
report-state-withdrawn = taken back
report-asked-firms = { $firms ->
        [one] asked for its system user
       *[other] asked for their system user
    }
report-taken-back = { $requests ->
        [one] request taken back
       *[other] requests taken back
    }
report-left-alone = left alone: nothing was to be asked
report-heading-firms = Firms
report-answer = Answer
report-reference = Reference
report-firms = { $firms ->
        [one] 1 firm
       *[other] { $firms } firms
    }
report-state-unchanged = unchanged
report-state-failed = failed
report-state-rejected = rejected
report-state-superseded = superseded
report-state-pending = not settled
report-footer = Written by fullmakt { $version }. Times are in { $zone }.
report-rows-left = { $rows ->
    [one] 1 row of the list could not be used.
   *[other] { $rows } rows of the list could not be used.
 }
report-the-others-done = What could be used is as it was asked for: { $all }.
report-how-many = Number
report-other-names = Names that are not Altinn's
report-other-names-to-do = { $rows ->
    [one] 1 row of the list has another name than Altinn has for its number. See that it is the right client; { $file } has the row, to be corrected and given back.
   *[other] { $rows } rows of the list have another name than Altinn has for their number. See that they are the right clients; { $file } has the rows, to be corrected and given back.
 }
report-row = Line
report-name-in-list = Name in the list
report-name-in-altinn = Name in Altinn
report-table-not-printed = The table has { $rows } rows and is not printed; all of them stand in { $files }. To print it, tick the box above the table.
report-print-table = Print this table too ({ $rows } rows)
report-column-name-in-altinn = fullmakt: name in Altinn
report-column-outcome = fullmakt: outcome
report-column-when = fullmakt: when
report-column-reason = fullmakt: what is wrong, and what to do
report-column-line = fullmakt: line in the list
report-footer-files = Beside this page: { $files }.
