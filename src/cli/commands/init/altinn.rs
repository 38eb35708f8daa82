//! What Altinn can be asked instead of the person: the firm's name, and its system users.

use std::fmt::Write as _;

use super::{
    super::super::{
        exit::{Exit, Failure},
        place::Place,
        session::{asking_once, tokens},
    },
    draft::Draft,
    interview::{Interview, Question},
};
use crate::{
    engine::{EngineError, PlanAgents},
    model::{Agent, AgentId, AgentKind, AgentRef, HaltCause, in_words, short},
    words::{Lazy, say, text},
};

/// What Altinn says of a firm.
pub(super) struct Known {
    /// Empty where the sign-in may not know it.
    pub(super) name: String,
    pub(super) agents: Vec<Agent>,
}

/// Why it says nothing.
pub(super) enum NotKnown {
    /// There is no such firm.
    NoSuchFirm,
    /// Nobody is signed in, or Altinn is not reached.
    NotAsked(Failure),
}

impl From<Failure> for NotKnown {
    fn from(failure: Failure) -> Self {
        Self::NotAsked(failure)
    }
}

impl From<EngineError> for NotKnown {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Halted(halted) if halted.cause == HaltCause::UnknownFacilitator => Self::NoSuchFirm,
            error => Self::NotAsked(error.into()),
        }
    }
}

impl Interview<'_> {
    /// Signs in as the job will, and asks Altinn for the firm.
    pub(super) async fn known(&self, draft: &Draft) -> Result<Known, NotKnown> {
        let file = draft.job_file()?;
        let place = Place::of(&file, self.context).await?;
        let tokens = tokens(&file, &place, &self.interrupt, self.context).await?;
        let engine = asking_once(&file, &place, &tokens, self.interrupt.clone(), self.context)?;
        let agents = engine.agents().await?;
        // The sandbox without a sign-in lets everybody look everything up.
        let may_look_up =
            place.sign_in.is_none() || tokens.current().claims().may_list_parties() != Some(false);
        // A name is a kindness: without one it goes on.
        let firm = if may_look_up { engine.firm().await.ok().flatten() } else { None };
        Ok(Known { name: firm.map(|firm| firm.name).unwrap_or_default(), agents })
    }

    /// Which of the firm's system users is to have the clients.
    pub(super) async fn agent(&self, known: &Known, given: Option<&str>) -> Result<Agent, Failure> {
        let usable: Vec<&Agent> = known.agents.iter().filter(|agent| can_have_clients(agent)).collect();
        if usable.is_empty() && given.is_none() {
            return Err(Failure::nothing_sent(say!("init-no-system-users", others = known.agents.len()))
                .hint(say!("init-no-system-users-to-do")));
        }
        if let ([only], None, false) = (usable.as_slice(), given, self.is_asking) {
            return Ok((*only).clone());
        }
        if given.is_none() && !self.is_asking {
            let missing = super::interview::missing(&["--agent"]);
            return Err(usable
                .iter()
                .fold(missing, |missing, agent| missing.detail(Lazy(|| line_of(agent)))));
        }
        let question = Question {
            flag: "--agent",
            given,
            above: to_choose_from(&usable, known.agents.len() - usable.len()),
            asked: say!("init-one-of-so-many", most = usable.len()).to_string(),
            default: (usable.len() == 1).then(|| "1".to_owned()),
        };
        self.answer(question, |typed| {
            let by_number = typed.parse().ok().and_then(|number: usize| usable.get(number.checked_sub(1)?));
            if let Some(agent) = by_number {
                return Ok((*agent).clone());
            }
            // The system's id stands in the list that was shown, so it names one, too.
            let by = match usable.iter().filter(|agent| agent.system_id == typed).count() {
                1 => AgentRef::SystemId(typed.to_owned()),
                _ => AgentRef::named(typed),
            };
            let agent = match PlanAgents::of_job(&known.agents, &by, None) {
                Ok(agents) => agents.own,
                Err(why) => {
                    let typed = format!("{typed:?}");
                    return Err(Failure::nothing_sent(say!("init-not-that-agent", typed = typed, why = why)));
                }
            };
            if agent.packages.is_empty() {
                let named = if agent.title.is_empty() { agent.id.to_string() } else { agent.title };
                return Err(Failure::new(Exit::NothingSent, say!("doctor-packages-none", agent = named))
                    .hint(Lazy(|| HaltCause::NoUsablePackage.hint())));
            }
            Ok(agent)
        })
        .await
    }

    /// A system user that Altinn was not asked about.
    pub(super) async fn unasked_agent(&self, given: Option<&str>) -> Result<AgentId, Failure> {
        let asked = text!("init-agent-by-uuid").to_owned();
        let question = Question { flag: "--agent", given, above: String::new(), asked, default: None };
        self.answer(question, |typed| {
            typed
                .parse()
                .map_err(|_| Failure::nothing_sent(say!("init-no-uuid", typed = format!("{:?}", typed))))
        })
        .await
    }
}

fn can_have_clients(agent: &Agent) -> bool {
    agent.kind == AgentKind::Agent && !agent.deleted && !agent.packages.is_empty()
}

/// The system users that there are to choose from.
fn to_choose_from(usable: &[&Agent], others: usize) -> String {
    let mut asked = format!("{}\n", text!("init-agent"));
    for (place, agent) in usable.iter().enumerate() {
        let number = place + 1;
        let _ = write!(asked, "  {number:>2}  {}\n      {}\n", named(agent), in_words(&agent.packages));
    }
    if others > 0 {
        let _ = writeln!(asked, "      {}", say!("init-agents-left-out", others = others));
    }
    asked
}

/// What tells a system user apart from others with the same title.
fn named(agent: &Agent) -> String {
    let title = if agent.title.is_empty() { text!("cli-no-title") } else { &agent.title };
    let beside = [&agent.supplier, &agent.system_id];
    let beside: Vec<&str> = beside.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    if beside.is_empty() { title.to_owned() } else { format!("{title} ({})", beside.join(", ")) }
}

fn line_of(agent: &Agent) -> String {
    format!("--agent {}: {}, {}", agent.id, named(agent), in_words(&agent.packages))
}

/// A system user in the comment beside its UUID.
pub(super) fn remark(agent: &Agent) -> String {
    let packages: Vec<&str> = agent.packages.iter().map(|package| short(package)).collect();
    let title = if agent.title.is_empty() { text!("cli-no-title") } else { &agent.title };
    format!("{title}: {}", packages.join(", "))
}
