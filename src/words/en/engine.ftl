# Planning and executing.
engine-a-request-broke-down-this-is-a-fault-in = a request broke down ({ $error }); this is a fault in fullmakt, please report it
engine-interrupted-while-waiting-for-the-other-run = interrupted while waiting for the other run; nothing was sent
engine-from-agent-and-to-agent-are-the-same-system = from_agent and to_agent are the same system user
engine-line-names-agent-and-a-migration-has-one = line { $line } names agent { $agent }, and a migration has one agent for every client: to_agent
engine-guard-allows-on-agent-and-there-would-be = [guard] { $exceeds } allows { $allowed } on agent { $agent }, and there would be { $planned }; nothing is sent
engine-the-list-is-older-than-guard-manifest-age = the list { $manifest } is older than [guard] manifest_age allows; nothing is sent
engine-the-list-is-from-the-future = the list { $manifest } is from the future, so nobody can tell whether it is as new as [guard] manifest_age demands; nothing is sent
engine-the-manifest-names-agents-that-cannot-be = the manifest names agents that cannot be given clients, so nothing is sent
engine-lines-and-want-the-opposite-for-the-same = lines { $first } and { $second } want the opposite for the same client on the same agent
engine-run-has-not-come-to-its-end = run { $run } has not come to its end
engine-there-is-nothing-to-do-for-run = there is nothing to do for run { $run }
engine-run-cannot-be-undone = run { $run } cannot be undone
engine-run-is-there-is-nothing-to-go-on-with = run { $run } is { $status }; there is nothing to go on with
engine-run-has-been-undone-by-run = run { $run } has been undone by run { $undone_by }
engine-if-it-stays-so-the-relationship-behind-this = if it stays so, the relationship behind this delegation may have been replaced: remove the client and delegate it again (a remove job, then a delegate job), at a time when nobody needs the access
