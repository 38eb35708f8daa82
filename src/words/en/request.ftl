# Requests for system users: what a vendor asks firms for.

## The vendor file

request-vendor-file-cannot-be-read = the vendor file { $path } cannot be read: { $error }
request-vendor-file-is-wrong = the vendor file { $path }: { $error }
request-vendor-signs-in-with-maskinporten = a vendor signs in with method = "maskinporten" (or hands over a token of Maskinporten's with method = "token"): firms are asked by an organisation, not by a person
request-vendor-lacks-a-key = `{ $key }` is missing under [vendor]
request-ready-goes-to-one-place = jobs and fleet stand both here; keep one of them
request-ready-kind-is-none = kind is { $kind }, which gives no clients to a new system user; one of { $kinds }
request-manifest-names-no-firm = manifest is { $text }; write { "{" }firm{ "}" } where the firm's number stands, because each firm has a list of its own
request-key-is-empty = { $key } is empty
request-redirect-is-no-address = redirect is { $text }; write the whole address, such as "https://vendor.example/approved", as it is registered with the system
request-package-is-none = { $package } is no access package; write a URN such as "urn:altinn:accesspackage:regnskapsforer-lonn", or what follows its last colon
request-package-is-not-for-clients = { $package } is for a standard system user, which administers a firm's clients, and not for one that acts for them; take it out
request-vendor-needs-a-sign-in = environment { $environment } needs a sign-in: add [auth] with method = "maskinporten" (the vendor's own client), or method = "token"
request-no-packages = packages is empty: a system user without an access package can do nothing

## What Altinn answers

request-answered-for-another-firm = Altinn answered about another firm or reference than was asked about
request-cause-vendor-file = Altinn refuses what the vendor file asks for, and would for every firm
request-hint-vendor-file = put the vendor file right, and ask again: firms that have been asked are not asked twice
request-cause-no-vendor = the token names no organisation that asks
request-hint-no-vendor = it must be a token of Maskinporten's for the vendor's own organisation: not exchanged, and not for a system user
request-cause-scopes = Altinn refuses this sign-in for requests (403)
request-hint-scopes = the vendor's client in Maskinporten needs both scopes altinn:authentication/systemuser.request.read and altinn:authentication/systemuser.request.write
request-hint-the-vendors-client-needs-the-scopes = give the client { $client } both scopes altinn:authentication/systemuser.request.read and altinn:authentication/systemuser.request.write in Samarbeidsportalen
request-hint-unknown-firm = Altinn does not find this organisation; check its number, or try again: its register may have been away
request-hint-standard-request = there is a request for a standard system user with this reference; give this one another external_ref, or withdraw that one
request-hint-unknown-system = the vendor file's system_id is not in Altinn's register of systems, or is another vendor's
request-hint-redirect = the vendor file's redirect is not one of the addresses that are registered with the system: have it registered, or leave it out
request-hint-packages = the packages in the vendor file must be registered with the system in Altinn's register of systems
request-hint-not-for-clients = one of the packages in the vendor file cannot be used for clients; one such is klientadministrator, which belongs to a standard system user

## The sandbox

request-sandbox-answered = { $answered ->
        [one] 1 request has been answered
       *[other] { $answered } requests have been answered
    }

request-hint-ask-again = nothing is decided: the same command asks again, and nobody is asked twice

## Commands

request-name-the-vendor-file = name it with --vendor FILE; docs/requests.md shows one
request-no-firm-is-named = no firm is named
request-add-yes = add --yes to do it without being asked; --dry-run shows what would be done
request-add-yes-alone = add --yes to do it without being asked; `fullmakt request list` shows how the firms stand
request-name-a-list-or-a-firm = give a list of firms (CSV or workbook), or --firm ORG
request-correct-the-list = correct them, or add --skip-invalid to leave those firms out
request-firms-were-never-asked = { $firms ->
        [one] 1 firm was never asked: { $first }
       *[other] { $firms } firms were never asked: { $first }
    }
request-firms = { $firms ->
        [one] 1 firm
       *[other] { $firms } firms
    }
request-another-process-asks = another process is asking firms for system users of { $system }
request-wait-for-the-other = wait until it has ended; `fullmakt runs` shows it
request-ask-them-first = `fullmakt request create` asks firms; `fullmakt request list` names those that have been asked
request-the-reference-is-the-old-one = { $reference } is the reference of the present system users; the new ones need another
request-the-reference-is-empty = --external-ref is empty
request-the-reference-is-a-firms-number = { $reference } is a firm's number, which is the reference of requests that were given none
request-name-the-new-reference = give the new system users a reference of their own, such as lonn-2027
request-more-packages-how =
    A system user for clients cannot be given more packages: Altinn takes no change for it (404 AUTH-00015). So a new one is asked for, with a reference of its own.
    When a firm has approved it, `fullmakt request status` writes a migrate job for it: that moves every client, and takes none from the old one before the new one has it.
request-nothing-to-move-from = { $firms ->
        [one] 1 firm has no system user whose clients could be moved
       *[other] { $firms } firms have no system user whose clients could be moved
    }
request-nothing-to-move-from-to-do = ask these with `fullmakt request create`, or give the present reference with --from-ref
request-the-packages-are-the-same = { $firms ->
        [one] 1 firm has a system user with just these packages already
       *[other] { $firms } firms have system users with just these packages already
    }
request-the-packages-are-the-same-to-do = put the new packages into the vendor file first, or leave these firms out
request-folder-cannot-be-written = nobody was asked, because the links cannot be written in { $folder }: { $error }
request-name-another-folder = name another folder with --out, or make that one writable
request-links-would-replace-the-list = { $file } is the list of firms itself, and the links would be written over it
request-links-would-replace-a-file = { $file } is there and is no list of links that fullmakt has written; the links would be written over it
request-name-another-folder-for-links = name another folder with --out, or move that file
request-plan-rows-left-out = { $rows ->
        [one] 1 row of the list cannot be read and is left out:
       *[other] { $rows } rows of the list cannot be read and are left out:
    }
request-plan-row-left-out = line { $line }: { $problem }
request-go-on = { $firms ->
        [one] Ask 1 firm? [y/N]
       *[other] Ask { $firms } firms? [y/N]
    }
request-interrupted = { $left ->
        [0] interrupted; every firm has been asked
        [one] interrupted; 1 firm is yet to be asked
       *[other] interrupted; { $left } firms are yet to be asked
    }
request-same-command-goes-on = the same command goes on where this one stopped: it looks first, and asks nobody twice
request-round-is-open = run { $run } has not come to its end, and asks other firms too: `fullmakt resume { $run }` goes on with it
request-vendor-file-is-about-another-system = { $path } is not about { $system } in { $environment } any more, which that run asked for
request-withdrawn-is-not-undone = run { $run } took requests back, which is not undone
request-create-again-asks = `fullmakt request create LIST --again` asks those firms anew
request-rounds-are-not-verified = run { $run } asked firms, and no list of clients says anything of that
request-status-looks = `fullmakt request status` looks at how the firms stand
request-requests-sent = { $requests ->
        [one] 1 request about firms was sent
       *[other] { $requests } requests about firms were sent
    }
request-every-is-too-often = --every is a minute at the least: people answer, and they take days
request-withdraws = { $firms ->
        [one] 1 request is withdrawn
       *[other] { $firms } requests are withdrawn
    }
request-approved-is-not-withdrawn = { $firms ->
        [one] 1 firm has approved, which is not taken back from here: the firm deletes the system user in Altinn
       *[other] { $firms } firms have approved, which is not taken back from here: each deletes its system user in Altinn
    }
request-several-references = { $firms ->
        [one] 1 firm has several requests that can be withdrawn
       *[other] { $firms } firms have several requests that can be withdrawn
    }
request-name-the-reference = say which with --external-ref
request-nothing-to-withdraw = None of these firms has a request that could be withdrawn.
request-withdraw-question = { $firms ->
        [one] Withdraw the request of 1 firm? Its link will lead nowhere. [y/N]
       *[other] Withdraw the requests of { $firms } firms? Their links will lead nowhere. [y/N]
    }
request-status-waits = Looking again from time to time; Ctrl-C ends it.
request-firms-have-answered = { $name }: { $firms ->
        [one] one firm has
       *[other] { $firms } firms have
    } answered: { $ready } ready, { $rejected } rejected, { $late } too late; { $pending } still to answer
request-links-written = { $firms ->
        [0] No firm has an open request, so the lists are empty:
        [one] The link of 1 firm, and its page in the folder pages beside:
       *[other] The links of { $firms } firms, and their pages in the folder pages beside:
    }
request-rows-added = { $rows ->
        [one] 1 row was added to { $list }
       *[other] { $rows } rows were added to { $list }
    }
request-job-has-no-list = { $job } names no list of clients
request-list-is-no-csv = { $path } is no CSV file, and only those are written
request-move-waits-for-a-move = the move of firm { $firm } is written when the one before it has been carried out
request-row-taken-out = taken out of { $list }: the row of firm { $firm } for the system user { $agent }
request-job-set-aside = set aside: { $job }, of the system user { $agent }, is { $new } now
request-fleet-list-lacks-a-column = { $list } has no column { $column }, which a firm's row needs; add the heading
request-fleet-list-is-a-workbook = { $list } is a workbook, and nothing is added to somebody's workbook; save it as CSV and name that in the fleet file, or write jobs = "jobs" under [ready]

## The plan

request-plan-head = { $vendor } ({ $organisation }) asks for system users of { $system } in { $environment }
request-plan-packages = with { $packages }
request-plan-unknown-package = { $package } comes with no role that accountants, auditors or business managers have: is it spelt as it is registered with the system?
request-plan-asks = { $firms ->
        [0] nobody is asked
        [one] 1 firm is asked
       *[other] { $firms } firms are asked
    }
request-plan-asks-again = { $firms ->
        [one] 1 of them again, after its old request is withdrawn
       *[other] { $firms } of them again, after their old requests are withdrawn
    }
request-plan-takes = which takes { $time } at the vendor file's rate
request-looking-at = Looking at what Altinn has of { $firms } firms …
request-left-system-user-is-there = left alone, because the system user is there
request-left-pending = left alone, because there is a request that nobody has answered
request-left-accepted-without = left alone: approved, and Altinn does not show the system user; if it has been deleted, --again asks again
request-left-rejected = left alone, because the firm has rejected it; --again asks again
request-left-denied = left alone, because the firm has denied it; --again asks again
request-left-timed-out = left alone, because the request is too old to be answered; --again asks again
request-left-withdrawn = left alone, because the request has been withdrawn; --again asks again
request-left-unknown = left alone, because Altinn says something of the request that this version does not know
request-plan-has-other-packages = { $firm } has a system user with other packages ({ $packages }), which cannot be changed: see `fullmakt request more-packages`
request-plan-other-packages = { $firm } has been asked for other packages ({ $packages }), and stays so; to ask for others, withdraw the request first
request-plan-more-other-packages = { $firms ->
        [one] and 1 more firm has, or has been asked for, other packages
       *[other] and { $firms } more firms have, or have been asked for, other packages
    }

## How firms stand

request-standing-head = { $vendor }, { $system } in { $environment }: { $firms ->
        [one] 1 firm
       *[other] { $firms } firms
    }
request-standing-requests = , { $requests } references
request-firm-and-reference = { $firm } (reference { $reference })
request-standing-ready = ready: the system user is there
request-standing-accepted = approved; the system user does not show yet
request-standing-pending = asked, not answered
request-standing-rejected = rejected
request-standing-denied = denied
request-standing-timed-out = too old to be answered
request-standing-failed = refused by Altinn
request-standing-to-be-asked = yet to be asked
request-standing-withdrawn = withdrawn
request-state-ready = ready, system user
request-state-accepted = approved, system user not shown yet
request-state-pending = asked
request-state-rejected = rejected at the firm
request-state-denied = denied at the firm
request-state-timed-out = too old to be answered
request-state-withdrawn = withdrawn
request-state-failed = refused by Altinn
request-state-to-be-asked = yet to be asked
request-asked-at = { " " }at { $at }
request-answer-by = , to be answered by { $day }
request-file-written = written: { $file }
request-rows-left-out = { $rows ->
        [one] 1 row of the list cannot be read and was left out; it stands in failures.csv
       *[other] { $rows } rows of the list cannot be read and were left out; they stand in failures.csv
    }
request-next-answers = Next: hand the links out; `fullmakt request status` sees who has answered.
request-next-clients = Next: the list of each firm's clients where its job says; `fullmakt request status --lists` writes those that are missing, with the clients that each firm can give.
request-job-written = job: { $job }
request-more-jobs-written = { $jobs ->
        [one] and 1 more job
       *[other] and { $jobs } more jobs
    }
request-list-written = list: { $list }
request-more-lists-written = { $lists ->
        [one] and 1 more list
       *[other] and { $lists } more lists
    }
request-job-lacks-its-list = without a list of clients: { $job }
request-more-jobs-lack-lists = { $jobs ->
        [one] and 1 more job
       *[other] and { $jobs } more jobs
    }

## The page for a firm

request-page-title = { $vendor } asks for access in Altinn
request-page-why = { $vendor } ({ $organisation }) asks { $firm } to approve a system user for client relationships in Altinn. Through it { $vendor }'s program can act in Altinn for the clients that you let it act for. Without it the program cannot.
request-page-who-heading = Who can approve
request-page-who = Somebody who is both access manager (access management) and client administrator (client administration) for { $firm }. One of the two is not enough.
request-page-gives-heading = What it gives
request-page-gives = A system user with the access packages below. The approval by itself opens no client: each client is given to the system user separately, and can be taken away again. You can delete the system user in Altinn at any time.
request-page-check-heading = What to check first
request-page-check-address = the address in the browser begins with { $host }/
request-page-check-vendor = Altinn names { $vendor }, { $organisation }, as the vendor
request-page-check-firm = Altinn says that you act for { $firm }
request-page-check-packages = the access packages that Altinn shows are those above and no others
request-page-link-heading = Approve
request-page-link = Open the request in Altinn
request-page-code = The same address, for a telephone's camera
request-page-by = The request can be answered until { $day }.
request-page-secret = The address is for your firm alone. Pass it on only to whoever is to approve.
request-page-after = Nobody is told by Altinn when you have approved; { $vendor } sees it when it looks.

request-package-accountant-payroll = Regnskapsfører lønn
request-package-accountant-signing = Regnskapsfører med signeringsrettighet
request-package-accountant = Regnskapsfører uten signeringsrettighet
request-package-auditor = Ansvarlig revisor
request-package-auditors-staff = Revisormedarbeider
request-package-property = Forretningsfører eiendom

## The page of errors

request-errors = Firms that Altinn refused to ask
request-errors-more = What a firm can be answered that a vendor asks for a system user. `AUTH-00004` (the system user is there), `AUTH-00010` and `AUTH-00030` (no such request) are no errors: there is nothing left to do.
