# What `init` asks, and the comments of the job file that it writes.

init-interrupted = stopped
init-nothing-is-written = the questions were not answered to the end, so nothing is written
init-as-said-by = as { $flag } says
init-no-terminal-and-missing = { $count ->
    [one] there is no terminal to ask on, and { $flags } is missing
   *[other] there is no terminal to ask on, and these are missing: { $flags }
 }
init-help-shows-the-flags = `fullmakt init --help` shows the flag for every answer
init-not-one-of = { $typed } is not one of them: type a number from { $least } to { $most }, or { $names }
init-one-to-three = 1, 2 or 3
init-one-to-three-or-an-address = 1, 2 or 3, or an address
init-one-of-so-many = { $most ->
    [one] Its number
   *[other] A number from 1 to { $most }
 }
init-no-such-kind = { $kind } is no kind of job: it is delegate, remove, manifest, reconcile or refresh
init-moves = a { $kind } job is between two system users: docs/jobs/migrate.md has a job file for it
init-no-such-folder = there is no folder { $folder }
init-there-is-a-file = { $file } is there already
init-there-is-a-file-to-do = give another name, or --force to write over it
init-another-name = Another name, or y to write over it
init-environment =
    Which Altinn is it for?
      1  prod      the real one
      2  tt02      Altinn's test environment
      3  sandbox   to practise: built in, and nothing leaves this machine
init-firm = The firm's organisation number
init-answer-is-wrong = { $typed }: { $why }
init-method =
    How do you sign in to Altinn?
      1  id-porten      yourself, in the browser, with BankID or the like
      2  maskinporten   a server, with nobody there
      3  token          with an Altinn token that you have
init-client-id-of-id-porten = The ID-porten client's id, from Samarbeidsportalen
init-client-id-of-maskinporten = The Maskinporten client's id, from Samarbeidsportalen
init-redirect-uri = Where the browser ends after the sign-in: the https address that is registered for the client
init-issuer = The address of its ID-porten (issuer)
init-token-endpoint = The address where its Maskinporten takes requests for tokens
init-key = The client's private key: drag the file here, or type its path
init-key-if-any = The client's private key: drag the file here, or type its path (Enter: the client has none)
init-kid = The key's id (kid), as Samarbeidsportalen shows it
init-token = Where the token is: a file, or the name of an environment variable
init-token-is-neither = { $typed } is no file, and no environment variable that is set: type where the token is, not the token itself
init-asking-altinn = Looking up the firm and its system users in { $environment } …
init-firm-is = { $number } is { $name }
init-no-such-firm = Altinn does not know { $number } in { $environment }: is it the firm's own number, and the right Altinn?
init-firm-known = { $number } is known there
init-agent = Which system user gets the clients?
init-agents-left-out = { $others ->
    [one] 1 more cannot have clients; `fullmakt agents JOB` says why
   *[other] { $others } more cannot have clients; `fullmakt agents JOB` says why
 }
init-no-system-users = { $others ->
    [0] the firm has no system users
    [one] the firm has 1 system user, which cannot have clients
   *[other] the firm has { $others } system users, of which none can have clients
 }
init-no-system-users-to-do = the system's vendor asks for a system user for client relationships, and somebody at the firm approves it in Altinn; then begin here again
init-not-looked-up =
    The firm's system users are not known, then. What now?
      1  again     try it once more
      2  sign-in   answer once more how you sign in
      3  write     write the job file all the same; you type the system user's UUID
init-not-that-agent = { $typed } will not do: { $why }
init-agent-by-uuid = The system user's UUID
init-no-uuid = { $typed } is no UUID, such as 1b6cea43-f499-4aae-a633-51cf542795af
init-list = The client list: drag the file here, or type its path
init-list-if-any = The client list: drag the file here, or type its path (Enter: every client that is delegated)
init-column = The heading of the clients' column (Enter: another list)
init-each-row-says = each row says in { $column } what is to be done
init-bad-rows = { $rejected ->
    [one] 1 of { $rows } rows cannot be acted on
   *[other] { $rejected } of { $rows } rows cannot be acted on
 }
init-bad-rows-to-do = `fullmakt check LIST` shows them all, and --fix puts right what can be; a run takes the list when they are, or with --skip-invalid
init-another-list = Another list, or Enter to take this one
init-a-name-that-is-no-text = the name of { $file } cannot stand in a job file: give the file another
init-written = { $file } is written
init-next-correct = { $rows ->
    [one] 1 row of the list cannot be used: correct it, or go on without it with --skip-invalid (it then stands in the failure report)
   *[other] { $rows } rows of the list cannot be used: correct them, or go on without them with --skip-invalid (they then stand in the failure report)
 }
init-next-plan = next: `fullmakt plan { $job }` shows what would be done, and changes nothing
init-next-login = next: `fullmakt login { $job }` signs you in, then `fullmakt plan { $plan }` shows what would be done
init-next-doctor = next: `fullmakt doctor { $job }` looks at everything that it needs, and says what is missing
init-now = Answer a few questions and have a job file made now? (y/n)
init-press-enter = Press Enter to close this window

init-file-made = Made by `fullmakt init`. Every key that there is: docs/job-file.md
init-file-plan = what would be done; changes nothing
init-file-run = do it, and ask first
init-file-name = what the job's runs are kept under
init-file-kind = or remove, manifest, reconcile, refresh
init-file-manifest = the client list
init-file-column = the heading of the organisation numbers
init-file-sheet = the sheet of the workbook
init-file-environment = prod, tt02, sandbox or an address
init-file-facilitator = the firm
init-file-agent = the system user that gets the clients
init-file-id-porten = a person: `fullmakt login { $job }` first
init-file-maskinporten = a server, with nobody there
init-file-token = an Altinn token of one's own
init-file-client-id = from Samarbeidsportalen
init-file-rate = the most that is ever sent; slower by itself
init-file-reports = copies of the reports, beside this file
init-file-folder-of-reports = reports
