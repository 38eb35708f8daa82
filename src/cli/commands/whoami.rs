//! `fullmakt whoami`.

use std::{fmt, path::PathBuf};

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure, Told},
    job::JobFile,
    place::Place,
    session::asking_once,
};
use crate::{
    altinn::{TokenSource, auth::NEEDED_SCOPES},
    engine::{EngineError, Interrupter, Party},
    model::{Doors, JobKind, SecondDoor, Writes},
    report::{approximately, clock_time},
    words::{Lazy, Wording, say, text},
};

/// Say who is signed in, with which scopes, until when, and which APIs are open
///
/// Signs in first where that needs nobody (Maskinporten). Exit code 3 when a run would be refused: a scope is missing, or no API
/// that it needs is open.
#[derive(Debug, Args)]
pub(crate) struct WhoamiArgs {
    /// The job file
    job: PathBuf,
}

pub(crate) async fn whoami(args: WhoamiArgs, context: &Context) -> Result<Exit, Failure> {
    let file = JobFile::read(&args.job)?;
    let place = Place::of(&file, context).await?;
    let tokens = place.tokens().await?;
    let doors = DoorsView::asked(&file, &place, &tokens, context).await?;
    let identity = Identity { doors: Some(doors), ..Identity::of(&tokens, &place) };
    context.output.answer(&identity, &identity);
    Ok(identity.exit())
}

/// Who is signed in.
#[derive(Serialize)]
pub(crate) struct Identity {
    /// In words; none when the token does not say.
    who: Option<Wording>,
    /// `token`, `id-porten` or `maskinporten`; `none` for the sandbox without a sign-in.
    method: &'static str,
    /// Where the token comes from.
    from: Wording,
    environment: String,
    /// None when the token does not say.
    scopes: Option<Vec<String>>,
    /// Of the two that a run needs; empty when none is missing or the token does not say.
    missing_scopes: Vec<&'static str>,
    /// None when the token does not say.
    expires_at: Option<Timestamp>,
    /// None where Altinn was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    doors: Option<DoorsView>,
}

/// Which of Altinn's APIs are open to the sign-in.
#[derive(Serialize)]
pub(crate) struct DoorsView {
    /// The first API: system users and their packages, for every sign-in; clients, for persons.
    delegation: DoorView,
    /// The second API: clients with their packages, for persons and system users.
    administration: DoorView,
    /// What this job's runs go through: `delegation` or `administration`; none where a run would be refused.
    runs_through: Option<&'static str>,
    /// What each kind of job needs, and whether it is there.
    kinds: Vec<KindView>,
}

/// What a kind of job needs of Altinn.
#[derive(Serialize)]
struct KindView {
    kind: JobKind,
    /// The lists that are read: of one system user, or of two.
    lists_of: u8,
    /// Whether the lists can be read, and clients changed, with this sign-in.
    open: bool,
}

impl KindView {
    fn of(kind: JobKind, open: bool) -> Self {
        Self { kind, lists_of: if kind.moves() { 2 } else { 1 }, open }
    }
}

#[derive(Serialize)]
struct DoorView {
    open: bool,
    /// Why it is shut, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Told>,
}

impl DoorView {
    fn of<T>(asked: &Result<T, EngineError>) -> Self {
        let why = asked.as_ref().err().map(|error| match error {
            EngineError::Halted(halted) => {
                Told::of(&Lazy(|| format!("{}: {}", halted.cause.explanation(), halted.cause.hint())))
            }
            error => Told::of(error),
        });
        Self { open: why.is_none(), why }
    }
}

impl DoorsView {
    /// Asks both APIs for the shortest list that each has.
    pub(crate) async fn asked(
        file: &JobFile,
        place: &Place,
        tokens: &TokenSource,
        context: &Context,
    ) -> Result<Self, Failure> {
        let job = &file.job;
        let token = tokens.current();
        let claims = token.claims();
        let (_interrupter, interrupt) = Interrupter::new();
        let engine = asking_once(file, place, tokens, interrupt, context)?;
        let delegation = DoorView::of(&engine.agents().await);
        let must = Doors { second: SecondDoor::Must, writes: Writes::ThroughAdministration };
        let party = Party { configured: job.facilitator_id, may_look_up: claims.may_list_parties() };
        let administration = DoorView::of(&engine.open_doors(must, party).await.map(drop));
        let doors = Doors::of(job.api, claims.is_system_user);
        let runs_through = match (doors.second, doors.writes) {
            (SecondDoor::Must, _) => (administration.open && delegation.open).then_some("administration"),
            _ => (delegation.open && !claims.is_system_user).then_some("delegation"),
        };
        let open = runs_through.is_some() && claims.missing_scopes().is_empty();
        let kinds = JobKind::of_job_files().map(|kind| KindView::of(kind, open)).collect();
        Ok(Self { delegation, administration, runs_through, kinds })
    }
}

impl DoorsView {
    /// Which API this job's runs go through; where it is none, why each is shut.
    pub(crate) fn way(&self) -> Result<&'static str, Vec<&Told>> {
        let shut =
            || [&self.delegation, &self.administration].into_iter().filter_map(|door| door.why.as_ref());
        self.runs_through.ok_or_else(|| shut().collect())
    }
}

impl fmt::Display for DoorsView {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut door = |name: &str, door: &DoorView, gives: &str| -> fmt::Result {
            match &door.why {
                None => writeln!(out, "  {}", say!("cli-door-open", door = name, gives = gives)),
                Some(why) => writeln!(out, "  {}", say!("cli-door-shut", door = name, why = why)),
            }
        };
        door(
            text!("cli-first-api"),
            &self.delegation,
            text!("cli-system-users-and-their-packages-clients-for"),
        )?;
        door(
            text!("cli-second-api"),
            &self.administration,
            text!("cli-clients-with-their-packages-for-persons-and"),
        )?;
        let through = match self.runs_through {
            Some("administration") => text!("cli-through-the-second-api"),
            Some(_) => text!("cli-through-the-first-api"),
            None => text!("cli-through-neither-fullmakt-run-would-be-refused"),
        };
        writeln!(out, "  {}", say!("cli-jobs", through = through))?;
        for lists_of in [1, 2] {
            let kinds: Vec<&KindView> = self.kinds.iter().filter(|kind| kind.lists_of == lists_of).collect();
            let names: Vec<&str> = kinds.iter().map(|kind| kind.kind.as_str()).collect();
            let lists = if lists_of == 1 {
                text!("cli-both-lists-of-its-system-user")
            } else {
                text!("cli-the-lists-of-both-system-users")
            };
            let can = if kinds.iter().all(|kind| kind.open) { text!("cli-yes") } else { text!("cli-no") };
            writeln!(
                out,
                "    {}",
                say!("cli-and-changes", kinds = names.join(", "), lists = lists, can = can)
            )?;
        }
        let can = if self.runs_through.is_some() { text!("cli-yes") } else { text!("cli-no") };
        writeln!(out, "    {}", say!("cli-plan-verify-clients-access-the-lists-alone", can = can))
    }
}

impl Identity {
    pub(crate) fn of(tokens: &TokenSource, place: &Place) -> Self {
        let token = tokens.current();
        let claims = token.claims();
        Self {
            who: claims.who.clone(),
            method: place.sign_in.as_ref().map_or("none", |sign_in| sign_in.auth.method()),
            from: tokens.name(),
            environment: place.environment.clone(),
            scopes: claims.scopes.as_ref().map(|scopes| scopes.iter().cloned().collect()),
            missing_scopes: claims.missing_scopes(),
            expires_at: claims.expires_at,
            doors: None,
        }
    }

    /// A sign-in that a run cannot use is none.
    pub(crate) fn exit(&self) -> Exit {
        let no_door = self.doors.as_ref().is_some_and(|doors| doors.runs_through.is_none());
        if self.missing_scopes.is_empty() && !no_door { Exit::Done } else { Exit::Stopped }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.who {
            Some(who) => {
                writeln!(
                    out,
                    "{}",
                    say!("cli-signed-in-to-as", environment = self.environment, who = who.said())
                )?;
            }
            None => writeln!(
                out,
                "{}",
                say!("cli-there-is-a-token-for-it-does-not-say-whose-it", environment = self.environment)
            )?,
        }
        writeln!(out, "  {}", say!("cli-by", from = self.from.said()))?;
        match &self.scopes {
            None => writeln!(out, "  {}", text!("cli-scopes-the-token-does-not-say"))?,
            Some(scopes) => writeln!(out, "  {}", say!("cli-scopes", scopes = scopes.join(" ")))?,
        }
        match self.missing_scopes.as_slice() {
            [] if self.scopes.is_some() => {
                writeln!(out, "               {}", text!("cli-both-that-a-run-needs-are-there"))?;
            }
            [] => {}
            missing => {
                let both = NEEDED_SCOPES.join(text!("cli-and"));
                writeln!(
                    out,
                    "  {}",
                    say!("cli-missing-a-run-needs", missing = missing.join(text!("cli-and")), both = both)
                )?;
            }
        }
        match self.expires_at {
            None => writeln!(out, "  {}", text!("cli-until-the-token-does-not-say"))?,
            Some(at) => {
                let left = at.duration_since(crate::clock::now()).unsigned_abs();
                writeln!(
                    out,
                    "  {}",
                    say!("cli-until-the-token-left", at = clock_time(at), left = approximately(left))
                )?;
            }
        }
        match &self.doors {
            Some(doors) => write!(out, "{doors}"),
            None => Ok(()),
        }
    }
}
