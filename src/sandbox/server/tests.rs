//! The world over real HTTP.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use super::*;
use crate::{
    model::ClientId,
    sandbox::{BASE_PATH, Fault, ONBOARDING_AGENT as AGENT},
};

fn http() -> Client {
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
async fn a_browser_is_sent_back_to_registered_addresses_only_and_unknown_tokens_are_not_exchanged() {
    let server = start(World::with_clients(1, 1), None).await;
    let http = http();
    for (redirect, status) in [
        ("http://localhost:5151/callback", 200),
        ("https://firm.example/signed-in", 200),
        ("https://firm.example/elsewhere", 400),
        ("https://evil.example/", 400),
    ] {
        let mut page = Url::parse(&format!("{}/authorize", server.issuer())).unwrap();
        page.query_pairs_mut()
            .append_pair("client_id", "sandbox-client")
            .append_pair("redirect_uri", redirect);
        assert_eq!(http.get(page).send().await.unwrap().status(), status, "{redirect}");
    }
    let exchange = server.origin().join("/authentication/api/v1/exchange/google").unwrap();
    let response = http.get(exchange).bearer_auth("x").send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(String::from_utf8_lossy(&response.bytes().await.unwrap()).contains("google"));
}

/// A grant for the sandbox's Maskinporten, signed with its client's key.
fn signed_grant(claims: &Value) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use rsa::{BigUint, RsaPrivateKey, pkcs1::EncodeRsaPrivateKey};
    let jwk: Value = serde_json::from_str(crate::sandbox::CLIENT_KEY).unwrap();
    let number =
        |name: &str| BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap());
    let primes = vec![number("p"), number("q")];
    let key = RsaPrivateKey::from_components(number("n"), number("e"), number("d"), primes).unwrap();
    let key = key.to_pkcs1_der().unwrap();
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
    header.kid = jwk["kid"].as_str().map(str::to_owned);
    crate::signatures::encode(&header, claims, &jsonwebtoken::EncodingKey::from_rsa_der(key.as_bytes()))
        .unwrap()
}

#[tokio::test]
async fn a_grant_that_names_no_system_user_gives_a_token_that_opens_nothing() {
    let server = start(World::with_clients(2, 1), None).await;
    let http = http();
    let (endpoint, audience) = server.token_endpoint();
    let party = server.world().lock().party(crate::sandbox::facilitator());
    let firm = format!("0192:{}", crate::sandbox::facilitator());
    for (names_one, status) in [(false, 403), (true, 200)] {
        let now = crate::clock::now().as_second();
        let mut claims = serde_json::json!({
            "aud": audience, "iss": "sandbox-client", "iat": now, "exp": now + 60, "jti": format!("{names_one}"),
            "scope": "altinn:clientdelegations.read altinn:clientdelegations.write",
        });
        if names_one {
            let org = serde_json::json!({ "authority": "iso6523-actorid-upis", "ID": firm });
            claims["authorization_details"] =
                serde_json::json!([{ "type": "urn:altinn:systemuser", "systemuser_org": org }]);
        }
        let grant = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=";
        let body = format!("{grant}{}", signed_grant(&claims));
        let given = json(http.post(endpoint.clone()).body(body).send().await.unwrap()).await;
        let bare = given["access_token"].as_str().unwrap_or_else(|| panic!("{given}")).to_owned();
        let exchange = server.origin().join("/authentication/api/v1/exchange/maskinporten").unwrap();
        let token = http.get(exchange).bearer_auth(bare).send().await.unwrap().text().await.unwrap();
        let second = format!("{}/clients?party={party}", crate::sandbox::ADMINISTRATION_PATH);
        for address in [
            url(&server, &format!("/clients/available?agent={AGENT}")),
            server.origin().join(&second).unwrap(),
        ] {
            let response = http.get(address).bearer_auth(&token).send().await.unwrap();
            assert_eq!(response.status(), status);
        }
        let delegated = http.get(url(&server, &format!("/clients?agent={AGENT}"))).bearer_auth(&token).send();
        assert_eq!(delegated.await.unwrap().status(), if names_one { 400 } else { 403 });
    }
}

#[tokio::test]
async fn a_vendor_asks_for_a_system_user_with_maskinportens_own_token() {
    let server = start(World::built_in(1, 0.0), None).await;
    let http = http();
    let (endpoint, audience) = server.token_endpoint();
    let now = crate::clock::now().as_second();
    let claims = serde_json::json!({
        "aud": audience, "iss": "sandbox-client", "iat": now, "exp": now + 60, "jti": "vendor",
        "scope": "altinn:authentication/systemuser.request.write",
    });
    let grant = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=";
    let body = format!("{grant}{}", signed_grant(&claims));
    let given = json(http.post(endpoint).body(body).send().await.unwrap()).await;
    let token = given["access_token"].as_str().unwrap_or_else(|| panic!("{given}"));
    let requests = server.origin().join("/authentication/api/v1/systemuser/request/vendor/agent").unwrap();
    let wanted = serde_json::json!({
        "systemId": "sandkasse_lonn", "partyOrgNo": crate::sandbox::facilitator().to_string(),
        "accessPackages": [{ "urn": crate::sandbox::PAYROLL_PACKAGE }], "externalRef": "second",
    });
    let ask = || http.post(requests.clone()).bearer_auth(token).body(wanted.to_string()).send();
    let made = ask().await.unwrap();
    assert_eq!(made.status(), 201);
    assert!(made.headers().contains_key("location"));
    let page = json(made).await["confirmUrl"].as_str().unwrap().to_owned();
    assert_eq!(http.get(format!("{page}&answer=Accepted")).send().await.unwrap().status(), 200);
    assert_eq!(json(ask().await.unwrap()).await["code"], "AUTH-00004");
    // To write is not to read, and a token of Altinn's own is no vendor's.
    let by_system = format!("{requests}/bysystem/sandkasse_lonn");
    assert_eq!(http.get(&by_system).bearer_auth(token).send().await.unwrap().status(), 403);
    assert_eq!(http.get(&by_system).bearer_auth("sandbox").send().await.unwrap().status(), 401);
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
async fn the_first_api_goes_through_the_firms_clients_for_every_post_and_the_second_does_not() {
    let per_client = Duration::from_micros(500);
    let took = async |clients: usize, through_the_second: bool| {
        let options =
            Options { latency: Duration::ZERO, latency_per_client: per_client, ..Options::default() };
        let server = Server::start(World::with_clients(clients, 1), options).await.unwrap();
        let client = server.world().lock().clients()[0].id;
        let begin = Instant::now();
        let response = if through_the_second {
            let party = server.world().lock().party(crate::sandbox::facilitator());
            let path = format!("{}/agents/accesspackages", crate::sandbox::ADMINISTRATION_PATH);
            let query = format!("?party={party}&from={client}&to={AGENT}");
            let role = "urn:altinn:external-role:ccr:regnskapsforer";
            let package = crate::sandbox::PAYROLL_PACKAGE;
            let body = serde_json::json!({ "values": [{ "role": role, "packages": [package] }] }).to_string();
            let url = server.origin().join(&format!("{path}{query}")).unwrap();
            http().post(url).bearer_auth("sandbox").body(body).send().await.unwrap()
        } else {
            post(&http(), &server, client).await.unwrap()
        };
        assert_eq!(response.status(), 200);
        begin.elapsed()
    };
    assert!(took(1_000, false).await >= per_client * 1_000);
    assert!(took(10, false).await >= per_client * 10);
    assert!(took(1_000, true).await < per_client * 1_000);
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
