# Job files, causes, and what to do about them.
model-method-is-not-one-of-token-id-porten-and = method { $other } is not one of token, id-porten and maskinporten
model-is-not-for-method-which-takes = `{ $key }` is not for method = { $method }, which takes { $allowed }
model-holds-a-key-or-a-token-itself-put-that-into-a = `{ $key }` holds a key or a token itself: put that into a file that only you can read, or into an environment variable, and give the name here
model-method-token-needs-either-token-env-the-name = method = "token" needs either token_env (the name of an environment variable) or token_file
model-method-needs-client-id-the-clients-id-from = method = { $method } needs client_id, the client's id from Samarbeidsportalen
model-the-key-is-either-in-key-file-or-in-key-env = the key is either in key_file or in key_env
model-is-about-a-key-and-there-is-neither-key-file = { $key } is about a key, and there is neither key_file nor key_env
model-environment-needs-issuer-the-address-of-its = environment { $environment } needs issuer, the address of its ID-porten
model-id-porten-in-production-takes-no-localhost = ID-porten in production takes no localhost redirect: give redirect_uri, the https address that is registered for the client
model-redirect-uri-needs-a-port-to-listen-on-as-in = redirect_uri { $url } needs a port to listen on, as in { $example }
model-environment-needs-token-endpoint-the-address = environment { $environment } needs token_endpoint, the address of its Maskinporten
model-method-maskinporten-needs-key-file-or-key-env = method = "maskinporten" needs key_file (or key_env), the client's private key: a JWK, PEM with kid, or an enterprise certificate with its key
model-is-for-other-environments-that-of-is-known-so = `{ $key }` is for other environments: that of { $environment } is known, so that no token goes astray
model-is-not-an-address-such-as-https = is not an address such as "https://…"
model-is-not-https-http-is-for-a-loopback-address = is not https (http is for a loopback address only)
model-has-more-than-an-address-take-out-the-user = has more than an address: take out the user name and what stands after #
model-not-shown-it-looks-like-a-key-or-a-token = (not shown: it looks like a key or a token)
model-the-environment-variable = the environment variable { $name }
model-the-environment-variable-that-names = the environment variable that { $key } names
model-environment-is-not-sandbox-tt02-prod-or-an = environment { $text } is not sandbox, tt02, prod or an origin such as "https://platform.at22.altinn.cloud"
model-environment-has-more-than-an-origin-give = environment { $text } has more than an origin: give scheme, host and port only
model-environment-is-not-encrypted-use-https-http = environment { $text } is not encrypted: use https (http is for a loopback address only)
model-is-a-share-such-as-10-or-a-number-of-clients = { $key } is a share such as "10%" or a number of clients
model-manifest-age-is-not-an-age-such-as-36h-or-7d = manifest_age { $text } is not an age such as "36h" or "7d"
model-manifest-rest-is-no-time = manifest_rest { $text } is not a time such as "10s", up to "1h"; "0s" does not wait
model-a-job-needs-manifest-the-csv-file-that-names = a { $kind } job needs `manifest`, the CSV file that names the clients
model-environment-needs-a-sign-in-add-auth-with = environment { $environment } needs a sign-in: add [auth] with method = "id-porten" (a person), "maskinporten" (unattended) or "token"
model-name-is-not-a-jobs-name-use-1-to-64-of-a-z-0 = name { $name } is not a job's name: use 1 to 64 of a-z, 0-9 and -
model-from-agent-and-to-agent-are-for-kind-migrate = from_agent and to_agent are for kind = "migrate" only
model-altinn-has-no-agent-which-system-user-is-to = [altinn] has no `agent`: which system user is to have the clients? (with any UUID there, `fullmakt agents JOB` lists them)
model-a-migrate-job-has-from-agent-and-to-agent-not = a migrate job has from_agent and to_agent, not agent
model-a-migrate-job-needs-from-agent-and-to-agent = a migrate job needs from_agent and to_agent: from which system user to which?
model-from-agent-and-to-agent-are-the-same = from_agent and to_agent are the same
model-facilitator-id-is-not-a-uuid-it-is-the-firms = facilitator_id { $text } is not a UUID: it is the firm's party UUID in Altinn, not its organisation number nor a system user's id
model-agent-is-empty-fullmakt-agents-job-lists-the = agent is empty; `fullmakt agents JOB` lists the facilitator's system users
model-agent-is-no-whole-uuid-fullmakt-agents-job = agent { $text } is no whole UUID; `fullmakt agents JOB` lists the facilitator's system users (or name it by its title, {"{"} external_ref = "…" {"}"} or {"{"} system_id = "…" {"}"})
model-rate-is-not-a-pace-such-as-5-s-120-min-or = rate { $text } is not a pace such as "5/s", "120/min" or "unlimited"
model-is-out-of-range-1-to = { $key } = { $number } is out of range: 1 to { $most }
model-is-not-a-duration-such-as-120s-or-15min-up-to = { $key } { $text } is not a duration such as "120s" or "15min" (up to 24h)
model-command-names-no-program-write-it-as-program = command names no program: write it as ["program", "argument"]; no shell is involved
model-folder-is-empty-name-the-folder-that-the = folder is empty: name the folder that the reports are copied to, such as "reports"
model-save-it-as-utf-8-in-notepad-file-save-as = save it as UTF-8 (in Notepad: File, Save as, Encoding: UTF-8)
model-a-workbook = a workbook
model-line-says = line { $line }: { $message }
model-and = {" "}and{" "}
model-a-client-list = a client list
model-it-is-saved-as-utf-16-which-notepad-calls = it is saved as UTF-16, which Notepad calls Unicode; { $what_to_do }
model-line-a-letter-such-as-o-or-a-is-saved-as-ansi = line { $line }: a letter such as æ, ø or å is saved as ANSI (Windows-1252); { $what_to_do }
model-this-is-not-a-job-file-fullmakt-check-reads-a = this is { $what }, not a job file; `fullmakt check` reads a list, and a job file names it: manifest = 'clients.csv'
model-curly-quotes-stand-here-as-a-word-processor = curly quotes stand here, as a word processor writes them; write straight ones: "…"
model-at-the-top-above-altinn = at the top, above [altinn]
model-at-the-top = at the top
model-stands-and-belongs-move-this-line-there = `{ $key }` stands { $here }, and belongs { $table }; move this line there
model-under = under [{ $table }]
model-kind-is-not-known-write-kind = kind { $kind } is not known; write kind = { $meant }
model-a-text-stands-in-quotes-such-as-5-s = { $message }; a text stands in quotes, such as "5/s"
model-key-stands-twice = `{ $key }` stands twice; take one of the two out
model-table-stands-twice = [{ $table }] stands twice; put everything under one of the two
model-is-a-list = `{ $key }` is a list; write it in square brackets: { $key } = [{ $value }]
model-is-a-number-without-quotes = `{ $key }` is a number; write it without quotes: { $key } = { $value }
model-is-a-section = `{ $key }` is a section; write [{ $key }] on a line of its own, and what belongs to it below
model-word-is-not-known = { $word } is not known here; write one of { $known }
model-in-double-quotes-a-backslash-is-the-beginning = in double quotes a backslash is the beginning of an escape; write the path in single quotes, '{ $path }', or with / instead of \
model-no-organisation-number-stands-here = no organisation number stands here
model-a-filler-not-the-number-of-an-organisation = a filler, not the number of an organisation
model-a-spreadsheet-has-rounded-this-number-away = a spreadsheet has rounded this number away; format the column as text and export it again from the source
model-the-spreadsheet-shows-an-error-here-and-not-a = the spreadsheet shows an error here and not a number; mend its formula, and save the list again
model-the-spreadsheets-column-was-too-narrow-to = the spreadsheet's column was too narrow to show the number; widen it, and save the list again
model-a-formula-stands-here-and-not-its-result-in = a formula stands here and not its result; in the spreadsheet, paste the column as values
model-digits-a-spreadsheet-has-dropped-what-zeros = { $digits } digits: a spreadsheet has dropped what zeros stood in front; write { $number }
model-a-spreadsheet-has-made-a-decimal-number-of-it = a spreadsheet has made a decimal number of it; write it without the decimals
model-these-digits-look-like-a-national-identity = these digits look like a national identity number; a manifest names organisations only, take this row out
model-eleven-digits-a-bank-account-perhaps-an = eleven digits: a bank account, perhaps; an organisation number has nine
model-a-telephone-number-it-seems-an-organisation = a telephone number, it seems; an organisation number has nine digits, and is written 123456789
model-a-swedish-organisation-number-it-seems-altinn = a Swedish organisation number, it seems; Altinn knows Norwegian organisations only
model-several-organisation-numbers-in-one-cell-give = several organisation numbers in one cell; give each client a row of its own
model-other-text-stands-beside-the-number-leave = other text stands beside the number; leave { $number } alone in its cell
model-an-organisation-number-has-nine-digits-does = an organisation number has nine digits; '{ $character }' does not belong in one
model-an-organisation-number-has-nine-digits-this = an organisation number has nine digits, this has 8: a Danish number or a telephone number, perhaps, and not a Norwegian organisation number
model-an-organisation-number-has-nine-digits-this-2 = an organisation number has nine digits, this has { $digits }
model-the-check-digit-does-not-fit-a-digit-is-wrong = the check digit does not fit: a digit is wrong or two are swapped
model-comes-with-the-role-accountant-regnskapsforer = comes with the role accountant (regnskapsfører) in the business register
model-comes-with-the-role-auditor-revisor-in-the = comes with the role auditor (revisor) in the business register
model-comes-with-the-role-business-manager = comes with the role business manager (forretningsfører) in the business register, of housing cooperatives and owners' associations only
model-is-given-by-the-client-in-altinn = is given by the client in Altinn
model-the-agent-was-approved-for-no-access-package = the agent was approved for no access package
model-the-client-is-a-client-of-the-firm-and-gives = the client is a client of the firm, and gives it none of the agent's access packages: { $missing }
model-the-client-does-not-give-the-firm-every = the client does not give the firm every access package that the agent requires; it lacks { $missing }
model-altinn-does-not-list-this-organisation-among = Altinn does not list this organisation among the clients that may be delegated to the agent
model-altinn-lists-two-different-clients-with-this = Altinn lists two different clients with this organisation number
model-the-client-is-not-delegated-to-the-agent-and = the client is not delegated to the agent, and a refresh gives no new access
model-the-client-is-not-delegated-to-the-agent-that = the client is not delegated to the agent that it is to be moved from
model-the-name-in-the-list-is-another-clients = the name in the list is another client's
model-see-whether-the-number-or-the-name-is-wrong = see whether the number or the name is wrong, correct the row, and give the list again; nothing was sent for it
model-check-the-number-if-it-is-right-ask-the = check the number; if it is right, ask the client to register your firm in its role (accountant, auditor, business manager) or to give it the access package in Altinn, then try again
model-ask-the-client-to-register-your-firm-in-that = ask the client to register your firm in that role or to give it the access package in Altinn, then try again; where it never will, use an agent without that package
model-check-the-number-a-job-of-kind-delegate-gives = check the number; a job of kind delegate gives a client access that it does not have
model-delegate-the-right-one-in-altinns-portal-or = delegate the right one in Altinn's portal, or ask Altinn which is current
model-a-client-that-is-cannot-be-this-is-a-fault-in = a client that is { $state } cannot be { $event }; this is a fault in fullmakt, please report it
model-there-is-no-token-that-altinn-accepts = there is no token that Altinn accepts
model-there-is-no-new-token-to-be-had-just-now = there is no new token to be had just now
model-altinn-refuses-this-sign-in-403 = Altinn refuses this sign-in (403)
model-altinn-does-not-know-the-facilitator = Altinn does not know the facilitator
model-the-agent-is-a-standard-system-user-which-can = the agent is a standard system user, which can have no clients
model-altinn-does-not-find-the-agent-among-the = Altinn does not find the agent among the facilitator's system users
model-the-agent-has-been-deleted-in-altinn = the agent has been deleted in Altinn
model-several-of-the-facilitators-system-users-fit = several of the facilitator's system users fit `agent` in the job file
model-the-agent-has-no-usable-access-package = the agent has no usable access package
model-one-of-the-agents-access-packages-cannot-be = one of the agent's access packages cannot be passed on
model-altinn-does-not-know-a-role-or-an-access = Altinn does not know a role or an access package that it was given
model-this-sign-in-cannot-read-the-list-of = this sign-in cannot read the list of delegated clients
model-this-altinn-does-not-have-the-api-for = this Altinn does not have the API for administering clients
model-the-firms-party-uuid-is-not-known-and-the-api = the firm's party UUID is not known, and the API for administering clients asks for it
model-it-is-not-known-which-access-packages-the = it is not known which access packages the clients give
model-altinn-did-not-give-the-list-of-clients = Altinn did not give the list of clients
model-altinns-list-of-clients-goes-round-in-a = Altinn's list of clients goes round in a circle
model-altinns-list-of-clients-does-not-say-whose-it = Altinn's list of clients does not say whose it is, and clients are to be removed by it
model-altinn-has-not-answered-for-as-long-as-give = Altinn has not answered for as long as give_up_after allows
model-altinn-asks-to-wait-longer-than-give-up-after = Altinn asks to wait longer than give_up_after allows
model-altinn-gave-an-answer-that-is-not-documented = Altinn gave an answer that is not documented
model-sign-in-again-with-id-porten-by-fullmakt = sign in again: with ID-porten by `fullmakt login JOB`; with a token of your own put a new one where the job file's [auth] points
model-wait-until-it-answers-again = wait until it answers again
model-the-token-needs-both-scopes-altinn = the token needs both scopes, altinn:clientdelegations.read and altinn:clientdelegations.write, and whoever it was issued for must be client administrator (klientadministrator) for the facilitator
model-check-facilitator-in-the-job-file-and-that = check `facilitator` in the job file, and that `environment` is the one where it exists
model-choose-a-system-user-for-client-relationships = choose a system user for client relationships; `fullmakt agents JOB` lists them
model-choose-another-fullmakt-agents-job-lists-the = choose another; `fullmakt agents JOB` lists the facilitator's system users
model-check-agent-in-the-job-file-it-may-be-a = check `agent` in the job file: it may be a system user for the firm's own system, a deleted one, or another firm's; `fullmakt agents JOB` lists those that can have clients
model-name-it-by-its-uuid-fullmakt-agents-job-lists = name it by its UUID; `fullmakt agents JOB` lists the facilitator's system users
model-the-system-user-must-be-approved-with-an = the system user must be approved with an access package for client relationships; a new system user with the right package is needed
model-the-system-user-was-approved-with-an-access = the system user was approved with an access package that nobody can pass on; a new system user without it is needed
model-it-may-be-new-or-gone-look-for-a-newer = it may be new, or gone: look for a newer version of this program; its answer says which it is
model-a-system-user-reads-it-through-access = a system user reads it through access management's API (`api = "administration"` in the job file); or sign in as a person with ID-porten
model-check-environment-in-the-job-file-a-person = check `environment` in the job file; a person can do with `api = "delegation"`
model-give-it-in-the-job-file-as-facilitator-id = give it in the job file as facilitator_id ([altinn]), or order the scope altinn:accessmanagement/authorizedparties for the client, so that it can be looked up
model-plan-again-the-plan-reads-them = plan again: the plan reads them
model-try-again-when-altinn-answers-if-it-has-never = try again when Altinn answers; if it has never worked, check `environment` in the job file
model-wait-until-altinn-answers-again = wait until Altinn answers again
model-wait-until-the-time-that-altinn-gave = wait until the time that Altinn gave
model-look-at-what-altinn-answered-if-it-stays-so = look at what Altinn answered; if it stays so, Altinn's service desk can look up the trace id
model-something-between-this-machine-and-altinn = something between this machine and Altinn shows a certificate that this machine does not trust (TLS interception by a proxy or a virus scanner, most likely)
model-the-certificate-is-not-valid-at-the-time-that = the certificate is not valid at the time that this machine's clock says: the clock is wrong, or something in between shows an old certificate
model-something-between-this-machine-and-altinn-2 = something between this machine and Altinn answers without encryption: a proxy or a page of the network
model-your-proxy-wants-a-user-name-and-a-password = your proxy wants a user name and a password (407)
model-your-proxy-does-not-let-this-machine-through = your proxy does not let this machine through to Altinn
model-there-is-no-connection-through-your-proxy = there is no connection to the server through your proxy
model-the-proxy-variables-of-this-machine-name-a = the proxy variables of this machine name a proxy that fullmakt does not speak to (only http:// and https:// proxies; no SOCKS and no PAC file)
model-a-filter-in-your-network-answers-in-altinns = a filter in your network answers in Altinn's place, with a page of its own
model-a-page-answers-in-altinns-place-such-as-the = a page answers in Altinn's place, such as the sign-in page of a wireless network
model-this-machine-does-not-find-the-servers-name = this machine does not find the server's name (DNS)
model-this-machine-gets-no-connection-to-the-server = this machine gets no connection to the server
model-this-process-may-open-no-more-files-and = this process may open no more files and connections
model-have-it-put-the-proxys-root-certificate-into = have IT put the proxy's root certificate into this machine's trust store, or name its PEM file in SSL_CERT_FILE, or exempt Altinn's names from interception; docs/networks.md has it in full
model-set-this-machines-clock-and-time-zone-and-run = set this machine's clock (and time zone), and run again; docs/networks.md has it in full
model-look-whether-the-network-wants-a-sign-in-in-a = look whether the network wants a sign-in in a browser first; have IT say which proxy HTTPS_PROXY is to name; docs/networks.md has it in full
model-put-the-user-name-and-the-password-into-https = put the user name and the password into HTTPS_PROXY (http://NAME:PASSWORD@PROXY:PORT, characters such as @ : / ? # % in the password as %40 %3A %2F %3F %23 %25); where the proxy only takes NTLM or Kerberos, have IT let this machine through without, or run a helper that signs in for it; docs/networks.md has it in full
model-have-it-allow-connect-to-altinns-and-the-sign = have IT allow CONNECT to Altinn's and the sign-in's names, port 443; docs/networks.md has it in full
model-set-https-proxy-http-proxy-port-and-take-all = set HTTPS_PROXY=http://PROXY:PORT (or http://NAME:PASSWORD@PROXY:PORT, characters such as @ : / ? # % in the password as %40 %3A %2F %3F %23 %25), and take ALL_PROXY with socks:// or a PAC address away; IT knows the address; docs/networks.md has it in full
model-have-it-look-whether-the-proxy-is-up = have IT look whether the proxy that HTTPS_PROXY names is the right one, is up, and reaches the internet; docs/networks.md has it in full
model-have-it-allow-altinns-names-in-the-filter-for = have IT allow Altinn's names in the filter, for this machine; docs/networks.md has it in full
model-open-a-web-page-in-a-browser-and-sign-in-to = open a web page in a browser and sign in to the network, or use another network; then run again; docs/networks.md has it in full
model-check-the-network-and-environment-in-the-job = check the network and `environment` in the job file; behind a proxy that looks names up itself set HTTPS_PROXY; docs/networks.md has it in full
model-check-the-network-and-environment-in-the-job-2 = check the network and `environment` in the job file; have IT open port 443, or say which proxy HTTPS_PROXY is to name; docs/networks.md has it in full
model-raise-the-limit-ulimit-n-4096-limitnofile-in = raise the limit (`ulimit -n 4096`, LimitNOFILE= in a unit), or lower in_flight in the job file; docs/networks.md has it in full
model-is-no-key-of-a-job-file = `{ $key }` is no key that is known here; those that are: { $known }
model-is-missing-at-the-top = `{ $key }` is missing; write it at the top, above [altinn]
model-is-missing-under = `{ $key }` is missing; write it under [{ $table }]
model-write-it-in-quotes = { $value } stands without quotes; write { $key } = "{ $meant }"
