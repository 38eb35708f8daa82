# A run on a terminal: the plan, the progress, the summary, history and comparison.

## The plan

plan-head = { $job } ({ $what }) for { $firm } in { $environment }
plan-rows = { $rows ->
    [one] row
   *[other] rows
 }
plan-different-clients = { $clients ->
    [one] 1 client
   *[other] { $clients } different clients
 }
plan-different-pairs = { $pairs ->
    [one] 1 pair of client and agent
   *[other] { $pairs } pairs of client and agent
 }
plan-unchanged = already so, nothing to send
plan-cannot-be-sent = cannot be sent, see above
plan-rejected = { $rows ->
    [one] row that cannot be used, left to the failure report
   *[other] rows that cannot be used, left to the failure report
 }
plan-private-persons = { $persons ->
    [one] private person, who has no organisation number, is left alone
   *[other] private persons, who have no organisation number, are left alone
 }
plan-move = MOVE      { $clients } from { $from } to { $to }
plan-move-back = MOVE BACK { $clients }
plan-delegate-again = DELEGATE  { $clients } again to { $agent }
plan-delegate = DELEGATE  { $clients } to { $agent }
plan-remove = REMOVE    { $clients } from { $agent }
plan-for = for       { $firm }
plan-in-prod = in        PROD: the real Altinn, real clients
plan-in-prod-at = in        PROD ({ $environment }): the real Altinn, real clients
plan-in-tt02 = in        tt02, Altinn's test environment
plan-in-sandbox = in        the sandbox: nobody in it is real
plan-in-origin = in        { $environment }
plan-two-agents = { $agent } and { $other }
plan-more-agents = { $agent } and { $more } other system users
plan-retry-of = retry of run { $run }
plan-undo-of = undo of run { $run }
plan-to-delegate = to delegate
plan-to-delegate-again = to delegate again
plan-to-remove = to remove
plan-to-remove-unnamed = to remove: no row of the manifest names them
plan-to-move = to move
plan-to-move-back = to move back
plan-to-take-off = to take off
plan-to-take-off-old = to take off the old agent: the new one has them already
plan-no-title = no title
plan-agent = agent { $agent } ({ $title })
plan-untitled-agent = agent { $agent }
plan-quoted = "{ $title }"
plan-on-agent = (agent { $agent })
plan-from-agent = from { $agent }
plan-to-agent = { $clients ->
    [one] to   { $agent }, 1 client now on both together
   *[other] to   { $agent }, { $clients } clients now on both together
 }
plan-agent-now = { $clients ->
    [one] { $agent }, 1 client now
   *[other] { $agent }, { $clients } clients now
 }
plan-agents-now = { $clients ->
    [one] 1 client now on all of them together
   *[other] { $clients } clients now on all of them together
 }
plan-packages = packages that each client gets: { $packages }
plan-no-packages = none that Altinn tells of
plan-limit-share = { $share }% of its { $all } organisations, so { $clients }
plan-would-delegate = { $clients ->
    [one] 1 client would be delegated to agent { $agent }
   *[other] { $clients } clients would be delegated to agent { $agent }
 }
plan-would-remove-unnamed = { $clients ->
    [one] 1 client of agent { $agent } is named by no row of the manifest and would be removed
   *[other] { $clients } clients of agent { $agent } are named by no row of the manifest and would be removed
 }
plan-would-remove = { $clients ->
    [one] 1 client of agent { $agent } would be removed
   *[other] { $clients } clients of agent { $agent } would be removed
 }
plan-guard-refuses = { $what }; [guard] { $guard } allows { $limit }; nothing is sent
plan-spared = { $clients ->
    [one] 1 client is delegated and named by no row; it is left alone, because a row that cannot be used may mean it
   *[other] { $clients } clients are delegated and named by no row; they are left alone, because rows that cannot be used may mean them
 }
plan-agent-left-alone = no row of the manifest names agent { $agent } ({ $title }); its clients are left alone
plan-removed = to be removed:
plan-removed-unnamed = to be removed, because no row of the manifest names them:
plan-a-private-person = a private person
plan-and-more = … and { $more } more; `fullmakt plan JOB --format json` lists all
plan-line-is-in-altinn-in-the-list = line { $line }: { $number } is { $altinn } in Altinn, { $list } in the list
plan-line-again-is-in-altinn-in-the-list = line { $line }: the number is that of { $altinn } in Altinn, of { $list } in the list
plan-other-names = { $names ->
    [one] 1 name in the list is not Altinn's; is it the right client?
   *[other] { $names } names in the list are not Altinn's; are they the right clients?
 }
plan-gone = { $clients ->
    [one] 1 client is delegated, but Altinn no longer lists it as available: the client's relationship with the firm may be ending
   *[other] { $clients } clients are delegated, but Altinn no longer lists them as available: the client's relationship with the firm may be ending
 }
plan-file-to-be-sent = to be sent
plan-file-cannot-be-sent = cannot be sent
plan-line = line { $line }
plan-nothing-to-send = nothing to send
plan-time-in-flight = goes as fast as { $requests } requests in flight allow
plan-time-held-back = takes { $time } with { $requests } requests in flight, as answers take { $answers } s now; { $rate } needs [pace] in_flight = { $needed }
plan-time-at-rate = takes { $time } at { $rate }, longer if Altinn is slow or asks to wait
plan-time-at-least = goes as fast as { $requests } requests in flight allow: { $time } at the least, as Altinn answers now

## Numbers and times

plan-less-than-a-second = less than a second
plan-about = about { $time }
plan-age-now = now
plan-age-days = { $days } days
plan-age-months = { $months } months
plan-age-years = { $years ->
    [one] 1 year
   *[other] { $years } years
 }
plan-hours = { $hours } h
plan-hours-minutes = { $hours } h { $minutes } min
plan-date = { $day } { $month } { $year }
plan-january = January
plan-february = February
plan-march = March
plan-april = April
plan-may = May
plan-june = June
plan-july = July
plan-august = August
plan-september = September
plan-october = October
plan-november = November
plan-december = December

## The progress

plan-waits-as-told = waiting for Altinn until { $time }, as it asked
plan-waits-for-answers = waiting for Altinn until { $time }, it does not answer
plan-waits-throttled = waiting until { $time }, Altinn takes no more just now
plan-waits-for-changes = trying again at { $time }, Altinn answers lists and refuses changes
plan-waits-unclear = asking Altinn again at { $time }, its answer may pass
plan-waits-this-side = trying again at { $time }, { $cause }
plan-reading-back = reading Altinn's list again to confirm
plan-waiting-before-tries = waiting before the next tries
plan-time-left = { $time } left
plan-so-many-failed = { $clients } failed
plan-retries = { $retries ->
    [one] 1 retry
   *[other] { $retries } retries
 }
plan-another-run = another run is at work on this agent; waiting up to { $patience } for its end
plan-another-run-of = another run is at work on this agent (process { $process }, since { $since }); waiting up to { $patience } for its end
plan-reading-available = reading the clients that may be delegated to agent { $agent }
plan-reading-delegated = reading the clients delegated to agent { $agent }
plan-held-back = answers take so long that { $requests } requests in flight hold the pace back; [pace] in_flight = { $needed } would reach the job's rate

## The summary

plan-status-running = running
plan-status-completed = completed
plan-status-interrupted = interrupted
plan-status-stopped = stopped
plan-status-superseded = superseded
plan-status-refused = refused
plan-count-delegated = delegated
plan-count-removed = removed
plan-count-unchanged = unchanged
plan-count-failed = failed
plan-count-rejected = { $rows ->
    [one] row rejected
   *[other] rows rejected
 }
plan-count-pending = pending
plan-no-clients = no clients
plan-run-is = run { $run } of { $job } is { $status }
plan-run-is-with = run { $run } of { $job } is { $status }: { $counts }
plan-run-was-refused = run { $run } of { $job } was refused: { $message }
plan-may-be-retried = (may be tried again)
plan-more-reasons = more reasons
plan-delegated = delegated, confirmed by Altinn's list
plan-delegated-again = delegated again, confirmed by Altinn's list
plan-removed-confirmed = removed, confirmed by Altinn's list
plan-moved = moved: on the new agent and no longer on the old one, confirmed by Altinn's lists
plan-moved-back = moved back, confirmed by Altinn's lists
plan-taken-off-again = taken off again, confirmed by Altinn's list
plan-taken-off-old = taken off the old agent, confirmed by Altinn's list; the new one had them already
plan-rows-rejected = { $rows ->
    [one] rejected: a row that could not be used
   *[other] rejected: rows that could not be used
 }
plan-clients = clients
plan-requests-sent = { $requests ->
    [one] 1 request about clients was sent
   *[other] { $requests } requests about clients were sent
 }
plan-of-which-lost = (of which { $requests } may never have left)
plan-from-to = from { $from } to { $to } { $zone }
plan-who-and-why = who and why: { $file }

## The comparison

plan-is-as-left = run { $run } of { $job } is as it was left
plan-is-not-as-left = run { $run } of { $job } is no longer as it was left
plan-as-left = as the run left them
plan-missing = missing: left delegated, not listed now
plan-gone-from-register = missing and no longer available: gone from the register
plan-partial = partial: delegated, and the agent has only some of its packages
plan-extra = extra: listed now, and the run left them removed or did not name them
plan-done-after-all = reported as failed, and as it was asked after all: no difference
plan-changed-since = changed since by a later run: no difference
plan-not-compared = failed, rejected or pending in the run: not compared
plan-persons-not-compared = private persons that the run could not name: no difference
plan-clients-to-compare = clients to compare
plan-word-missing = missing
plan-word-gone = gone
plan-word-partial = partial
plan-word-extra = extra
plan-word-done = done
plan-lacks = (lacks { $packages })
plan-changed-since-by = (changed since by run { $run })
plan-and-more-differences = … and { $more } more; `--format json` lists all

## The history

plan-now-delegated = { $client } has been delegated to { $agent } since { $since }, by run { $run }
plan-now-found-delegated = { $client } is delegated to { $agent }; it was so already when run { $run } looked first
plan-now-removed = { $client } is not delegated to { $agent }: taken off on { $since }, by run { $run }
plan-now-found-removed = { $client } is not delegated to { $agent }; it was so already when run { $run } looked first
plan-now-signed-in = ; signed in: { $who }
plan-now-seen = ; Altinn's list said so last at { $seen }
plan-now-not-known = whether { $client } is delegated to { $agent } is not known here: run { $run } did not get through, { $seen }
plan-history-run = run { $run } of { $job } ({ $purpose }) in { $environment }, planned { $planned }
plan-history-from = from agent { $agent }
plan-history-signed-in = signed in: { $who }
plan-history-on = { $operation } on { $agent }
plan-history-trace-id = trace id { $id }
plan-history-to-ask = the firm's system user
plan-history-to-move = to move
plan-history-to-nothing = to nothing
plan-history-moved = moved
plan-history-at = at { $time }
plan-history-unchanged = { $runs ->
    [one] unchanged in 1 later run of this job; it is { $last }, planned { $planned }
   *[other] unchanged in { $runs } later runs of this job; the last, { $last }, planned { $planned }
 }
plan-history-nothing-sent = no request about this client has been sent

## Warnings

plan-mixed-packages = agent { $agent } was approved for packages that clients give in different ways: { $packages }; a client that does not give all of them cannot be delegated to it, and Altinn advises an agent for each kind

## What Altinn's service desk asks for

plan-support-environment = Environment:    { $environment }
plan-support-firm = Facilitator:    { $firm }
plan-support-client = Client:         { $client }
plan-support-vendor = Vendor:         { $vendor }
plan-support-system = System:         { $system }
plan-support-asked-firm = Firm:           { $firm }
plan-support-private-person = (a private person)
plan-support-uuid = Client UUID:    { $uuid }
plan-support-sent-at = Sent at:      { $time } (UTC)
plan-support-request = Request:      { $request }
plan-support-agent = Agent:        { $agent }
plan-support-status = HTTP status:  { $status }
plan-support-no-answer = HTTP status:  none, there was no answer
plan-support-took = Took:         { $ms } ms
plan-support-code = Code:         { $code }
plan-support-message = Message:      { $message }
plan-support-trace-id = Trace id:     { $id }
