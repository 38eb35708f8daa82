//! The way to Altinn, the sign-in, and what Altinn says of the firm and its system users.

use std::time::Duration;

use super::{
    super::super::{
        Context,
        exit::{Exit, Failure, Told},
        job::JobFile,
        place::Place,
        session::asking_once,
        whoami::DoorsView,
    },
    Doctor,
};
use crate::{
    altinn::{NotReached, TokenSource, proxy_variable, reach},
    clock,
    engine::{Interrupter, PlanAgents},
    model::{Agent, HaltCause, mixed, short},
    report::{approximately, date_time},
    words::{Lazy, say, text},
};

/// A clock may be so far from Altinn's: sign-ins are refused long before certificates are.
const MOST_SKEW: Duration = Duration::from_secs(30);

impl Doctor {
    /// The way to Altinn, and what it says.
    pub(super) async fn at_altinn(&mut self, file: &JobFile, context: &Context) -> Result<(), Failure> {
        let place = Place::of(file, context).await?;
        let reached = self.way(&place, file).await;
        let tokens = match place.tokens().await {
            Ok(tokens) => tokens,
            Err(failure) => {
                self.add("sign_in", text!("doctor-sign-in"), Err(failure));
                self.unknown(&[("scopes", text!("doctor-scopes"))]);
                self.unknown(&[("doors", text!("doctor-doors"))]);
                self.nothing_of_the_firm();
                return Ok(());
            }
        };
        self.signed_in(&tokens, &place);
        if !reached {
            // Each question would only say once more that nobody answers.
            self.unknown(&[("doors", text!("doctor-doors"))]);
            self.nothing_of_the_firm();
            return Ok(());
        }
        let doors = match DoorsView::asked(file, &place, &tokens, context).await {
            Ok(doors) => doors,
            Err(failure) => {
                self.add("doors", text!("doctor-doors"), Err(failure));
                self.nothing_of_the_firm();
                return Ok(());
            }
        };
        let way = match doors.way() {
            Ok("administration") => Ok(Told::of(&Lazy(|| text!("doctor-doors-second")))),
            Ok(_) => Ok(Told::of(&Lazy(|| text!("doctor-doors-first")))),
            Err(mut why) => {
                why.dedup_by_key(|why| why.to_string());
                let shut = Failure::new(Exit::Stopped, say!("doctor-doors-shut"));
                Err(why.into_iter().fold(shut, Failure::detail))
            }
        };
        self.add("doors", text!("doctor-doors"), way);
        self.agents(file, &place, &tokens, context).await
    }

    fn nothing_of_the_firm(&mut self) {
        self.unknown(&[
            ("firm", text!("doctor-firm")),
            ("agent", text!("doctor-agent")),
            ("packages", text!("doctor-packages")),
        ]);
    }

    /// The name, the proxy, the connection, the encryption; and the clock by what came back. Whether anything did.
    async fn way(&mut self, place: &Place, file: &JobFile) -> bool {
        let origin = place.origin.origin().ascii_serialization();
        let proxy = proxy_variable(&place.origin);
        let reached = reach(&place.origin, file.job.pace.timeout.min(Duration::from_secs(20))).await;
        let is_reached = reached.is_ok();
        let clock = match reached {
            Ok(date) => {
                let how = Lazy(|| match (place.origin.scheme(), proxy) {
                    ("http", _) => text!("doctor-network-loopback").to_owned(),
                    (_, None) => text!("doctor-network-encrypted").to_owned(),
                    (_, Some(name)) => say!("doctor-network-proxy", variable = name).to_string(),
                });
                let said = Told::of(&say!("doctor-network-reached", origin = origin, how = how));
                self.add("network", text!("doctor-network"), Ok(said));
                date
            }
            Err(NotReached { words, cause }) => {
                let failure = Failure::new(
                    Exit::Stopped,
                    say!("doctor-network-not-reached", origin = origin, why = Lazy(|| words.to_string())),
                );
                let failure = match cause {
                    Some(cause) => failure.hint(Lazy(|| cause.hint())),
                    None => failure.hint(say!("doctor-network-again")),
                };
                self.add("network", text!("doctor-network"), Err(failure));
                None
            }
        };
        let Some(theirs) = clock else {
            self.unknown(&[("clock", text!("doctor-clock"))]);
            return is_reached;
        };
        let skew = clock::own().duration_since(theirs).unsigned_abs();
        let found = if skew <= MOST_SKEW {
            Ok(Told::of(&Lazy(|| text!("doctor-clock-right"))))
        } else {
            Err(Failure::new(
                Exit::Fault,
                say!(
                    "doctor-clock-wrong",
                    by = Lazy(|| approximately(skew)),
                    theirs = Lazy(|| date_time(theirs))
                ),
            )
            .hint(say!("doctor-clock-set")))
        };
        self.add("clock", text!("doctor-clock"), found);
        true
    }

    fn signed_in(&mut self, tokens: &TokenSource, place: &Place) {
        if place.sign_in.is_none() {
            let not_needed = || Ok(Told::of(&Lazy(|| text!("doctor-sign-in-not-needed"))));
            self.add("sign_in", text!("doctor-sign-in"), not_needed());
            self.add("scopes", text!("doctor-scopes"), not_needed());
            return;
        }
        let token = tokens.current();
        let claims = token.claims();
        let who = Lazy(|| match &claims.who {
            Some(who) => who.said().into_owned(),
            None => text!("doctor-somebody").to_owned(),
        });
        let said = match claims.expires_at {
            Some(at) => Told::of(&say!(
                "doctor-signed-in-until",
                who = who,
                by = Lazy(|| tokens.name().to_string()),
                left = Lazy(|| approximately(at.duration_since(clock::now()).unsigned_abs()))
            )),
            None => Told::of(&say!("doctor-signed-in", who = who, by = Lazy(|| tokens.name().to_string()))),
        };
        self.add("sign_in", text!("doctor-sign-in"), Ok(said));
        let missing = claims.missing_scopes();
        let scopes = match (&claims.scopes, missing.as_slice()) {
            (None, _) => Ok(Told::of(&Lazy(|| text!("doctor-scopes-unsaid")))),
            (Some(_), []) => Ok(Told::of(&Lazy(|| text!("doctor-scopes-both")))),
            (Some(_), missing) => {
                Err(Failure::new(Exit::Stopped, say!("doctor-scopes-missing", scopes = missing.join(", ")))
                    .hint(say!("doctor-scopes-order")))
            }
        };
        self.add("scopes", text!("doctor-scopes"), scopes);
    }

    async fn agents(
        &mut self,
        file: &JobFile,
        place: &Place,
        tokens: &TokenSource,
        context: &Context,
    ) -> Result<(), Failure> {
        let job = &file.job;
        let (_interrupter, interrupt) = Interrupter::new();
        let rest = [("agent", text!("doctor-agent")), ("packages", text!("doctor-packages"))];
        let engine = match asking_once(file, place, tokens, interrupt, context) {
            Ok(engine) => engine,
            // Answers are kept in the ledger, which may be what is not well.
            Err(failure) => {
                self.add("firm", text!("doctor-firm"), Err(failure));
                self.unknown(&rest);
                return Ok(());
            }
        };
        let listed = match engine.agents().await {
            Ok(listed) => listed,
            Err(error) => {
                self.add("firm", text!("doctor-firm"), Err(error.into()));
                self.unknown(&rest);
                return Ok(());
            }
        };
        let firm = Told::of(&say!("doctor-firm-known", firm = job.facilitator, agents = listed.len()));
        self.add("firm", text!("doctor-firm"), Ok(firm));
        let agents = match PlanAgents::of_job(&listed, &job.agent, job.from_agent.as_ref()) {
            Ok(agents) => agents,
            Err(error) => {
                self.add("agent", text!("doctor-agent"), Err(error.into()));
                self.unknown(&rest[1..]);
                return Ok(());
            }
        };
        for agent in agents.old.iter().chain([&agents.own]) {
            self.agent(agent, file, context)?;
        }
        Ok(())
    }

    fn agent(&mut self, agent: &Agent, file: &JobFile, context: &Context) -> Result<(), Failure> {
        let name = if agent.title.is_empty() { agent.id.to_string() } else { agent.title.clone() };
        let held = context.state()?.is_held(&file.job.environment.name(), agent.id);
        let found = if held {
            let held = Failure::new(Exit::Held, say!("doctor-agent-held", agent = name));
            Err(held.hint(say!("doctor-agent-held-todo")))
        } else {
            Ok(Told::of(&say!("doctor-agent-there", agent = name)))
        };
        self.add("agent", text!("doctor-agent"), found);
        let names: Vec<&str> = agent.packages.iter().map(|package| short(package)).collect();
        match mixed(&agent.packages) {
            _ if names.is_empty() => {
                let none = Failure::new(Exit::Stopped, say!("doctor-packages-none", agent = name))
                    .hint(Lazy(|| HaltCause::NoUsablePackage.hint()));
                self.add("packages", text!("doctor-packages"), Err(none));
            }
            Some(_) => self.warn(
                "packages",
                text!("doctor-packages"),
                Told::of(&say!("doctor-packages-mixed", packages = names.join(", "))),
                Told::of(&Lazy(|| text!("doctor-packages-split"))),
            ),
            None => {
                self.add("packages", text!("doctor-packages"), Ok(Told::of(&names.join(", "))));
            }
        }
        Ok(())
    }
}
