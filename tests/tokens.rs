//! Getting tokens and keeping them good, against the sandbox's Maskinporten, ID-porten and token exchange.

#![allow(clippy::unwrap_used, missing_docs)]

use fullmakt::words::Wording;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use fullmakt::{
    altinn::{
        Client, SignIn, SignInError, TokenSource,
        auth::{AuthorizationResponse, IdPorten as Porten, Limits, Passwords, SignedOut},
    },
    engine::Api,
    model::{
        Auth, ClientChange, IdPorten, Key, KeyFrom, Maskinporten, NoVerdict, Operation, TokenEndpoint,
        TokenFrom, Verdict,
    },
    sandbox::{
        CLIENT_ID, CLIENT_KEY, ONBOARDING_AGENT, Options, PUBLIC_CLIENT_ID, Person, Server, SharedSignIns,
        World, facilitator, link_for,
    },
};
use tokio::runtime::Runtime;
use url::Url;

/// A sandbox on a runtime of its own, so that a test can stop its own clock.
struct Sandbox {
    server: Server,
    runtime: Option<Runtime>,
    folder: tempfile::TempDir,
}

impl Sandbox {
    fn start() -> Self {
        // On a thread of its own: this one is a runtime's already.
        let started = std::thread::spawn(|| {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let options = Options { latency: Duration::ZERO, ..Options::default() };
            let server = runtime.block_on(Server::start(World::with_clients(64, 1), options)).unwrap();
            (server, runtime)
        });
        let (server, runtime) = started.join().unwrap();
        let sandbox = Self { server, runtime: Some(runtime), folder: tempfile::tempdir().unwrap() };
        write_private(&sandbox.key(), CLIENT_KEY);
        sandbox
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.jwk")
    }

    fn sign_ins(&self) -> SharedSignIns {
        self.server.sign_ins()
    }

    fn asked(&self, path: &str) -> u32 {
        self.sign_ins().lock().asked.get(path).copied().unwrap_or_default()
    }

    fn exchanges(&self) -> u32 {
        self.asked("/authentication/api/v1/exchange/maskinporten")
    }

    fn with(&self, auth: Auth) -> SignIn {
        SignIn {
            auth,
            origin: self.server.origin().clone(),
            environment: "test".to_owned(),
            is_production: false,
            sessions: self.folder.path().to_owned(),
            with_keyring: false,
            passwords: Passwords::default(),
            with_parties: false,
            limits: Limits { answer: Duration::from_secs(10), attempts: 1 },
        }
    }

    fn maskinporten(&self) -> Maskinporten {
        let (url, audience) = self.server.token_endpoint();
        Maskinporten {
            client_id: CLIENT_ID.to_owned(),
            key: Key { from: KeyFrom::File(self.key()), kid: None, password_env: None },
            system_user_org: facilitator(),
            external_ref: None,
            endpoint: Some(TokenEndpoint { url, audience }),
        }
    }

    async fn sign_in(&self) -> Result<TokenSource, SignInError> {
        self.with(Auth::Maskinporten(self.maskinporten())).open().await
    }

    /// What is said when Maskinporten refuses.
    async fn refusal(&self) -> String {
        let error = self.sign_in().await.unwrap_err();
        format!("{error}; {}", error.hint())
    }

    fn id_porten(&self, client_id: &str) -> SignIn {
        let key = Key { from: KeyFrom::File(self.key()), kid: None, password_env: None };
        self.with(Auth::IdPorten(IdPorten {
            client_id: client_id.to_owned(),
            redirect_uri: redirect(),
            key: (client_id == CLIENT_ID).then_some(key),
            issuer: Some(self.server.issuer()),
        }))
    }

    /// A person signs in; the browser is this function.
    async fn log_in(&self, porten: &Porten, person: Person) -> Result<(), SignInError> {
        let begun = porten.begin().await?;
        let ended = browse(&begun.address, person).await;
        porten.finish(begun, AuthorizationResponse::read(&ended, &redirect()).unwrap()).await.map(drop)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

fn redirect() -> Url {
    Url::parse("https://firm.example/signed-in").unwrap()
}

fn write_private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Where a browser ends that signs in as this person.
async fn browse(address: &Url, person: Person) -> String {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = http.get(address.clone()).send().await.unwrap().text().await.unwrap();
    let response = http.get(link_for(&page, person).unwrap()).send().await.unwrap();
    response.headers()["location"].to_str().unwrap().to_owned()
}

/// Lets time pass for this process alone.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

const GRANTS: &str = "/maskinporten/token";
const REFRESHES: &str = "/authentication/api/v1/refresh";

#[tokio::test]
async fn maskinporten_gives_a_token_for_the_firms_system_user() {
    let sandbox = Sandbox::start();
    let tokens = sandbox.sign_in().await.unwrap();
    let token = tokens.current();
    assert!(
        token.claims().who.as_ref().map(Wording::english).as_deref().unwrap().ends_with("of 314250052"),
        "{:?}",
        token.claims()
    );
    assert!(token.claims().missing_scopes().is_empty());
    let left = token.left().unwrap();
    assert!(left > Duration::from_mins(29) && left <= Duration::from_mins(30), "{left:?}");
    assert_eq!((sandbox.asked(GRANTS), sandbox.exchanges()), (1, 1));
}

#[tokio::test]
async fn a_token_that_runs_out_is_refreshed_by_altinn_itself() {
    let sandbox = Sandbox::start();
    let tokens = sandbox.sign_in().await.unwrap();
    for life in 1..=3 {
        pass(Duration::from_secs(29 * 60 + 5)).await;
        let token = tokens.ready().await.unwrap();
        assert_eq!(token.generation(), life);
    }
    assert_eq!((sandbox.asked(REFRESHES), sandbox.asked(GRANTS)), (3, 1));
}

#[tokio::test]
async fn where_altinn_does_not_refresh_the_next_best_way_is_taken_silently_and_not_asked_again() {
    let sandbox = Sandbox::start();
    sandbox.sign_ins().lock().refresh_works = false;
    let tokens = sandbox.sign_in().await.unwrap();
    for life in 1..=3 {
        pass(Duration::from_secs(29 * 60 + 5)).await;
        assert_eq!(tokens.ready().await.unwrap().generation(), life);
    }
    assert_eq!((sandbox.asked(REFRESHES), sandbox.asked(GRANTS)), (1, 4));
}

#[tokio::test]
async fn sixty_four_requests_under_way_with_a_token_that_is_refused_renew_it_once() {
    let sandbox = Sandbox::start();
    sandbox.sign_ins().lock().uses = Some(0);
    let tokens = sandbox.sign_in().await.unwrap();
    let client = Client::new(sandbox.server.origin(), Duration::from_secs(10), tokens.clone(), 64).unwrap();
    let client = Arc::new(client);
    let ids: Vec<_> = sandbox.server.world().lock().clients().iter().map(|client| client.id).collect();
    let sending: Vec<_> = ids
        .into_iter()
        .map(|id| {
            let client = Arc::clone(&client);
            let change = ClientChange {
                operation: Operation::Delegate,
                agent: ONBOARDING_AGENT,
                client: id,
                packages: None,
            };
            tokio::spawn(async move { client.send(&change).await })
        })
        .collect();
    for sent in sending {
        let answer = sent.await.unwrap();
        assert!(matches!(answer.verdict, Verdict::Again(again) if again.why == NoVerdict::TokenRenewed));
    }
    assert_eq!((sandbox.asked(GRANTS), sandbox.exchanges(), tokens.current().generation()), (2, 2, 1));
}

#[tokio::test]
async fn the_exchange_is_tried_again_after_a_401_and_answers_plain_text_or_json() {
    let sandbox = Sandbox::start();
    {
        let sign_ins = sandbox.sign_ins();
        let mut sign_ins = sign_ins.lock();
        // The first try asks twice: without `?test=true`, and with it.
        (sign_ins.exchange_outage, sign_ins.answers_in_json) = (2, true);
    }
    let mut sign_in = sandbox.with(Auth::Maskinporten(sandbox.maskinporten()));
    sign_in.limits.attempts = 2;
    assert!(sign_in.open().await.is_ok());
    assert_eq!(sandbox.exchanges(), 3);
}

#[tokio::test]
async fn an_exchange_that_stays_away_is_told_from_a_refusal() {
    let sandbox = Sandbox::start();
    sandbox.sign_ins().lock().exchange_outage = 1000;
    let error = sandbox.sign_in().await.unwrap_err();
    assert_eq!(error.to_string(), "Altinn's token exchange does not answer: 401");
    assert!(error.is_passing());
}

#[tokio::test]
async fn a_test_environment_that_wants_test_tokens_is_asked_for_them_and_production_never_is() {
    let sandbox = Sandbox::start();
    sandbox.sign_ins().lock().wants_test = true;
    let tokens = sandbox.sign_in().await.unwrap();
    assert_eq!(sandbox.exchanges(), 2);
    sandbox.sign_ins().lock().refresh_works = false;
    pass(Duration::from_secs(29 * 60 + 5)).await;
    tokens.ready().await.unwrap();
    assert_eq!(sandbox.exchanges(), 3, "what worked is remembered");
    let mut production = sandbox.with(Auth::Maskinporten(sandbox.maskinporten()));
    production.is_production = true;
    assert!(production.open().await.is_err());
    assert_eq!(sandbox.exchanges(), 4);
}

#[tokio::test]
async fn every_refusal_of_maskinporten_is_said_with_what_to_do() {
    let sandbox = Sandbox::start();
    sandbox.sign_ins().lock().is_approved = false;
    let said = sandbox.refusal().await;
    assert!(said.contains("Maskinporten refuses the sign-in: invalid_grant: MP-304"), "{said}");
    assert!(said.contains("system user of 314250052 has been approved"), "{said}");
    assert!(said.contains("5a4d0b0c6f1e"), "the id that support asks for: {said}");

    sandbox.sign_ins().lock().is_approved = true;
    sandbox.sign_ins().lock().scopes.truncate(1);
    let said = sandbox.refusal().await;
    assert!(said.contains("invalid_scope") && said.contains("altinn:clientdelegations.write"), "{said}");

    let refused = async |config: Maskinporten| {
        let error = sandbox.with(Auth::Maskinporten(config)).open().await.unwrap_err();
        format!("{error}; {}", error.hint())
    };
    sandbox.sign_ins().lock().scopes.push("altinn:clientdelegations.write".to_owned());
    let right = sandbox.maskinporten();
    let said = refused(Maskinporten { client_id: "another".to_owned(), ..right.clone() }).await;
    assert!(said.contains("invalid_client") && said.contains("check client_id (another)"), "{said}");
    let key = Key { kid: Some("another-key".to_owned()), ..right.key.clone() };
    let said = refused(Maskinporten { key, ..right.clone() }).await;
    assert!(said.contains("the key another-key"), "{said}");
    let org = sandbox.server.world().lock().clients()[0].number.unwrap();
    let said = refused(Maskinporten { system_user_org: org, ..right.clone() }).await;
    assert!(said.contains("MP-303") && said.contains("one of its clients"), "{said}");
    assert!(said.contains("client sandbox-client is not on the system"), "{said}");
    assert!(said.contains("external_ref in [auth] must give"), "{said}");
    sandbox.sign_ins().lock().external_ref = Some("byraa-1".to_owned());
    for external_ref in [None, Some("byraa-2".to_owned())] {
        let said = refused(Maskinporten { external_ref, ..right.clone() }).await;
        assert!(said.contains("MP-303"), "{said}");
    }
    let fits = Maskinporten { external_ref: Some("byraa-1".to_owned()), ..right.clone() };
    sandbox.with(Auth::Maskinporten(fits)).open().await.unwrap();
    sandbox.sign_ins().lock().external_ref = None;
    let mut wrong_audience = right.clone();
    wrong_audience.endpoint.as_mut().unwrap().audience = "https://elsewhere.example/".to_owned();
    let said = refused(wrong_audience).await;
    assert!(said.contains("right audience (https://elsewhere.example/)"), "{said}");
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_told_by_how_much() {
    let sandbox = Sandbox::start();
    for (ahead_s, words) in [(42, "behind the server's"), (-300, "ahead of the server's")] {
        sandbox.sign_ins().lock().clock_ahead_s = ahead_s;
        let said = sandbox.refusal().await;
        let shown = [ahead_s.abs() - 1, ahead_s.abs(), ahead_s.abs() + 1].map(|s| format!("clock is {s} s"));
        assert!(shown.iter().any(|shown| said.contains(shown)) && said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_makes_no_token_live_longer() {
    let sandbox = Sandbox::start();
    for ahead_s in [-9, 9] {
        sandbox.sign_ins().lock().clock_ahead_s = ahead_s;
        let left = sandbox.sign_in().await.unwrap().current().left().unwrap();
        assert!(left <= Duration::from_mins(30) && left > Duration::from_secs(29 * 60 + 50), "{left:?}");
    }
}

#[tokio::test]
async fn a_person_signs_in_once_and_the_next_command_finds_it() {
    let sandbox = Sandbox::start();
    let sign_in = sandbox.id_porten(CLIENT_ID);
    let error = sign_in.open().await.unwrap_err();
    assert!(matches!(error, SignInError::NotSignedIn(_)), "{error}");
    let porten = sign_in.id_porten().unwrap().unwrap();
    sandbox.log_in(&porten, Person::Administrator).await.unwrap();
    let tokens = sign_in.open().await.unwrap();
    assert_eq!(
        tokens.current().claims().who.as_ref().map(Wording::english).as_deref(),
        Some("Altinn user 20000001")
    );
    assert_eq!(sandbox.asked("/idporten/token"), 1, "the kept token is taken");
}

#[tokio::test]
async fn a_refresh_token_is_used_when_the_token_runs_out_and_the_rotated_one_is_kept() {
    let sandbox = Sandbox::start();
    sandbox.sign_ins().lock().refresh_works = false;
    let sign_in = sandbox.id_porten(CLIENT_ID);
    let porten = sign_in.id_porten().unwrap().unwrap();
    sandbox.log_in(&porten, Person::Administrator).await.unwrap();
    let tokens = sign_in.open().await.unwrap();
    for life in 1..=3 {
        pass(Duration::from_secs(9 * 60 + 5)).await;
        assert_eq!(tokens.ready().await.unwrap().generation(), life, "a used refresh token is refused");
    }
    assert_eq!(sandbox.asked("/idporten/token"), 4);
}

#[tokio::test]
async fn two_processes_with_one_sign_in_do_not_use_a_refresh_token_twice() {
    let sandbox = Sandbox::start();
    sandbox.sign_ins().lock().refresh_works = false;
    let sign_in = sandbox.id_porten(CLIENT_ID);
    sandbox.log_in(&sign_in.id_porten().unwrap().unwrap(), Person::Administrator).await.unwrap();
    let (one, other) = (sign_in.open().await.unwrap(), sign_in.open().await.unwrap());
    pass(Duration::from_secs(9 * 60 + 5)).await;
    let (one, other) = tokio::join!(one.ready(), other.ready());
    assert_eq!((one.unwrap().generation(), other.unwrap().generation()), (1, 1));
    assert_eq!(sandbox.asked("/idporten/token"), 2, "the second finds what the first has got");
}

#[tokio::test]
async fn a_refresh_token_that_has_run_out_ends_the_sign_in() {
    let sandbox = Sandbox::start();
    sandbox.sign_ins().lock().refresh_works = false;
    let sign_in = sandbox.id_porten(CLIENT_ID);
    sandbox.log_in(&sign_in.id_porten().unwrap().unwrap(), Person::Administrator).await.unwrap();
    let tokens = sign_in.open().await.unwrap();
    sandbox.sign_ins().lock().refresh_tokens_have_ended = true;
    pass(Duration::from_mins(10)).await;
    let error = tokens.ready().await.unwrap_err();
    assert!(error.to_string().starts_with("the sign-in with ID-porten has ended (invalid_grant"), "{error}");
    let error = sign_in.open().await.unwrap_err();
    assert!(error.to_string().starts_with("nobody has signed in"), "it is forgotten: {error}");
}

#[tokio::test]
async fn a_public_client_has_no_refresh_token_and_its_sign_in_ends_with_its_token() {
    let sandbox = Sandbox::start();
    sandbox.sign_ins().lock().refresh_works = false;
    let sign_in = sandbox.id_porten(PUBLIC_CLIENT_ID);
    let porten = sign_in.id_porten().unwrap().unwrap();
    sandbox.log_in(&porten, Person::Administrator).await.unwrap();
    let tokens = sign_in.open().await.unwrap();
    assert!(!tokens.lasts().await);
    pass(Duration::from_mins(10)).await;
    assert!(matches!(tokens.ready().await, Err(SignInError::NotSignedIn(_))));
}

#[tokio::test]
async fn signing_out_revokes_the_refresh_token_and_forgets_everything() {
    let sandbox = Sandbox::start();
    let sign_in = sandbox.id_porten(CLIENT_ID);
    let porten = sign_in.id_porten().unwrap().unwrap();
    sandbox.log_in(&porten, Person::Administrator).await.unwrap();
    assert_eq!(porten.sign_out().await, Ok(SignedOut { was_signed_in: true, not_told: None }));
    assert_eq!(sandbox.asked("/idporten/revoke"), 1);
    assert!(matches!(sign_in.open().await, Err(SignInError::NotSignedIn(_))));
}

#[tokio::test]
async fn a_sign_in_that_was_tampered_with_is_refused() {
    let sandbox = Sandbox::start();
    let porten = sandbox.id_porten(CLIENT_ID).id_porten().unwrap().unwrap();
    let refusal = async |change: fn(&str) -> String| {
        let begun = porten.begin().await.unwrap();
        let ended = change(&browse(&begun.address, Person::Administrator).await);
        let ended = AuthorizationResponse::read(&ended, &redirect()).unwrap();
        porten.finish(begun, ended).await.unwrap_err().to_string()
    };
    let said = refusal(|ended| ended.replace("&state=", "&state=x")).await;
    assert!(said.contains("another sign-in than this one (state)"), "{said}");
    let said = refusal(|ended| ended.replace("iss=http", "iss=https")).await;
    assert!(said.contains("another issuer (iss)"), "{said}");
    let said = refusal(|ended| ended.replace("iss=http", "other=http")).await;
    assert!(said.contains("does not say which issuer it is from (iss)"), "{said}");
    let said = refusal(|ended| ended.replace("?code=", "?code=x")).await;
    assert!(said.contains("invalid_grant"), "{said}");
    sandbox.sign_ins().lock().wrong_nonce = true;
    let said = refusal(str::to_owned).await;
    assert!(said.contains("its ID token does not hold"), "{said}");
}

#[tokio::test]
async fn a_person_who_goes_away_from_the_sign_in_is_told_so() {
    let sandbox = Sandbox::start();
    let porten = sandbox.id_porten(CLIENT_ID).id_porten().unwrap().unwrap();
    let error = sandbox.log_in(&porten, Person::Refuses).await.unwrap_err();
    assert!(error.to_string().contains("access_denied: the user has cancelled"), "{error}");
}

#[tokio::test]
async fn a_token_that_is_not_altinns_is_told_with_what_to_do() {
    let sandbox = Sandbox::start();
    let path = sandbox.folder.path().join("token");
    let told = async |text: &str| {
        write_private(&path, text);
        let error = sandbox.with(Auth::Token(TokenFrom::File(path.clone()))).open().await.unwrap_err();
        assert_eq!(sandbox.asked(REFRESHES), 0, "it is sent nowhere");
        format!("{error}; {}", error.hint())
    };
    let own = sandbox.sign_ins().lock().mint("a", 600);
    sandbox.sign_in().await.unwrap();
    sandbox
        .log_in(&sandbox.id_porten(CLIENT_ID).id_porten().unwrap().unwrap(), Person::Administrator)
        .await
        .unwrap();
    let issued_by = |name: &str| {
        let given = sandbox.sign_ins().lock().given.clone();
        let is_of = |token: &&String| {
            let claims = jsonwebtoken::dangerous::insecure_decode_claims::<serde_json::Value>(token).unwrap();
            claims["iss"].as_str().unwrap().contains(name)
        };
        given.iter().find(is_of).unwrap().clone()
    };
    let token = issued_by("maskinporten");
    let said = told(&format!("Bearer {token}\n")).await;
    assert!(said.contains("holds Maskinporten's token"), "{said}");
    assert!(said.contains("exchange it") && said.contains("use method = \"maskinporten\""), "{said}");
    let said = told(&issued_by("idporten")).await;
    assert!(
        said.contains("holds ID-porten's token") && said.contains("use method = \"id-porten\""),
        "{said}"
    );
    let said = told(&format!("{{\"access_token\":\"{token}\",\"token_type\":\"Bearer\"}}")).await;
    assert!(said.contains("the whole answer of a token endpoint"), "{said}");
    assert!(said.contains("exchange it"), "{said}");
    let said = told(&format!("{{\"access_token\":\"{own}\"}}")).await;
    assert!(said.contains("only the value of access_token"), "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::start();
    let path = sandbox.folder.path().join("token");
    write_private(&path, &sandbox.sign_ins().lock().mint("a", 600));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = sandbox.with(Auth::Token(TokenFrom::File(path))).open().await.unwrap_err();
    assert!(error.to_string().contains("can be read by others than its owner (mode 644)"), "{error}");
    assert!(error.hint().starts_with("chmod 600 /"), "{}", error.hint());
}

#[tokio::test]
async fn a_sign_in_is_kept_for_its_issuer_and_found_with_no_other() {
    let sandbox = Sandbox::start();
    let sign_in = sandbox.id_porten(CLIENT_ID);
    sandbox.log_in(&sign_in.id_porten().unwrap().unwrap(), Person::Administrator).await.unwrap();
    let mut elsewhere = sandbox.id_porten(CLIENT_ID);
    let Auth::IdPorten(config) = &mut elsewhere.auth else { panic!() };
    config.issuer = Some(format!("{}/", sandbox.server.issuer()));
    assert!(matches!(elsewhere.open().await, Err(SignInError::NotSignedIn(_))));
    assert!(sign_in.open().await.is_ok());
}

#[test]
fn a_pasted_address_must_be_the_one_the_browser_was_sent_to() {
    let read = |address: &str| AuthorizationResponse::read(address, &redirect()).map(drop);
    assert!(read(" https://firm.example/signed-in?code=c&state=s\n").is_ok());
    for (address, problem) in [
        ("code=c", "not an address"),
        ("https://firm.example/other?code=c", "another address"),
        ("https://firm.example.evil.example/signed-in?code=c", "another address"),
        ("https://firm.example/signed-in", "has no code"),
    ] {
        assert!(read(address).unwrap_err().contains(problem), "{address}");
    }
}

#[tokio::test]
async fn a_token_of_ones_own_is_refreshed_by_altinn_where_that_works() {
    let sandbox = Sandbox::start();
    let path = sandbox.folder.path().join("token");
    let scopes = "altinn:clientdelegations.read altinn:clientdelegations.write";
    write_private(&path, &sandbox.sign_ins().lock().mint(scopes, 22 * 60));
    let tokens = sandbox.with(Auth::Token(TokenFrom::File(path))).open().await.unwrap();
    assert!(tokens.lasts().await);
    let left = tokens.current().left().unwrap();
    assert!(left > Duration::from_mins(29), "fresh at once: {left:?}");
}
