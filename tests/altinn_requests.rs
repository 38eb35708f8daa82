//! The vendor's side over real HTTP: every case of the contract for requests, and a verdict for every code.

#![allow(clippy::unwrap_used, reason = "a test whose own set-up fails has nothing better to do")]

mod common {
    pub(crate) mod raw_server;
}

use fullmakt::words::Wording;
use std::time::Duration;

use fullmakt::{
    altinn::{
        RawAnswer, TokenSource,
        requests::{Requests, judge, known_errors},
    },
    engine::{Asked, RequestApi},
    model::{
        Again, AgentId, AtLast, Call, HaltCause, NoVerdict, Notice, OrganisationNumber, RequestStanding,
        Verdict, WantedSystemUser,
    },
    sandbox::{
        Fault, NEW_SYSTEM, Options, PAYROLL_PACKAGE, RequestStatus, SandboxSystem, Server, VENDOR_REDIRECT,
        VENDOR_TOKEN, World, facilitator, small_firm,
    },
};

const ADMINISTRATOR: &str = "urn:altinn:accesspackage:klientadministrator";

async fn server(world: World) -> Server {
    Server::start(world, Options { latency: Duration::ZERO, ..Options::default() }).await.unwrap()
}

fn of_system(server: &Server, token: &str, system: &str) -> Requests {
    let tokens = TokenSource::fixed(&token.into(), Wording::heard("the test")).unwrap();
    Requests::new(server.origin(), Duration::from_secs(10), tokens, system).unwrap()
}

fn vendor(server: &Server) -> Requests {
    of_system(server, VENDOR_TOKEN, NEW_SYSTEM)
}

fn wanted(firm: OrganisationNumber) -> WantedSystemUser {
    WantedSystemUser {
        firm,
        external_ref: None,
        packages: vec![PAYROLL_PACKAGE.to_owned()],
        redirect: None,
        title: Some("Lønn".to_owned()),
    }
}

/// The request that asking comes to, and whether it is new.
async fn asked(vendor: &Requests, wanted: &WantedSystemUser) -> (fullmakt::model::FirmRequest, bool) {
    match vendor.ask(wanted).await.unwrap().0 {
        Asked::Request { request, is_new } => (request, is_new),
        Asked::SystemUserIsThere => panic!("there is a system user"),
    }
}

#[tokio::test]
async fn a_request_is_made_once_and_after_a_rejection_only_when_the_old_one_is_withdrawn() {
    let server = server(World::built_in(1, 0.0)).await;
    let (vendor, firm) = (vendor(&server), small_firm(0));
    let (first, is_new) = asked(&vendor, &wanted(firm)).await;
    assert!(is_new && first.standing == RequestStanding::New);
    let (again, is_new) = asked(&vendor, &wanted(firm)).await;
    assert!(!is_new && again == first);
    server.world().lock().answer_request(first.id.0, RequestStatus::Rejected);
    let (rejected, is_new) = asked(&vendor, &wanted(firm)).await;
    assert!(!is_new && rejected.id == first.id && rejected.standing == RequestStanding::Rejected);
    assert_eq!(vendor.withdraw(first.id).await.verdict, Verdict::Done);
    let (second, is_new) = asked(&vendor, &wanted(firm)).await;
    assert!(is_new && second.id != first.id);
    // What is not there is withdrawn.
    assert_eq!(vendor.withdraw(first.id).await.verdict, Verdict::Done);
}

#[tokio::test]
async fn a_request_is_found_by_its_reference_and_its_link_leads_to_the_page_on_which_it_is_approved() {
    let server = server(World::built_in(1, 0.0)).await;
    let (vendor, firm) = (vendor(&server), small_firm(1));
    assert_eq!(vendor.request_of(firm, &firm.to_string()).await.unwrap(), None);
    let (made, _) =
        asked(&vendor, &WantedSystemUser { external_ref: Some("a/b c".to_owned()), ..wanted(firm) }).await;
    assert_eq!(vendor.request_of(firm, "a/b c").await.unwrap().unwrap(), made);
    assert_eq!(vendor.system_user(firm, Some("a/b c")).await.unwrap(), None);
    // Altinn's list leaves the link out; it is made.
    let listed = vendor.requests(None).await.unwrap().requests;
    assert_eq!(listed, std::slice::from_ref(&made));
    let agent = server.world().lock().answer_request(made.id.0, RequestStatus::Accepted).unwrap();
    assert_eq!(vendor.system_user(firm, Some("a/b c")).await.unwrap().unwrap().id, agent);
    assert_eq!(vendor.request_of(firm, "a/b c").await.unwrap().unwrap().standing, RequestStanding::Accepted);
}

#[tokio::test]
async fn a_system_user_that_is_there_is_no_failure() {
    let server = server(World::built_in(1, 0.0)).await;
    let (vendor, firm) = (vendor(&server), small_firm(0));
    let (made, _) = asked(&vendor, &wanted(firm)).await;
    server.world().lock().answer_request(made.id.0, RequestStatus::Accepted);
    let (there, answer) = vendor.ask(&wanted(firm)).await.unwrap();
    assert_eq!((there, answer.verdict), (Asked::SystemUserIsThere, Verdict::Done));
}

#[tokio::test]
async fn a_request_that_is_too_old_is_still_called_new_and_is_known_by_the_other_sign() {
    let server = server(World::built_in(1, 0.0)).await;
    let vendor = vendor(&server);
    let (made, _) = asked(&vendor, &wanted(small_firm(0))).await;
    server.world().lock().let_request_time_out(made.id.0);
    let seen = vendor.requests(None).await.unwrap().requests;
    assert_eq!(seen[0].standing, RequestStanding::TimedOut);
    assert_eq!(asked(&vendor, &wanted(small_firm(0))).await.0.standing, RequestStanding::TimedOut);
}

#[tokio::test]
async fn the_list_goes_on_page_by_page() {
    let server = server(World::with_small_firms(1, 0.0, 120)).await;
    let vendor = vendor(&server);
    for place in 0..120 {
        asked(&vendor, &wanted(small_firm(place))).await;
    }
    let (mut page, mut found, mut pages) = (None, Vec::new(), 0);
    loop {
        let read = vendor.requests(page).await.unwrap();
        found.extend(read.requests.into_iter().map(|request| request.firm));
        pages += 1;
        page = read.next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!((pages, found.len()), (3, 120));
    assert_eq!(found, (0..120).map(small_firm).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_altinn_refuses_is_final_for_the_firm_and_says_whether_it_would_be_for_every_firm() {
    let mut world = World::built_in(1, 0.0);
    world.add_system(SandboxSystem {
        id: "without_redirect".to_owned(),
        vendor: facilitator(),
        packages: vec![PAYROLL_PACKAGE.to_owned()],
        redirects: Vec::new(),
    });
    let server = server(world).await;
    let usual = vendor(&server);
    let firm = small_firm(0);
    let redirect = |address: &str| WantedSystemUser { redirect: Some(address.to_owned()), ..wanted(firm) };
    let packages = |urns: &[&str]| WantedSystemUser {
        packages: urns.iter().map(|urn| (*urn).to_owned()).collect(),
        ..wanted(firm)
    };
    for (vendor, wanted, code) in [
        (&usual, packages(&[]), "AUTH-00058"),
        (&usual, packages(&["urn:altinn:accesspackage:unknown"]), "AUTH-00063"),
        (&usual, packages(&[ADMINISTRATOR]), "AUTH-00065"),
        (&usual, redirect("https://elsewhere.example/"), "AUTH-00021"),
        (&of_system(&server, VENDOR_TOKEN, "without_redirect"), redirect(VENDOR_REDIRECT), "AUTH-00026"),
        (&of_system(&server, VENDOR_TOKEN, "no_such_system"), self::wanted(firm), "AUTH-00011"),
    ] {
        let refused = vendor.ask(&wanted).await.unwrap_err();
        assert_eq!(refused.code.as_deref(), Some(code));
        assert_eq!((refused.verdict, refused.notice), (Verdict::Final, Some(Notice::OfEveryFirm)), "{code}");
        assert!(!refused.hint.is_empty() && refused.request.contains("POST"), "{code}");
    }
    // With a registered address all is well.
    assert!(asked(&usual, &redirect(&format!("{VENDOR_REDIRECT}?firm=1"))).await.1);
    let stranger = OrganisationNumber::parse("991825827").unwrap();
    let unknown = usual.ask(&self::wanted(stranger)).await.unwrap_err();
    let again = Again { not_before: None, why: NoVerdict::Unclear, at_last: AtLast::FailClient };
    assert_eq!((unknown.code.as_deref(), unknown.verdict), (Some("AUTH-00000"), Verdict::Again(again)));
    let list = of_system(&server, VENDOR_TOKEN, "no_such_system").requests(None).await.unwrap_err();
    assert_eq!(list.verdict, Verdict::Halt(HaltCause::VendorFile));
}

#[tokio::test]
async fn a_sign_in_that_may_not_ask_stops_everything_with_its_own_words() {
    let server = server(World::built_in(1, 0.0)).await;
    let firm = wanted(small_firm(0));
    for (token, status, cause) in
        [("sandbox-vendor-read", 403, HaltCause::RequestScopes), ("sandbox", 401, HaltCause::NoVendor)]
    {
        let refused = of_system(&server, token, NEW_SYSTEM).ask(&firm).await.unwrap_err();
        assert_eq!((refused.status, refused.verdict), (Some(status), Verdict::Halt(cause)), "{token}");
    }
}

#[tokio::test]
async fn a_hitch_is_no_verdict_and_retry_after_is_heard() {
    let server = server(World::built_in(1, 0.0)).await;
    let (vendor, firm) = (vendor(&server), wanted(small_firm(0)));
    for fault in [Fault::CutAfterChange, Fault::bad_gateway(), Fault::too_many_requests("17")] {
        server.world().lock().faults_mut().fail_next(1, fault);
    }
    let mut met = Vec::new();
    for _ in 0..3 {
        let Verdict::Again(again) = vendor.ask(&firm).await.unwrap_err().verdict else { panic!("a verdict") };
        met.push((again.why, again.not_before.map(|wait| wait.as_secs())));
    }
    let unreachable = (NoVerdict::Unreachable, None);
    assert_eq!(met, [unreachable, unreachable, (NoVerdict::Throttled, Some(17))]);
    // The first was carried out though its answer was lost: it is not made twice.
    assert!(!asked(&vendor, &firm).await.1);
}

/// The contract's table, row by row.
#[test]
fn every_code_of_the_contract_has_its_verdict() {
    let unclear =
        Verdict::Again(Again { not_before: None, why: NoVerdict::Unclear, at_last: AtLast::FailClient });
    let now = "2026-11-28T12:00:00Z".parse().unwrap();
    for (call, status, code, verdict) in [
        (Call::Ask, 400, "AUTH-00004", Verdict::Done),
        (Call::Ask, 400, "AUTH-00000", unclear),
        (Call::Ask, 400, "AUTH-00006", Verdict::Final),
        (Call::Ask, 400, "AUTH-00007", Verdict::Final),
        (Call::Ask, 400, "AUTH-00008", Verdict::Final),
        (Call::Ask, 400, "AUTH-00009", Verdict::Final),
        (Call::Ask, 400, "AUTH-00021", Verdict::Final),
        (Call::Ask, 400, "AUTH-00026", Verdict::Final),
        (Call::Ask, 400, "AUTH-00058", Verdict::Final),
        (Call::Ask, 400, "AUTH-00063", Verdict::Final),
        (Call::Ask, 400, "AUTH-00065", Verdict::Final),
        (Call::Withdraw, 404, "AUTH-00010", Verdict::Done),
        (Call::Request, 404, "AUTH-00010", Verdict::Done),
        (Call::Request, 404, "AUTH-00030", Verdict::Done),
        (Call::Ask, 404, "AUTH-00011", Verdict::Final),
        (Call::Ask, 404, "AUTH-00012", unclear),
        (Call::Ask, 401, "AUTH-00023", Verdict::Halt(HaltCause::NoVendor)),
    ] {
        let body = format!(r#"{{"status":{status},"code":"{code}","detail":"x"}}"#);
        let judged = judge(call, &RawAnswer::new(status, body.as_bytes()), now);
        assert_eq!((judged.verdict, judged.code.as_deref()), (verdict, Some(code)), "{call:?} {code}");
    }
    let known: Vec<_> = known_errors().into_iter().map(|known| known.code).collect();
    assert_eq!(known.len(), 16, "{known:?}");
    let bare = |status| judge(Call::Ask, &RawAnswer::new(status, b""), now).verdict;
    assert_eq!(bare(401), Verdict::Halt(HaltCause::SignedOut));
    assert_eq!(bare(403), Verdict::Halt(HaltCause::RequestScopes));
}

#[tokio::test]
async fn an_answer_about_another_firm_is_believed_of_nobody() {
    use common::raw_server::Server as Raw;
    let other = small_firm(3);
    let body = format!(
        r#"{{"id":"{}","partyOrgNo":"{other}","status":"Accepted"}}"#,
        AgentId(uuid::Uuid::from_u128(7))
    );
    let raw = Raw::answering("200 OK", body).await;
    let tokens = TokenSource::fixed(&"secret-token-of-the-test".into(), Wording::heard("the test")).unwrap();
    let vendor = Requests::new(&raw.origin, Duration::from_secs(5), tokens, NEW_SYSTEM).unwrap();
    let refused = vendor.ask(&wanted(small_firm(0))).await.unwrap_err();
    assert!(
        matches!(refused.verdict, Verdict::Again(again) if again.why == NoVerdict::Unclear),
        "{refused:?}"
    );
    assert!(!format!("{refused:?}").contains("0000-0000"), "no id in what is kept");
}
