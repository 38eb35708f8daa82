# Requests for system users: what a vendor asks firms for.

## The vendor file

request-vendor-file-cannot-be-read = the vendor file { $path } cannot be read: { $error }
request-vendor-file-is-wrong = the vendor file { $path }: { $error }
request-vendor-signs-in-with-maskinporten = a vendor signs in with method = "maskinporten" (or hands over a token of Maskinporten's with method = "token"): firms are asked by an organisation, not by a person
request-vendor-lacks-a-key = `{ $key }` is missing under [vendor]
request-ready-goes-to-one-place = jobs and fleet stand both here; keep one of them
request-ready-kind-moves-nobody = a migrate has clients already; for a system user that is new, write "delegate" or "reconcile"
request-manifest-names-no-firm = manifest is { $text }; write { "{" }firm{ "}" } where the firm's number stands, because each firm has a list of its own
request-key-is-empty = { $key } is empty
request-redirect-is-no-address = redirect is { $text }; write the whole address, such as "https://vendor.example/approved", as it is registered with the system
request-package-is-none = { $package } is no access package; write a URN such as "urn:altinn:accesspackage:regnskapsforer-lonn", or what follows its last colon
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
request-hint-unknown-system = system_id in the vendor file is not in Altinn's register of systems, or is another vendor's
request-hint-redirect = redirect in the vendor file is not one of the addresses that are registered with the system: have it registered, or leave it out
request-hint-packages = the packages in the vendor file must be registered with the system in Altinn's register of systems
request-hint-not-for-clients = one of the packages in the vendor file cannot be used for clients; one such is klientadministrator, which belongs to a standard system user

## The sandbox

request-sandbox-answered = { $answered ->
        [one] 1 request has been answered
       *[other] { $answered } requests have been answered
    }
