//! The world over real HTTP.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use super::*;
use crate::{
    model::ClientId,
    sandbox::{BASE_PATH, Fault, ONBOARDING_AGENT as AGENT},
};

/// A client for plain HTTP; reqwest wants to know about encryption all the same.
fn http() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().timeout(Duration::from_secs(5)).build().unwrap()
}

async fn start(world: World, store: Option<Store>) -> Server {
    let options = Options { latency: Duration::ZERO, store, ..Options::default() };
    Server::start(world, options).await.unwrap()
}

fn url(server: &Server, path_and_query: &str) -> Url {
    server.origin().join(&format!("{BASE_PATH}{path_and_query}")).unwrap()
}

fn clients_url(server: &Server, client: ClientId) -> Url {
    url(server, &format!("/clients?agent={AGENT}&client={client}"))
}

async fn post(http: &Client, server: &Server, client: ClientId) -> reqwest::Result<reqwest::Response> {
    http.post(clients_url(server, client)).bearer_auth("sandbox").send().await
}

async fn json(response: reqwest::Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_client_is_delegated_listed_and_removed_over_http() {
    let server = start(World::with_clients(3, 1), None).await;
    let http = http();
    let client = server.world().lock().clients()[0].id;
    let response = post(&http, &server, client).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(json(response).await["client"], client.to_string());
    let list = || http.get(url(&server, &format!("/clients/?agent={AGENT}"))).bearer_auth("sandbox");
    let listed = json(list().send().await.unwrap()).await;
    assert_eq!(listed["data"][0]["clientId"], client.to_string());
    let removed = http.delete(clients_url(&server, client)).bearer_auth("sandbox").send();
    assert_eq!(removed.await.unwrap().status(), 200);
    assert_eq!(json(list().send().await.unwrap()).await["data"].as_array().unwrap().len(), 0);
    let methods: Vec<_> = server.requests().iter().map(|seen| seen.method).collect();
    assert_eq!(methods, [Method::Post, Method::Get, Method::Delete, Method::Get]);
    server.shutdown().await;
}

#[tokio::test]
async fn without_a_token_the_answer_is_an_empty_401() {
    let server = start(World::with_clients(1, 1), None).await;
    let response = http().get(url(&server, "/clients")).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert!(response.headers().get("www-authenticate").is_none());
    assert_eq!(response.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn the_next_page_is_on_the_servers_own_origin() {
    let mut world = World::with_clients(5, 1);
    world.lists_mut().page_size = Some(3);
    let server = start(world, None).await;
    let http = http();
    let first = url(&server, &format!("/clients/available?agent={AGENT}"));
    let page = json(http.get(first).bearer_auth("sandbox").send().await.unwrap()).await;
    let next = Url::parse(page["links"]["next"].as_str().unwrap()).unwrap();
    assert_eq!(next.origin(), server.origin().origin());
    let rest = json(http.get(next).bearer_auth("sandbox").send().await.unwrap()).await;
    assert_eq!(rest["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer_and_the_change_is_made() {
    let server = start(World::with_clients(3, 1), None).await;
    let http = http();
    let client = server.world().lock().clients()[0].id;
    server.world().lock().faults_mut().fail_next(1, Fault::CutAfterChange);
    let error = post(&http, &server, client).await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    assert_eq!(server.world().lock().delegated(AGENT).len(), 1);
    assert_eq!(server.requests().len(), 1);
    assert_eq!(post(&http, &server, client).await.unwrap().status(), 200);
}

#[tokio::test]
async fn retry_after_and_gateway_pages_reach_the_caller() {
    let server = start(World::with_clients(3, 1), None).await;
    let http = http();
    let client = server.world().lock().clients()[0].id;
    server.world().lock().faults_mut().fail_next(1, Fault::too_many_requests("1"));
    server.world().lock().faults_mut().fail_next(1, Fault::bad_gateway());
    let throttled = post(&http, &server, client).await.unwrap();
    assert_eq!(throttled.status(), 429);
    assert_eq!(throttled.headers()["retry-after"], "1");
    let gateway = post(&http, &server, client).await.unwrap();
    assert_eq!(gateway.status(), 502);
    assert_eq!(gateway.headers()["content-type"], "text/html");
}

#[tokio::test]
async fn a_post_goes_on_after_the_caller_has_hung_up() {
    let options = Options { latency: Duration::from_millis(60), ..Options::default() };
    let server = Server::start(World::with_clients(3, 1), options).await.unwrap();
    let client = server.world().lock().clients()[0].id;
    let impatient = http().post(clients_url(&server, client)).bearer_auth("sandbox");
    let error = impatient.timeout(Duration::from_millis(20)).send().await.unwrap_err();
    assert!(error.is_timeout());
    let delegated = || server.world().lock().delegated(AGENT).len();
    for _ in 0..100 {
        if delegated() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(delegated(), 1);
}

#[tokio::test]
async fn a_world_with_a_store_is_as_it_was_when_it_is_served_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = || Some(Store::open(folder.path()).unwrap());
    let http = http();
    let server = start(World::with_clients(3, 1), store()).await;
    let client = server.world().lock().clients()[0].id;
    assert_eq!(post(&http, &server, client).await.unwrap().status(), 200);
    // No shutdown: whatever was answered is on disk already.
    let again = start(World::with_clients(3, 1), store()).await;
    assert_eq!(again.world().lock().relations(AGENT, client), 1);
    let other = again.world().lock().clients()[1].id;
    assert_eq!(post(&http, &again, other).await.unwrap().status(), 200);
    let list = http.get(url(&server, &format!("/clients?agent={AGENT}"))).bearer_auth("sandbox");
    let listed = json(list.send().await.unwrap()).await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_connections_at_once_are_all_answered() {
    let world = World::with_clients(640, 1);
    let clients: Vec<_> = world.clients().iter().map(|client| client.id).collect();
    let server = Arc::new(start(world, None).await);
    let http = http();
    assert_eq!(post(&http, &server, clients[0]).await.unwrap().status(), 200);
    let tasks: Vec<_> = clients
        .chunks(10)
        .map(|chunk| {
            let (http, server, chunk) = (http.clone(), Arc::clone(&server), chunk.to_vec());
            tokio::spawn(async move {
                for client in chunk {
                    assert_eq!(post(&http, &server, client).await.unwrap().status(), 200);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(server.world().lock().delegated(AGENT).len(), 640);
}
