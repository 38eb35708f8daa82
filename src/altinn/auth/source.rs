//! Which token goes along, and how the next one is got: in time, once for all requests.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use secrecy::SecretString;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use super::{
    Freshness, Platform, SignInError, Token,
    token_provider::{Fixed, Issued, TokenFile, TokenProvider},
};
use crate::words::{Wording, say};

/// After a renewal has failed, no request attempts it again for so long: whoever waited for it gets its answer.
const REST: Duration = Duration::from_secs(10);

/// Where tokens come from. Cloned, it is the same source.
#[derive(Clone)]
pub struct TokenSource(Arc<Shared>);

struct Shared {
    token_provider: Box<dyn TokenProvider>,
    /// Altinn itself, which can make a token live longer.
    platform: Option<Platform>,
    current: RwLock<Arc<Token>>,
    /// Held while one request renews for all.
    renewal: Mutex<Renewal>,
}

/// How renewing has been going.
#[derive(Default)]
struct Renewal {
    /// The current token is one that Altinn has refreshed by itself.
    by_refresh: bool,
    /// Altinn does not refresh these tokens.
    no_refresh: bool,
    failed: Option<(Instant, SignInError)>,
}

impl TokenSource {
    /// A token that is what it is. `from` names where it comes from, for errors (such as "the job file").
    /// White space around it, quotes and a leading `Bearer` are taken off.
    ///
    /// # Errors
    ///
    /// When it is empty, cannot be a token, or has run out.
    pub fn fixed(pasted: &SecretString, from: Wording) -> Result<Self, SignInError> {
        let token_provider = Fixed { name: from, token: pasted.clone() };
        let issued = Issued::by_own_clock(pasted.clone());
        Self::with_first(Box::new(token_provider), None, &issued)
    }

    /// The token in this file, which is read again when it runs out or is not accepted.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is empty, holds what cannot be a token, or one that has run out.
    pub async fn from_file(path: impl Into<PathBuf>) -> Result<Self, SignInError> {
        Self::open(Box::new(TokenFile { path: path.into(), of_any_issuer: false }), None).await
    }

    /// Signs in.
    pub(super) async fn open(
        token_provider: Box<dyn TokenProvider>,
        platform: Option<Platform>,
    ) -> Result<Self, SignInError> {
        if let Some(first) = token_provider.sign_in(None).await? {
            return Self::with_first(token_provider, platform, &first);
        }
        let words = say!("auth-there-is-no-token-from", from = token_provider.name()).kept();
        Err(SignInError::NotSignedIn(words))
    }

    fn with_first(
        token_provider: Box<dyn TokenProvider>,
        platform: Option<Platform>,
        first: &Issued,
    ) -> Result<Self, SignInError> {
        let token = Token::new(&first.secret, 0, &token_provider.name(), first.now)?;
        if token.freshness() == Freshness::Spent {
            return Err(ran_out(&token, token_provider.name()));
        }
        Ok(Self(Arc::new(Shared {
            token_provider,
            platform,
            current: RwLock::new(Arc::new(token)),
            renewal: Mutex::default(),
        })))
    }

    /// The newest token, whether or not it is still good.
    pub fn current(&self) -> Arc<Token> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where the tokens come from.
    pub fn name(&self) -> Wording {
        self.0.token_provider.name()
    }

    /// The token to send now. One that runs out soon is renewed first, by one request; the others use it meanwhile.
    ///
    /// # Errors
    ///
    /// The token has run out, and there is no other.
    pub async fn ready(&self) -> Result<Arc<Token>, SignInError> {
        let token = self.current();
        match token.freshness() {
            Freshness::Fresh => Ok(token),
            Freshness::Due => {
                if let Ok(renewal) = self.0.renewal.try_lock() {
                    // It is good for a while yet: what goes wrong is tried again, or told when it has run out.
                    let _ = self.renew_in_turn(renewal, &token, false).await;
                }
                Ok(self.current())
            }
            Freshness::Spent => {
                let renewal = self.0.renewal.lock().await;
                if self.renew_in_turn(renewal, &token, false).await? {
                    Ok(self.current())
                } else {
                    Err(ran_out(&token, self.name()))
                }
            }
        }
    }

    /// Altinn has not accepted `used`. Whether there is another token by now: one got since by another
    /// request, or one got here, once for all requests under way.
    ///
    /// # Errors
    ///
    /// When a new token was looked for and there is none.
    pub async fn renew(&self, used: &Token) -> Result<bool, SignInError> {
        let renewal = self.0.renewal.lock().await;
        self.renew_in_turn(renewal, used, true).await
    }

    /// Whether a run can go on when the current token has run out, as far as one can know: because Altinn
    /// refreshes it (which is tried), or because another can be had.
    pub async fn lasts(&self) -> bool {
        if self.0.token_provider.lasts() {
            return true;
        }
        let mut renewal = self.0.renewal.lock().await;
        let current = self.current();
        matches!(self.refresh(&mut renewal, &current).await, Ok(true))
    }

    /// Forgets that renewing has failed, and signs in: somebody has seen to it.
    ///
    /// # Errors
    ///
    /// When there is still no token.
    pub async fn sign_in_again(&self) -> Result<(), SignInError> {
        let mut renewal = self.0.renewal.lock().await;
        let current = self.current();
        renewal.failed = None;
        match self.0.token_provider.sign_in(Some(&current)).await? {
            Some(issued) => self.put(&mut renewal, &issued, false),
            None => Err(ran_out(&current, self.name())),
        }
    }

    async fn renew_in_turn(
        &self,
        mut renewal: MutexGuard<'_, Renewal>,
        used: &Token,
        refused: bool,
    ) -> Result<bool, SignInError> {
        let current = self.current();
        if current.generation() > used.generation() {
            return Ok(true);
        }
        if let Some((since, error)) = &renewal.failed
            && since.elapsed() < REST
        {
            return Err(error.clone());
        }
        if refused && current.is_a_renewal_never_accepted() && !renewal.by_refresh {
            return Ok(false);
        }
        if refused {
            // Altinn has refreshed what it does not accept.
            renewal.no_refresh |= renewal.by_refresh;
        } else if matches!(self.refresh(&mut renewal, &current).await, Ok(true)) {
            return Ok(true);
        }
        let signed_in = match self.0.token_provider.sign_in(Some(&current)).await {
            Ok(Some(issued)) => self.put(&mut renewal, &issued, false).map(|()| true),
            Ok(None) => Ok(false),
            Err(error) => Err(error),
        };
        renewal.failed = signed_in.as_ref().err().map(|error| (Instant::now(), error.clone()));
        signed_in
    }

    /// Asks Altinn to make the token live longer. Whether it did.
    async fn refresh(&self, renewal: &mut Renewal, current: &Token) -> Result<bool, SignInError> {
        let Some(platform) = &self.0.platform else { return Ok(false) };
        if renewal.no_refresh || current.left().is_none() || current.freshness() == Freshness::Spent {
            return Ok(false);
        }
        let Some(issued) = platform.refresh(current).await? else {
            renewal.no_refresh = true;
            return Ok(false);
        };
        self.put(renewal, &issued, true)?;
        self.0.token_provider.keep(&issued.secret).await;
        Ok(true)
    }

    fn put(&self, renewal: &mut Renewal, issued: &Issued, by_refresh: bool) -> Result<(), SignInError> {
        let generation = self.current().generation() + 1;
        let token = Token::new(&issued.secret, generation, &self.name(), issued.now)?;
        if token.freshness() == Freshness::Spent {
            return Err(ran_out(&token, self.name()));
        }
        renewal.by_refresh = by_refresh;
        renewal.failed = None;
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(token);
        Ok(())
    }
}

fn ran_out(token: &Token, from: Wording) -> SignInError {
    let now = crate::clock::now();
    SignInError::RanOut { from, at: token.claims().expires_at.unwrap_or(now), now }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenSource")
            .field("from", &self.name())
            .field("current", &self.current())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn fixed(pasted: &str) -> Result<TokenSource, SignInError> {
        TokenSource::fixed(&SecretString::from(pasted), Wording::heard("the test"))
    }

    fn write_private(path: &std::path::Path, text: &str) {
        std::fs::write(path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    #[test]
    fn a_pasted_token_is_undressed() {
        for pasted in [
            "abc.def",
            " abc.def\r\n",
            "Bearer abc.def",
            "bearer  abc.def\n",
            "\"abc.def\"\n",
            "\"Bearer abc.def\"",
            "\u{feff}abc.def",
        ] {
            let token = fixed(pasted).unwrap().current();
            assert_eq!(token.secret().expose_secret(), "abc.def", "{pasted:?}");
        }
        let token = fixed("Bearerabc").unwrap().current();
        assert_eq!(token.secret().expose_secret(), "Bearerabc");
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        for pasted in ["", " \n", "Bearer ", "\"\"", "secret one", "secret\nsecond", "secrét", "sec\u{0}ret"]
        {
            let error = fixed(pasted).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("sec"), "{shown}");
        }
    }

    #[test]
    fn a_token_is_not_in_the_debug_text_of_anything_that_holds_it() {
        let source = fixed("secret-token").unwrap();
        let token = source.current();
        let shown = format!("{source:?} {token:?} {:?} {:?}", token.secret(), token.header());
        assert!(!shown.contains("secret-token"), "{shown}");
    }

    #[tokio::test]
    async fn a_fixed_token_is_not_renewed() {
        let source = fixed("secret").unwrap();
        assert!(!source.renew(&source.current()).await.unwrap());
    }

    #[tokio::test]
    async fn a_file_renews_once_for_all_requests_and_only_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        write_private(&path, "one\n");
        let source = TokenSource::from_file(&path).await.unwrap();
        let first = source.current();
        assert!(!source.renew(&first).await.unwrap(), "the file is as it was");

        write_private(&path, "two\n");
        for _ in 0..64 {
            assert!(source.renew(&first).await.unwrap());
        }
        let second = source.current();
        assert_eq!((second.generation(), second.secret().expose_secret()), (1, "two"));

        write_private(&path, "three\n");
        assert!(!source.renew(&second).await.unwrap(), "a renewed token that was never accepted");
        second.mark_accepted();
        assert!(source.renew(&second).await.unwrap());
    }

    /// Gives tokens that live half an hour, and counts how often it was asked.
    #[derive(Default)]
    struct Counting {
        asked: std::sync::atomic::AtomicU32,
        fails: std::sync::atomic::AtomicBool,
    }

    impl TokenProvider for Arc<Counting> {
        fn name(&self) -> Wording {
            Wording::name("the test")
        }

        fn sign_in<'a>(
            &'a self,
            _used: Option<&'a Token>,
        ) -> super::super::token_provider::Promise<'a, Result<Option<Issued>, SignInError>> {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(2)).await;
                let nth = self.asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                if self.fails.load(std::sync::atomic::Ordering::SeqCst) {
                    return Err(SignInError::Unavailable {
                        who: Wording::name("the test"),
                        message: Wording::name("no"),
                    });
                }
                let claims = serde_json::json!({ "iat": 1_000, "exp": 1_000 + 30 * 60, "jti": nth });
                let token = crate::signatures::unsigned(&claims);
                Ok(Some(Issued { secret: token.into(), now: jiff::Timestamp::from_second(1_000).unwrap() }))
            })
        }

        fn lasts(&self) -> bool {
            true
        }
    }

    async fn counting() -> (Arc<Counting>, TokenSource) {
        let token_provider = Arc::new(Counting::default());
        (
            Arc::clone(&token_provider),
            TokenSource::open(Box::new(Arc::clone(&token_provider)), None).await.unwrap(),
        )
    }

    fn asked(token_provider: &Counting) -> u32 {
        token_provider.asked.load(std::sync::atomic::Ordering::SeqCst)
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_of_three_token_lives_never_sends_a_token_in_its_last_minute_while_another_is_to_be_had() {
        let (token_provider, source) = counting().await;
        for _ in 0..90 * 12 {
            let token = source.ready().await.unwrap();
            assert!(token.left().unwrap() > Duration::from_mins(1));
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        assert_eq!(asked(&token_provider), 4, "one at the beginning, and three in ninety minutes");
    }

    #[tokio::test(start_paused = true)]
    async fn sixty_four_requests_that_are_refused_renew_once() {
        let (token_provider, source) = counting().await;
        let used = source.current();
        let renewals: Vec<_> = (0..64)
            .map(|_| {
                let (source, used) = (source.clone(), Arc::clone(&used));
                tokio::spawn(async move { source.renew(&used).await })
            })
            .collect();
        for renewal in renewals {
            assert_eq!(renewal.await.unwrap(), Ok(true));
        }
        assert_eq!((asked(&token_provider), source.current().generation()), (2, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn while_one_request_renews_in_time_the_others_go_on_with_what_is_still_good() {
        let (token_provider, source) = counting().await;
        tokio::time::sleep(Duration::from_secs(29 * 60 + 10)).await;
        let renewing = tokio::spawn({
            let source = source.clone();
            async move { source.ready().await.unwrap().generation() }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(source.ready().await.unwrap().generation(), 0, "nobody waits");
        assert_eq!(renewing.await.unwrap(), 1);
        assert_eq!(asked(&token_provider), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_renewal_that_fails_is_told_only_when_the_token_has_run_out_and_to_all_at_once() {
        let (token_provider, source) = counting().await;
        token_provider.fails.store(true, std::sync::atomic::Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(29 * 60 + 10)).await;
        assert_eq!(source.ready().await.unwrap().generation(), 0);
        tokio::time::sleep(Duration::from_secs(45)).await;
        let before = asked(&token_provider);
        let waiting: Vec<_> = (0..64)
            .map(|_| {
                let source = source.clone();
                tokio::spawn(async move { source.ready().await.map(drop) })
            })
            .collect();
        for told in waiting {
            assert!(matches!(told.await.unwrap(), Err(SignInError::Unavailable { .. })));
        }
        assert_eq!(asked(&token_provider), before + 1, "nobody asks again what has just failed");
        token_provider.fails.store(false, std::sync::atomic::Ordering::SeqCst);
        source.sign_in_again().await.unwrap();
        assert_eq!(source.ready().await.unwrap().generation(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_nothing_renews_is_not_sent_in_its_last_seconds() {
        let now = crate::clock::now().as_second();
        let claims = serde_json::json!({ "iat": now, "exp": now + 600 });
        let token = crate::signatures::unsigned(&claims);
        let source = fixed(&token).unwrap();
        tokio::time::sleep(Duration::from_secs(580)).await;
        assert!(source.ready().await.is_ok());
        tokio::time::sleep(Duration::from_secs(15)).await;
        let error = source.ready().await.unwrap_err();
        assert!(error.to_string().contains("the token from the test ran out at"), "{error}");
    }
}
