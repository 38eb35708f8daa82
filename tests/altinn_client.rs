//! Delegations and removals over real HTTP on the loopback: what is sent, and what comes of every answer.

#![allow(clippy::unwrap_used, reason = "a test whose own set-up fails has nothing better to do")]

mod common {
    pub(crate) mod raw_server;
}

use base64::Engine;
use std::time::Duration;

use common::raw_server::*;
use fullmakt::{
    altinn::{Client, ClientError, TokenSource},
    engine::Api,
    model::{AtLast, HaltCause, NoVerdict, Operation, Verdict},
};
use tokio::net::TcpListener;
use url::Url;

#[tokio::test]
async fn a_delegation_is_one_post_without_a_body_that_says_who_sends_it() {
    let server = Server::answering("200 OK", promised()).await;
    let answer = server.delegate().await;
    assert_eq!((answer.verdict, answer.status), (Verdict::Done, Some(200)));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let request = requests[0].to_ascii_lowercase();
    let path = "/authentication/api/v1/enduser/systemuser/clients";
    assert!(request.starts_with(&format!("post {path}?agent={AGENT}&client={CLIENT} http/1.1\r\n")));
    assert!(request.contains(&format!("authorization: bearer {TOKEN}\r\n")));
    assert!(request.contains(&format!("user-agent: fullmakt/{}\r\n", env!("CARGO_PKG_VERSION"))));
    assert!(request.contains("content-length: 0\r\n"));
}

#[tokio::test]
async fn a_removal_is_one_delete() {
    let server = Server::answering("200 OK", promised()).await;
    let answer = server.client().send(&change(Operation::Remove)).await;
    assert_eq!(answer.verdict, Verdict::Done);
    assert!(server.requests()[0].starts_with("DELETE /authentication/"));
}

#[tokio::test]
async fn an_answer_that_is_not_the_promised_one_is_no_verdict() {
    let cut = Server::start(|_, _| {
        vec![Write::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}", promised()))]
    })
    .await;
    let unclear = again(NoVerdict::Unclear, AtLast::FailClient);
    assert_eq!(cut.delegate().await.verdict, unclear);
    for body in ["", "<html>", "{}", "{\"agent\":"] {
        let server = Server::answering("200 OK", body).await;
        assert_eq!(server.delegate().await.verdict, unclear, "{body}");
    }
    let answer = Server::answering("502 Bad Gateway", "<html>").await.delegate().await;
    assert_eq!(answer.verdict, client_unreachable());
    assert_eq!(answer.message, "Altinn's gateway answered 502 with an HTML page");
}

#[tokio::test]
async fn an_endless_error_page_is_not_read_to_its_end() {
    let server = Server::answering("400 Bad Request", "x".repeat(10_000_000)).await;
    let answer = server.delegate().await;
    assert_eq!(answer.status, Some(400));
    assert_eq!(answer.verdict, again(NoVerdict::Unclear, AtLast::FailClient));
    assert!(answer.message.said().len() < 1000);
}

#[tokio::test]
async fn retry_after_is_read_in_both_forms() {
    let not_before = async |head| {
        let answer = Server::answering(head, "").await.delegate().await;
        let Verdict::Again(again) = answer.verdict else { panic!("{head} is no verdict") };
        again.not_before
    };
    let seconds = not_before("429 Too Many Requests\r\nRetry-After: 17").await;
    assert_eq!(seconds, Some(Duration::from_secs(17)));
    let past = not_before("503 Busy\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT").await;
    assert_eq!(past, Some(Duration::ZERO));
    let future = not_before("503 Busy\r\nRetry-After: Wed, 21 Oct 2122 07:28:00 GMT").await;
    assert!(future > Some(Duration::from_hours(24)));
    assert_eq!(not_before("503 Busy\r\nRetry-After: soon").await, None);
}

#[tokio::test]
async fn a_trace_id_comes_from_the_headers_when_the_body_has_none() {
    let answer = Server::answering("500 Oh\r\ntraceparent: 00-abc-def-01", "").await.delegate().await;
    assert_eq!(answer.trace_id.as_deref(), Some("00-abc-def-01"));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_after_the_time_out() {
    let server = Server::start(|_, _| vec![Write::Pause(Duration::from_secs(5))]).await;
    let answer = server.delegate().await;
    assert_eq!((answer.verdict, answer.status), (client_unreachable(), None));
    assert_eq!(answer.message, "no answer within 500 ms");
    assert!(answer.took >= TIMEOUT && answer.took < 10 * TIMEOUT);

    let server = Server::start(|_, _| {
        let head = "HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\n{".to_owned();
        vec![Write::Bytes(head), Write::Pause(Duration::from_secs(5))]
    })
    .await;
    let answer = server.delegate().await;
    assert_eq!(answer.message, "no answer within 500 ms");
}

#[tokio::test]
async fn a_refused_connection_is_no_verdict() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let answer = client(&origin).send(&change(Operation::Delegate)).await;
    assert_eq!(answer.verdict, client_unreachable());
    assert_eq!(answer.message, "connection refused");
    assert_eq!(list(&client(&origin)).await.unwrap_err().verdict, list_unreachable());
}

#[tokio::test]
async fn a_connection_that_is_reset_or_closed_is_no_verdict() {
    let answer = Server::start(|_, _| vec![Write::Reset]).await.delegate().await;
    assert_eq!(answer.verdict, client_unreachable());
    assert_eq!(answer.message, "connection reset");
    let answer = Server::start(|_, _| vec![]).await.delegate().await;
    assert_eq!(answer.verdict, client_unreachable());
    assert!(answer.message.said().contains("closed before"), "{}", answer.message);
}

#[tokio::test]
async fn what_is_no_http_at_all_is_no_verdict() {
    let server = Server::start(|_, _| vec![Write::Bytes("SSH-2.0-x\r\n".to_owned())]).await;
    let answer = server.delegate().await;
    assert_eq!(answer.verdict, client_unreachable());
    assert!(!answer.message.said().contains("http://"), "{}", answer.message);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_takes_no_token_along() {
    let stranger = Server::answering("200 OK", promised()).await;
    let location = stranger.origin.clone();
    let server =
        Server::start(move |_, _| answer(&format!("307 Temporary Redirect\r\nLocation: {location}"), ""))
            .await;
    assert_eq!(server.delegate().await.verdict, client_unreachable());
    assert_eq!(server.list().await.unwrap_err().verdict, list_unreachable());
    assert!(stranger.requests().is_empty());
}

#[tokio::test]
async fn a_401_with_a_fixed_token_halts() {
    let answer = Server::answering("401 Unauthorized", "").await.delegate().await;
    assert_eq!(answer.verdict, Verdict::Halt(HaltCause::SignedOut));
    assert!(!answer.hint.is_empty());
}

fn write_private(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[tokio::test]
async fn a_401_with_a_token_file_that_has_changed_goes_again_with_the_new_token() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    write_private(&path, "old");
    let server = Server::start(|_, request| {
        if request.contains("Bearer new\r\n") {
            answer("200 OK", &promised())
        } else {
            answer("401 Unauthorized", "")
        }
    })
    .await;
    let tokens = TokenSource::from_file(&path).await.unwrap();
    let client = Client::new(&server.origin, TIMEOUT, tokens, 4).unwrap();
    let delegation = change(Operation::Delegate);
    let send = || client.send(&delegation);
    assert_eq!(send().await.verdict, Verdict::Halt(HaltCause::SignedOut));

    write_private(&path, "Bearer new\n");
    let renewed = again(NoVerdict::TokenRenewed, AtLast::Halt(HaltCause::SignedOut));
    let (one, other) = tokio::join!(send(), send());
    assert_eq!([one.verdict, other.verdict], [renewed; 2]);
    assert_eq!(send().await.verdict, Verdict::Done);
}

#[tokio::test]
async fn a_renewed_token_that_is_refused_too_halts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    write_private(&path, "one");
    let server = Server::answering("401 Unauthorized", "").await;
    let tokens = TokenSource::from_file(&path).await.unwrap();
    let client = Client::new(&server.origin, TIMEOUT, tokens, 4).unwrap();
    write_private(&path, "two");
    let answer = list(&client).await.unwrap_err();
    let renewed = again(NoVerdict::TokenRenewed, AtLast::Halt(HaltCause::SignedOut));
    assert_eq!(answer.verdict, renewed);
    write_private(&path, "three");
    let answer = list(&client).await.unwrap_err();
    assert_eq!(answer.verdict, Verdict::Halt(HaltCause::SignedOut));
}

#[tokio::test]
async fn a_token_file_that_is_gone_is_said_when_the_token_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    write_private(&path, "one");
    let server = Server::answering("401 Unauthorized", "").await;
    let tokens = TokenSource::from_file(&path).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let client = Client::new(&server.origin, TIMEOUT, tokens, 4).unwrap();
    let answer = client.send(&change(Operation::Delegate)).await;
    assert_eq!(answer.verdict, Verdict::Halt(HaltCause::SignedOut));
    assert!(answer.message.said().contains("cannot be read"), "{}", answer.message);
}

#[tokio::test]
async fn the_token_is_never_in_what_is_shown_even_when_a_server_shows_it() {
    for (head, body) in [
        ("400 Bad Request", format!("you sent Authorization: Bearer {TOKEN}")),
        ("400 Bad Request", format!(r#"{{"detail":"{TOKEN}{TOKEN}","code":"{TOKEN}","traceId":"{TOKEN}"}}"#)),
        ("502 Bad Gateway", format!("{}{TOKEN}", "x".repeat(290))),
        ("200 OK", format!("Bearer {TOKEN}")),
    ] {
        let server = Server::answering(head, body.clone()).await;
        let answer = server.delegate().await;
        assert!(!format!("{answer:?}").contains("secret-"), "{answer:?}");
        let answer = server.list().await.unwrap_err();
        assert!(!format!("{answer:?}").contains("secret-"), "{answer:?}");
        let client = server.client();
        assert!(!format!("{client:?}").contains("secret-"), "{client:?}");
    }
}

#[tokio::test]
async fn the_token_is_taken_out_of_what_was_decoded_in_any_spelling() {
    let escaped = |escape: fn(u8) -> String| TOKEN.bytes().map(escape).collect::<Vec<_>>().concat();
    for spelling in [
        escaped(|byte| format!("\\u{byte:04x}")),
        escaped(|byte| format!("%{byte:02x}")),
        base64::engine::general_purpose::STANDARD.encode(format!("Bearer {TOKEN}")),
        TOKEN[..16].to_owned(),
        TOKEN[TOKEN.len() - 16..].to_owned(),
    ] {
        let body = format!(r#"{{"detail":"no {spelling}","code":"{spelling}","traceId":"{spelling}"}}"#);
        let answer = Server::answering("400 Bad Request", body).await.delegate().await;
        let trace_id = answer.trace_id.unwrap();
        assert!(
            answer.message.said().starts_with("no ") && answer.message.said().contains("(token)"),
            "{}",
            answer.message
        );
        assert!(trace_id.contains("(token)"), "{trace_id}");
    }
}

#[test]
fn a_token_is_sent_to_no_origin_that_does_not_protect_it() {
    for origin in ["http://platform.altinn.no", "ftp://127.0.0.1", "http://192.168.1.1"] {
        let refused = Client::new(&Url::parse(origin).unwrap(), TIMEOUT, fixed_token(), 4);
        assert!(matches!(refused, Err(ClientError::Origin(_))), "{origin}");
    }
    for origin in ["https://platform.altinn.no", "http://localhost:1", "http://[::1]:1"] {
        assert!(Client::new(&Url::parse(origin).unwrap(), TIMEOUT, fixed_token(), 4).is_ok(), "{origin}");
    }
}
