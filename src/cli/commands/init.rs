//! `fullmakt init`.

mod altinn;
mod args;
mod draft;
mod interview;
mod list;
mod pasted;
mod sign_in;
mod written;

use std::path::{Path, PathBuf};

pub(crate) use args::InitArgs;

use self::{
    altinn::NotKnown,
    args::must_have_flags,
    draft::Draft,
    interview::{Interview, Question},
    list::List,
    written::{Written, write},
};
use super::super::{
    Context, asking,
    exit::{Exit, Failure},
    signals,
};
use crate::{
    manifest::Options,
    model::{AgentId, Environment, JobKind, OrganisationNumber},
    sandbox::facilitator,
    words::{Lazy, say, text},
};

/// What a job is called when nobody says otherwise.
const NAME: &str = "onboarding";

pub(crate) async fn init(args: InitArgs, context: &Context) -> Result<Exit, Failure> {
    let interview = Interview {
        context,
        interrupt: signals::listen(context.output, text!("init-interrupted")),
        is_asking: asking::can_ask(),
    };
    let kind = args.kind()?;
    if !interview.is_asking {
        must_have_flags(&args, kind)?;
    }
    let (path, may_replace) = interview.file(&args).await?;
    let environment = interview.environment(&args).await?;
    let mut draft = Draft {
        name: args.name.clone().unwrap_or_else(|| name_of(&path)),
        path,
        kind: kind.unwrap_or_else(|| JobKind::for_list(false)),
        facilitator: interview.firm(&args, &environment).await?,
        environment,
        facilitator_name: String::new(),
        auth: Vec::new(),
        agent: None,
        manifest: None,
        options: Options::default(),
    };
    if draft.environment != Environment::Sandbox {
        interview.sign_in(&args, &mut draft).await?;
    }
    // What is wrong with the name is said before anything is asked of Altinn.
    draft.job_file()?;
    let is_known = interview.system_user(&args, &mut draft).await?;
    let (mut clients, mut bad_rows) = (None, 0);
    if let Some(List { path, options, kind, clients: listed, rejected }) = interview.list(&args, kind).await?
    {
        draft.manifest = Some(draft.named(&path)?);
        (draft.options, draft.kind, clients, bad_rows) = (options, kind, Some(listed), rejected);
    }
    draft.job_file()?;
    write(&draft, may_replace)?;
    let written = Written::of(&draft, clients, bad_rows, is_known);
    context.output.answer(&written, &written);
    Ok(Exit::Done)
}

impl Interview<'_> {
    /// Where the job file is to be, and whether it may take the place of one that is there.
    async fn file(&self, args: &InitArgs) -> Result<(PathBuf, bool), Failure> {
        let named = args.name.as_deref().unwrap_or(NAME);
        let mut path = args.file.clone().unwrap_or_else(|| format!("{named}.toml").into());
        loop {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let wrong = match folder.filter(|folder| !folder.is_dir()) {
                Some(folder) => Failure::nothing_sent(say!("init-no-such-folder", folder = folder.display())),
                None if args.force || !path.exists() => return Ok((path, args.force)),
                None => Failure::nothing_sent(say!("init-there-is-a-file", file = path.display()))
                    .hint(say!("init-there-is-a-file-to-do")),
            };
            if !self.is_asking {
                return Err(wrong);
            }
            self.say(wrong.message());
            let answer = self.line(&format!("{}:", text!("init-another-name"))).await?;
            match answer.as_str() {
                "" => {}
                yes if asking::is_yes(yes) && path.is_file() => return Ok((path, true)),
                other => {
                    path = pasted::path(other);
                    if path.extension().is_none() {
                        path.set_extension("toml");
                    }
                }
            }
        }
    }

    async fn environment(&self, args: &InitArgs) -> Result<Environment, Failure> {
        let question = Question {
            flag: "--environment",
            given: args.environment.as_deref(),
            above: text!("init-environment").to_owned(),
            asked: text!("init-one-to-three-or-an-address").to_owned(),
            default: Some("3".to_owned()),
        };
        self.answer(question, |typed| {
            let named = match typed {
                "1" => "prod".to_owned(),
                "2" => "tt02".to_owned(),
                "3" => "sandbox".to_owned(),
                other => other.to_lowercase(),
            };
            let wrong = || Environment::parse(&named).err().unwrap_or_default();
            Environment::parse(&named).map_err(|_| Failure::nothing_sent(Lazy(wrong)))
        })
        .await
    }

    async fn firm(&self, args: &InitArgs, environment: &Environment) -> Result<OrganisationNumber, Failure> {
        let default = (*environment == Environment::Sandbox).then(|| facilitator().to_string());
        let question = Question {
            flag: "--facilitator",
            given: args.facilitator.as_deref(),
            above: String::new(),
            asked: text!("init-firm").to_owned(),
            default,
        };
        self.answer(question, |typed| {
            OrganisationNumber::parse(typed).map_err(|error| {
                Failure::nothing_sent(say!(
                    "init-answer-is-wrong",
                    typed = format!("{:?}", typed),
                    why = error
                ))
            })
        })
        .await
    }

    /// The firm's name and the system user, as Altinn has them. Whether Altinn was asked.
    async fn system_user(&self, args: &InitArgs, draft: &mut Draft) -> Result<bool, Failure> {
        let mut args = args.clone();
        loop {
            self.say(say!("init-asking-altinn", environment = draft.environment.name()));
            match self.known(draft).await {
                Ok(known) => {
                    let number = draft.facilitator.to_string();
                    match known.name.as_str() {
                        "" => self.say(say!("init-firm-known", number = number)),
                        name => self.say(say!("init-firm-is", number = number, name = name)),
                    }
                    let agent = self.agent(&known, args.agent.as_deref()).await?;
                    draft.facilitator_name = known.name;
                    draft.agent = Some((agent.id.to_string(), altinn::remark(&agent)));
                    return Ok(true);
                }
                Err(NotKnown::NotAsked(wrong)) if wrong.exit == Exit::Interrupted => return Err(wrong),
                Err(NotKnown::NoSuchFirm) => {
                    let (number, there) = (draft.facilitator.to_string(), draft.environment.name());
                    let wrong = Failure::nothing_sent(say!(
                        "init-no-such-firm",
                        number = number,
                        environment = there
                    ));
                    if !self.is_asking {
                        return Err(wrong);
                    }
                    self.tell(&wrong);
                    args.facilitator = None;
                    draft.facilitator = self.firm(&args, &draft.environment).await?;
                }
                Err(NotKnown::NotAsked(wrong)) if self.is_asking => {
                    self.tell(&wrong);
                    let question = Question {
                        flag: "--agent",
                        given: None,
                        above: text!("init-not-looked-up").to_owned(),
                        asked: text!("init-one-to-three").to_owned(),
                        default: Some("1".to_owned()),
                    };
                    match self.choice(question, &["again", "sign-in", "write"]).await? {
                        "again" => {}
                        "sign-in" if draft.environment != Environment::Sandbox => {
                            args.forget_sign_in();
                            self.sign_in(&args, draft).await?;
                        }
                        _ => {
                            let agent = self.unasked_agent(args.agent.as_deref()).await?;
                            draft.agent = Some((agent.to_string(), text!("init-file-agent").to_owned()));
                            return Ok(false);
                        }
                    }
                }
                Err(NotKnown::NotAsked(wrong)) => {
                    // Whoever gives its UUID can have the job file before anybody has signed in.
                    let given = args.agent.as_deref();
                    let Some(agent) = given.and_then(|agent| agent.parse::<AgentId>().ok()) else {
                        return Err(wrong);
                    };
                    self.tell(&wrong);
                    draft.agent = Some((agent.to_string(), text!("init-file-agent").to_owned()));
                    return Ok(false);
                }
            }
        }
    }
}

/// A job is called as its file is, as far as a job may be called so.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let letters = stem.replace('æ', "ae").replace('ø', "o").replace('å', "a");
    let fits = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit();
    let name: String = letters.chars().map(|one| if fits(one) { one } else { '-' }).take(64).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { NAME.to_owned() } else { name.to_owned() }
}
