//! Lists over real HTTP on the loopback: of any size, page after page, and never believed when they are not whole.

#![allow(clippy::unwrap_used, reason = "a test whose own set-up fails has nothing better to do")]

mod common {
    pub(crate) mod raw_server;
}

use std::time::Duration;

use common::raw_server::*;
use fullmakt::{
    engine::Api,
    model::{AgentKind, AtLast, ClientList, HaltCause, NoVerdict, OrganisationNumber, Verdict},
};
use tokio::sync::mpsc;

#[tokio::test]
async fn agents_are_read_with_nulls_and_missing_members() {
    let body = format!(
        r#"[{{"id":"{AGENT}","integrationTitle":"Lønn","systemId":"1_x","userType":"agent","isDeleted":false,
            "accessPackages":[{{"urn":"urn:altinn:accesspackage:x"}},{{}}],"externalRef":"ref","created":"2025-01-01T00:00:00Z"}},
           {{"id":"{CLIENT}","userType":"standard","accessPackages":null,"isDeleted":null}}]"#
    );
    let server = Server::answering("200 OK", body).await;
    let facilitator = OrganisationNumber::parse("314250052").unwrap();
    let agents = server.client().agents(facilitator).await.unwrap();
    assert_eq!(agents.len(), 2);
    assert_eq!((agents[0].title.as_str(), agents[0].kind), ("Lønn", AgentKind::Agent));
    assert_eq!(agents[0].packages, ["urn:altinn:accesspackage:x"]);
    assert_eq!(agents[1].kind, AgentKind::Standard);
    assert!(server.requests()[0].contains("/agents?party=314250052 "));
}

#[tokio::test]
async fn agents_that_cannot_be_read_are_no_verdict() {
    for body in ["", "<html>", "{}", "[{}]", "[{\"id\":"] {
        let server = Server::answering("200 OK", body).await;
        let facilitator = OrganisationNumber::parse("314250052").unwrap();
        let answer = server.client().agents(facilitator).await.unwrap_err();
        assert_eq!(answer.verdict, list_unclear(), "{body}");
    }
}

#[tokio::test]
async fn a_list_is_followed_from_page_to_page_by_relative_and_absolute_links() {
    let server = Server::start(|number, request| {
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let body = match number {
            0 => page("\"?agent=x&page=2\"", 0..3),
            1 => page(&format!("\"http://{host}/authentication/elsewhere?page=3\""), 3..5),
            _ => page("null", 5..6),
        };
        answer("200 OK", &body)
    })
    .await;
    let (clients, information) = server.list().await.unwrap();
    let ids: Vec<String> = clients.iter().map(|client| client.id.to_string()).collect();
    assert_eq!(ids, (0..6).map(uuid).collect::<Vec<_>>());
    assert_eq!(information.owner, OrganisationNumber::parse("314250052").ok());
    let requests = server.requests();
    assert!(
        requests[0]
            .starts_with(&format!("GET /authentication/api/v1/enduser/systemuser/clients?agent={AGENT} "))
    );
    assert!(requests[1].starts_with("GET /authentication/api/v1/enduser/systemuser/clients?agent=x&page=2 "));
    assert!(requests[2].starts_with("GET /authentication/elsewhere?page=3 "));
}

#[tokio::test]
async fn a_list_with_little_in_it_is_read() {
    for body in [
        r#"{"data":[]}"#.to_owned(),
        r#"{"links":{},"systemUserInformation":null,"data":[],"new":{"a":[1]}}"#.to_owned(),
        r#"{"links":null,"data":[],"systemUserInformation":{}}"#.to_owned(),
        page("\"\"", []),
    ] {
        let server = Server::answering("200 OK", body.clone()).await;
        let (clients, _) = server.list().await.unwrap();
        assert!(clients.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn a_next_link_that_leaves_the_platform_halts_and_gets_no_token() {
    let stranger = Server::answering("200 OK", page("null", [])).await;
    let foreign = [
        format!("\"{}clients\"", stranger.origin),
        "\"//elsewhere.example/clients\"".to_owned(),
        "\"file:///etc/passwd\"".to_owned(),
    ];
    for next in foreign {
        let server = Server::answering("200 OK", page(&next, 0..1)).await;
        let answer = server.list().await.unwrap_err();
        assert_eq!(answer.verdict, Verdict::Halt(HaltCause::Unexpected), "{next}");
        assert!(answer.message.said().contains("not the platform"), "{}", answer.message);
        assert_eq!(server.requests().len(), 1);
    }
    let server = Server::start(|_, request| {
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        answer("200 OK", &page(&format!("\"http://name:word@{host}/x\""), 0..1))
    })
    .await;
    let answer = server.list().await.unwrap_err();
    assert_eq!(answer.verdict, Verdict::Halt(HaltCause::Unexpected));
    assert!(!answer.message.said().contains("word"));
    assert!(stranger.requests().is_empty());
}

#[tokio::test]
async fn a_list_that_is_not_what_was_promised_is_no_verdict() {
    let other_agent = page("null", []).replace(AGENT, CLIENT);
    for (body, words) in [
        (String::new(), "an empty body"),
        ("<html>Sign in</html>".to_owned(), "an HTML page"),
        ("sign in".to_owned(), "cannot be trusted"),
        (page("null", 0..3)[..150].to_owned(), "breaks off"),
        ("{}".to_owned(), "data"),
        (r#"{"data":null}"#.to_owned(), "cannot be trusted"),
        ("[]".to_owned(), "cannot be trusted"),
        (r#"{"data":[],"data":[]}"#.to_owned(), "cannot be trusted"),
        (r#"{"data":[]} more"#.to_owned(), "cannot be trusted"),
        (r#"{"data":[{"clientOrganizationNumber":"310609544"}]}"#.to_owned(), "clientId"),
        (r#"{"data":[{"clientId":"no"}]}"#.to_owned(), "cannot be trusted"),
        (r#"{"data":[],"links":{"next":7}}"#.to_owned(), "cannot be trusted"),
        (other_agent, "another agent"),
    ] {
        let server = Server::answering("200 OK", body.clone()).await;
        let answer = server.list().await.unwrap_err();
        assert_eq!(answer.verdict, list_unclear(), "{body}");
        assert_eq!(answer.status, Some(200));
        assert!(answer.message.said().contains(words), "{body}: {}", answer.message);
    }
}

#[tokio::test]
async fn a_list_whose_connection_breaks_is_no_verdict_even_at_a_place_where_it_could_end() {
    for body in [page("null", 0..3), page("null", 0..3)[..150].to_owned()] {
        let server = Server::start(move |_, _| {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
            vec![Write::Bytes(format!("{head}{body}"))]
        })
        .await;
        let answer = server.list().await.unwrap_err();
        assert_eq!(answer.verdict, list_unreachable());
        assert!(answer.message.said().ends_with("in the middle of the list"), "{}", answer.message);
    }
}

#[tokio::test]
async fn a_list_may_take_longer_than_the_time_out_while_it_flows() {
    let server = Server::start(|_, _| {
        let body = page("null", 0..8);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut writes = vec![Write::Bytes(head)];
        let middle = body.char_indices().nth(body.chars().count() / 2).unwrap().0;
        for piece in [&body[..20], &body[20..middle], &body[middle..]] {
            writes.push(Write::Bytes(piece.to_owned()));
            writes.push(Write::Pause(TIMEOUT * 2 / 5));
        }
        writes
    })
    .await;
    assert_eq!(server.list().await.unwrap().0.len(), 8);

    let server = Server::start(|_, _| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"data\":[".to_owned();
        vec![Write::Bytes(head), Write::Pause(Duration::from_secs(5))]
    })
    .await;
    let answer = server.list().await.unwrap_err();
    assert_eq!(answer.verdict, list_unreachable());
    assert_eq!(answer.message, "no answer within 500 ms, in the middle of the list");
}

#[tokio::test]
async fn twenty_thousand_clients_are_streamed_in_groups() {
    let server = Server::answering("200 OK", page("null", 0..20_000)).await;
    let (groups, mut taken) = mpsc::channel(1);
    let client = server.client();
    let reading =
        tokio::spawn(async move { client.clients(ClientList::Available, agent(), None, groups).await });
    let mut count = 0;
    while let Some(group) = taken.recv().await {
        assert!(group.len() <= 512);
        assert_eq!(group[0].id.to_string(), uuid(count));
        assert!(group[0].number.is_some());
        count += u32::try_from(group.len()).unwrap();
    }
    reading.await.unwrap().unwrap();
    assert_eq!(count, 20_000);
    assert!(server.requests()[0].contains("/clients/available?agent="));
}

#[tokio::test]
async fn a_list_that_nobody_takes_ends() {
    let server = Server::answering("200 OK", page("null", 0..2000)).await;
    let (groups, taken) = mpsc::channel(1);
    drop(taken);
    let client = server.client();
    let answer = client.clients(ClientList::Available, agent(), None, groups).await.unwrap_err();
    assert!(answer.message.said().contains("nobody took it"), "{}", answer.message);
}

#[tokio::test]
async fn a_refused_list_gets_its_tries_and_says_why() {
    let body = r#"{"title":"Not allowed","code":"AUTH-00038","traceId":"00-a-01"}"#;
    let answer = Server::answering("400 Bad Request", body).await.list().await.unwrap_err();
    assert_eq!(answer.verdict, again(NoVerdict::Unclear, AtLast::Halt(HaltCause::CannotReadClients)));
    assert_eq!(answer.trace_id.as_deref(), Some("00-a-01"));
}
