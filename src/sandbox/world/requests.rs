//! Requests for system users for clients, as a vendor makes them and a person of the firm answers them. A request that is
//! approved becomes an agent of the world.
//!
//! The source of every answer is the documentation's part about the vendor's side. Where it is silent: a system user that is
//! there is said before a request that is, and a request is looked for by its id (AUTH-00010) or its reference (AUTH-00030).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Value, json};
use strum::{Display, EnumString};
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::World;
use crate::{
    model::{AgentId, AgentKind, OrganisationNumber},
    sandbox::{
        chance,
        parties::SandboxAgent,
        problem,
        request::{Method, Reply, Request},
        roles::is_delegable,
        tokens::Vendor,
    },
};

#[cfg(test)]
mod tests;

/// The beginning of every path of requests for system users.
pub(super) const SYSTEM_USERS_PATH: &str = "/authentication/api/v1/systemuser";

/// Where a person of the firm answers a request, in a browser. Altinn's own page stands on a host of its own.
const PAGE_PATH: &str = "/accessmanagement/ui/systemuser/agentrequest";

/// How many requests are on a page.
const PAGE: usize = 50;

/// A system in Altinn's register: a vendor's product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxSystem {
    /// Its id, such as `sandkasse_lonn`.
    pub id: String,
    /// Whose it is.
    pub vendor: OrganisationNumber,
    /// The packages that it is registered with, by URN.
    pub packages: Vec<String>,
    /// The addresses that a person may be sent back to.
    pub redirects: Vec<String>,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString, Serialize, Deserialize)]
pub enum RequestStatus {
    /// Nobody has answered it.
    New,
    /// Approved: there is a system user.
    Accepted,
    /// Rejected in Altinn's pages.
    Rejected,
    /// Denied in Altinn's pages.
    Denied,
}

/// A request for a system user.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SystemUserRequest {
    id: Uuid,
    system: String,
    #[serde(deserialize_with = "number")]
    firm: OrganisationNumber,
    external_ref: String,
    title: String,
    packages: Vec<String>,
    redirect: Option<String>,
    #[serde(skip, default = "for_clients")]
    kind: AgentKind,
    status: RequestStatus,
    /// Older than 180 days: `status` still says `New`.
    timed_out: bool,
    /// How many were made before it.
    ordinal: u32,
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OrganisationNumber, D::Error> {
    OrganisationNumber::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// A store keeps no others: nobody can ask a sandbox for them.
fn for_clients() -> AgentKind {
    AgentKind::Agent
}

/// What the register knows of systems, and the requests that have been made.
#[derive(Debug, Clone, Default)]
pub(super) struct Requests {
    systems: Vec<SandboxSystem>,
    made: Vec<SystemUserRequest>,
    count: u32,
    /// Those that were made, answered, timed out or deleted, in order: what a store has to write.
    changed: Vec<Uuid>,
    /// How many requests were made for each firm.
    asked: BTreeMap<OrganisationNumber, usize>,
}

/// What a vendor asks for.
#[derive(Debug)]
pub(super) enum VendorCall {
    Make { body: Vec<u8> },
    ById(String),
    ByReference { system: String, firm: String, external_ref: String },
    BySystem { system: String, from: usize },
    Delete(String),
    SystemUser { system: String, firm: String, external_ref: Option<String> },
    Change { agent: Option<AgentId> },
}

impl VendorCall {
    /// What the request asks for; `None` where its path is none of these.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let path = request.path.strip_prefix(SYSTEM_USERS_PATH)?;
        let parameter = |name: &str| request.parameter(name).unwrap_or_default().to_owned();
        let parts: Vec<String> = path.trim_matches('/').split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (request.method, parts.as_slice()) {
            (Method::Post, ["request", "vendor", "agent"]) => Some(Self::Make { body: request.body.clone() }),
            (Method::Get, ["request", "vendor", "agent", id]) => Some(Self::ById((*id).to_owned())),
            (Method::Get, ["request", "vendor", "agent", "bysystem", system]) => {
                let from = parameter("token").parse().unwrap_or(0);
                Some(Self::BySystem { system: (*system).to_owned(), from })
            }
            (Method::Get, ["request", "vendor", "agent", "byexternalref", system, firm, external_ref]) => {
                let [system, firm, external_ref] = [*system, *firm, *external_ref].map(str::to_owned);
                Some(Self::ByReference { system, firm, external_ref })
            }
            (Method::Delete, ["request", "vendor", id]) => Some(Self::Delete((*id).to_owned())),
            (Method::Get, ["vendor", "byquery"]) => Some(Self::SystemUser {
                system: parameter("system-id"),
                firm: parameter("orgno"),
                external_ref: request.parameter("external-ref").map(str::to_owned),
            }),
            (Method::Post, ["changerequest", "vendor"]) => {
                Some(Self::Change { agent: parameter("system-user-id").parse().ok() })
            }
            _ => None,
        }
    }

    /// Whether the scope that writes is needed: for the look-up of a system user it is, too.
    fn writes(&self) -> bool {
        !matches!(self, Self::ById(_) | Self::ByReference { .. } | Self::BySystem { .. })
    }

    /// The answer of the front door, where it does not let the vendor in.
    pub(super) fn refused(&self, vendor: Option<Vendor>, has_token: bool) -> Option<Reply> {
        match vendor {
            None if has_token => Some(problem::plain(401, "AUTH-00023", "No organisation in the token.")),
            None => Some(Reply::empty(401)),
            Some(vendor) => {
                let has_scope = if self.writes() { vendor.writes } else { vendor.reads };
                (!has_scope).then(|| Reply::empty(403))
            }
        }
    }
}

/// A piece of a path as it was meant.
fn decoded(piece: &str) -> String {
    let encoded = piece.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(encoded.as_bytes()).next().map(|(piece, _)| piece.into_owned()).unwrap_or_default()
}

/// The body of a request for a system user.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Wanted {
    system_id: String,
    party_org_no: String,
    access_packages: Vec<Package>,
    external_ref: Option<String>,
    redirect_url: Option<String>,
    integration_title: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Package {
    urn: String,
}

/// No answer but this one.
fn refuse(status: u16, code: &'static str, text: &str) -> Reply {
    problem::plain(status, code, text)
}

impl World {
    /// Puts a system into the register.
    pub fn add_system(&mut self, system: SandboxSystem) -> &mut Self {
        self.requests_made.systems.push(system);
        self
    }

    /// A person of the firm answers a request. Approved, it becomes an agent, whose id is the answer.
    pub fn answer_request(&mut self, id: Uuid, status: RequestStatus) -> Option<AgentId> {
        let request = self.requests_made.made.iter_mut().find(|request| request.id == id)?;
        if request.status != RequestStatus::New || request.timed_out {
            return None;
        }
        request.status = status;
        let request = request.clone();
        self.requests_made.changed.push(id);
        (status == RequestStatus::Accepted).then(|| self.add_agent_of(request))
    }

    /// The agent that an approved request becomes.
    fn add_agent_of(&mut self, request: SystemUserRequest) -> AgentId {
        let id = request.id;
        let agent = AgentId(chance::uuid(0x5e0d, &chance::halves(id)));
        let packages: Vec<&str> = request.packages.iter().map(String::as_str).collect();
        let mut added = SandboxAgent::new(agent, request.firm, &packages);
        added.listed.title = request.title;
        added.listed.system_id = request.system;
        added.listed.external_ref = Some(request.external_ref);
        added.listed.kind = request.kind;
        self.add_agent(added);
        agent
    }

    /// The requests that changed since the first `from` changes, each as a line of a store has it; `-` for one that is gone.
    pub(in crate::sandbox) fn changed_requests(&self, from: usize) -> Vec<(Uuid, String)> {
        let changed = self.requests_made.changed.get(from..).unwrap_or_default();
        let line = |id: &Uuid| {
            let made = self.requests_made.made.iter().find(|made| made.id == *id);
            (*id, made.and_then(|made| serde_json::to_string(made).ok()).unwrap_or_else(|| "-".to_owned()))
        };
        changed.iter().map(line).collect()
    }

    /// How many changes of requests there were.
    pub(in crate::sandbox) fn request_changes(&self) -> usize {
        self.requests_made.changed.len()
    }

    /// Takes in what a store has of a request: it is no change of this world's own.
    pub(in crate::sandbox) fn set_request(&mut self, id: Uuid, line: &str) {
        let kept: Option<SystemUserRequest> = serde_json::from_str(line).ok();
        let requests = &mut self.requests_made;
        let Some(kept) = kept else {
            requests.made.retain(|made| made.id != id);
            return;
        };
        requests.count = requests.count.max(kept.ordinal + 1);
        match requests.made.iter_mut().find(|made| made.id == id) {
            Some(made) => *made = kept.clone(),
            None => requests.made.push(kept.clone()),
        }
        if kept.status == RequestStatus::Accepted {
            self.add_agent_of(kept);
        }
    }

    /// The requests that nobody has answered, with their firms, in the order in which they were made.
    pub fn open_requests(&self) -> Vec<(Uuid, OrganisationNumber)> {
        let open = |made: &&SystemUserRequest| made.status == RequestStatus::New && !made.timed_out;
        self.requests_made.made.iter().filter(open).map(|made| (made.id, made.firm)).collect()
    }

    /// How many requests were made for the firm, withdrawn ones among them.
    pub fn requests_of(&self, firm: OrganisationNumber) -> usize {
        self.requests_made.asked.get(&firm).copied().unwrap_or(0)
    }

    /// The page on which a request is answered: shown first, and with `answer` done.
    pub(super) fn request_page(&mut self, request: &Request) -> Option<Reply> {
        if request.path != PAGE_PATH || request.method != Method::Get {
            return None;
        }
        let id = request.parameter("id").and_then(|id| id.parse::<Uuid>().ok());
        let answer = request.parameter("answer").and_then(|answer| answer.parse::<RequestStatus>().ok());
        if let (Some(id), Some(answer)) = (id, answer) {
            self.answer_request(id, answer);
        }
        let Some(shown) = self.requests_made.made.iter().find(|request| Some(request.id) == id) else {
            return Some(Reply::with_body(404, "text/plain; charset=utf-8", "there is no such request"));
        };
        let (firm, system, status) = (shown.firm, &shown.system, shown.status);
        let link = |answer: RequestStatus| {
            format!("<p><a href=\"{PAGE_PATH}?id={}&amp;answer={answer}\">{answer}</a></p>", shown.id)
        };
        let links =
            [RequestStatus::Accepted, RequestStatus::Rejected, RequestStatus::Denied].map(link).concat();
        let links = if status == RequestStatus::New && !shown.timed_out { links } else { String::new() };
        let page = format!(
            "<!doctype html><html lang=\"en\"><title>Sandbox</title><h1>System user of {system} for {firm}</h1>\
             <p>{status}</p>{links}</html>"
        );
        Some(Reply::with_body(200, "text/html; charset=utf-8", page))
    }

    /// Half a year goes by, for every request that nobody has answered.
    pub fn let_requests_time_out(&mut self) {
        let open: Vec<Uuid> = self.open_requests().into_iter().map(|(id, _)| id).collect();
        for id in open {
            self.let_request_time_out(id);
        }
    }

    /// Half a year goes by for this request.
    pub fn let_request_time_out(&mut self, id: Uuid) {
        let made = self.requests_made.made.iter_mut().find(|made| made.id == id);
        if let Some(request) = made.filter(|made| made.status == RequestStatus::New) {
            request.timed_out = true;
            self.requests_made.changed.push(id);
        }
    }

    /// Answers a vendor.
    pub(super) fn answer_vendor(&mut self, call: VendorCall, vendor: Vendor) -> Reply {
        let answered = match call {
            VendorCall::Make { body } => self.make_request(&body, vendor),
            VendorCall::ById(id) => self.request_by_id(&id, vendor).map(|request| self.shown(request, true)),
            VendorCall::ByReference { system, firm, external_ref } => {
                self.own_system(&system, vendor).and_then(|_| {
                    let firm = OrganisationNumber::parse(&firm).ok();
                    let found =
                        firm.and_then(|firm| self.request_of(&system, firm, &external_ref, AgentKind::Agent));
                    found
                        .map(|request| self.shown(request, true))
                        .ok_or_else(|| refuse(404, "AUTH-00030", "The request was not found."))
                })
            }
            VendorCall::BySystem { system, from } => self.requests_by_system(&system, from, vendor),
            VendorCall::Delete(id) => self.request_by_id(&id, vendor).map(|request| request.id).map(|id| {
                self.requests_made.made.retain(|request| request.id != id);
                self.requests_made.changed.push(id);
                Reply::empty(202)
            }),
            VendorCall::SystemUser { system, firm, external_ref } => {
                self.system_user(&system, &firm, external_ref.as_deref(), vendor)
            }
            VendorCall::Change { agent } => Err(self.change_refused(agent)),
        };
        answered.unwrap_or_else(|refused| refused)
    }

    fn make_request(&mut self, body: &[u8], vendor: Vendor) -> Result<Reply, Reply> {
        let wanted: Wanted = serde_json::from_slice(body)
            .map_err(|_| problem::unreadable(&[("body", "")], u64::from(self.requests_made.count)))?;
        let system = self.own_system(&wanted.system_id, vendor)?.clone();
        let firm = OrganisationNumber::parse(&wanted.party_org_no).ok();
        let firm = firm.filter(|firm| self.facilitators.contains(firm));
        let firm = firm.ok_or_else(|| refuse(400, "AUTH-00000", "The organisation was not found."))?;
        let packages: Vec<String> = wanted.access_packages.into_iter().map(|package| package.urn).collect();
        may_ask_for(&system, &packages)?;
        may_come_back_to(&system, wanted.redirect_url.as_deref())?;
        let external_ref = wanted.external_ref.unwrap_or_else(|| firm.to_string());
        if self.has_system_user(&system.id, firm, &external_ref) {
            return Err(refuse(400, "AUTH-00004", "The system user exists already."));
        }
        if let Some(standard) = self.request_of(&system.id, firm, &external_ref, AgentKind::Standard) {
            return Err(standard_is_there(standard));
        }
        if let Some(there) = self.request_of(&system.id, firm, &external_ref, AgentKind::Agent) {
            return Ok(self.shown(there, true));
        }
        let made = self.requests_made.make(SystemUserRequest {
            id: Uuid::nil(),
            title: wanted.integration_title.unwrap_or_else(|| system.id.clone()),
            system: system.id,
            firm,
            external_ref,
            packages,
            redirect: wanted.redirect_url,
            kind: AgentKind::Agent,
            status: RequestStatus::New,
            timed_out: false,
            ordinal: 0,
        });
        let location = format!("{SYSTEM_USERS_PATH}/request/vendor/agent/{}", made.id);
        Ok(Reply { status: 201, location: Some(location), ..self.shown(&made, true) })
    }

    /// Another vendor's system is as unknown as one that is not there.
    fn own_system(&self, id: &str, vendor: Vendor) -> Result<&SandboxSystem, Reply> {
        let own = |system: &&SandboxSystem| system.id == id && system.vendor == vendor.organisation;
        let found = self.requests_made.systems.iter().find(own);
        found.ok_or_else(|| refuse(404, "AUTH-00011", "The system was not found."))
    }

    fn request_by_id(&self, id: &str, vendor: Vendor) -> Result<&SystemUserRequest, Reply> {
        let found = self.requests_made.made.iter().find(|request| request.id.to_string() == id);
        let own = found.filter(|request| self.own_system(&request.system, vendor).is_ok());
        own.ok_or_else(|| refuse(404, "AUTH-00010", "The request was not found."))
    }

    fn request_of(
        &self,
        system: &str,
        firm: OrganisationNumber,
        external_ref: &str,
        kind: AgentKind,
    ) -> Option<&SystemUserRequest> {
        self.requests_made.made.iter().find(|request| {
            request.system == system
                && request.firm == firm
                && request.external_ref == external_ref
                && request.kind == kind
        })
    }

    fn system_user_of(
        &self,
        system: &str,
        firm: OrganisationNumber,
        external_ref: &str,
    ) -> Option<&SandboxAgent> {
        self.agents().find(|agent| {
            agent.facilitator == firm
                && agent.listed.system_id == system
                && !agent.listed.deleted
                && match &agent.listed.external_ref {
                    Some(reference) => reference == external_ref,
                    None => external_ref == firm.to_string(),
                }
        })
    }

    fn has_system_user(&self, system: &str, firm: OrganisationNumber, external_ref: &str) -> bool {
        self.system_user_of(system, firm, external_ref).is_some()
    }

    fn requests_by_system(&self, system: &str, from: usize, vendor: Vendor) -> Result<Reply, Reply> {
        self.own_system(system, vendor)?;
        let all: Vec<&SystemUserRequest> = self
            .requests_made
            .made
            .iter()
            .filter(|request| request.system == system && request.kind == AgentKind::Agent)
            .collect();
        let page: Vec<Value> =
            all.iter().skip(from).take(PAGE).map(|request| self.document(request, false)).collect();
        let goes_on = all.len() > from + PAGE;
        let origin = &self.lists.origin;
        let next = goes_on.then(|| {
            format!(
                "{origin}{SYSTEM_USERS_PATH}/request/vendor/agent/bysystem/{system}?token={}",
                from + PAGE
            )
        });
        Ok(Reply::json(200, &json!({ "links": { "next": next }, "data": page })))
    }

    fn system_user(
        &self,
        system: &str,
        firm: &str,
        external_ref: Option<&str>,
        vendor: Vendor,
    ) -> Result<Reply, Reply> {
        self.own_system(system, vendor)?;
        let found = OrganisationNumber::parse(firm)
            .ok()
            .and_then(|firm| self.system_user_of(system, firm, external_ref.unwrap_or(&firm.to_string())));
        let agent = found.ok_or_else(|| Reply::empty(404))?;
        let listed = &agent.listed;
        Ok(Reply::json(
            200,
            &json!({
                "id": listed.id, "integrationTitle": listed.title, "systemId": listed.system_id,
                "reporteeOrgNo": agent.facilitator.to_string(), "externalRef": listed.external_ref,
                "created": listed.created, "isDeleted": false,
            }),
        ))
    }

    /// An agent's packages cannot be changed by a request.
    fn change_refused(&self, agent: Option<AgentId>) -> Reply {
        let known = agent.is_some_and(|agent| self.agents().any(|there| there.listed.id == agent));
        let text = if known {
            "The system user cannot be changed by a request."
        } else {
            "The system user was not found."
        };
        refuse(404, "AUTH-00015", text)
    }

    fn shown(&self, request: &SystemUserRequest, with_link: bool) -> Reply {
        Reply::json(200, &self.document(request, with_link))
    }

    fn document(&self, request: &SystemUserRequest, with_link: bool) -> Value {
        let id = request.id;
        let packages: Vec<Value> = request.packages.iter().map(|urn| json!({ "urn": urn })).collect();
        let mut document = json!({
            "id": id, "integrationTitle": request.title, "externalRef": request.external_ref,
            "systemId": request.system, "partyOrgNo": request.firm.to_string(), "accessPackages": packages,
            "status": request.status.to_string(), "redirectUrl": request.redirect, "escalated": false,
            "created": format!("2026-07-{:02}T08:00:00Z", 1 + request.ordinal % 28), "timedOut": request.timed_out,
        });
        if with_link {
            let origin = &self.lists.origin;
            document["confirmUrl"] = json!(format!("{origin}{PAGE_PATH}?id={id}&DONTCHOOSEREPORTEE=true"));
        }
        document
    }
}

impl Requests {
    fn make(&mut self, request: SystemUserRequest) -> SystemUserRequest {
        let ordinal = self.count;
        self.count += 1;
        let id = chance::uuid(0x9e01, &[u64::from(ordinal)]);
        let made = SystemUserRequest { id, ordinal, ..request };
        self.made.push(made.clone());
        self.changed.push(id);
        *self.asked.entry(made.firm).or_default() += 1;
        made
    }
}

/// A system user for the firm's own use has been asked for by this reference.
fn standard_is_there(standard: &SystemUserRequest) -> Reply {
    let (code, text) = match standard.status {
        RequestStatus::Accepted => ("AUTH-00006", "A request for a system user has been accepted."),
        RequestStatus::New => ("AUTH-00007", "A request for a system user is pending."),
        RequestStatus::Denied => ("AUTH-00008", "A request for a system user has been denied."),
        RequestStatus::Rejected => ("AUTH-00009", "A request for a system user has been rejected."),
    };
    refuse(400, code, text)
}

fn may_ask_for(system: &SandboxSystem, packages: &[String]) -> Result<(), Reply> {
    if packages.is_empty() {
        return Err(refuse(400, "AUTH-00058", "One or more access packages must be given."));
    }
    if let Some(unknown) = packages.iter().find(|package| !system.packages.contains(package)) {
        let text = "One or more accesspackage is not found in the referenced system in the System Register.";
        return Err(problem::plain_with(400, "AUTH-00063", text, ("NotFoundPackages", unknown)));
    }
    if let Some(kept) = packages.iter().find(|package| !is_delegable(package)) {
        let text = "One or more accesspackage cannot be delegated to clients' system users.";
        return Err(problem::plain_with(400, "AUTH-00065", text, ("NotDelegablePackages", kept)));
    }
    Ok(())
}

/// An address has to be a registered one, up to its path.
fn may_come_back_to(system: &SandboxSystem, redirect: Option<&str>) -> Result<(), Reply> {
    let Some(redirect) = redirect else { return Ok(()) };
    let wanted = Url::parse(redirect).map_err(|_| Reply::empty(500))?;
    if system.redirects.is_empty() {
        return Err(refuse(400, "AUTH-00026", "The system has no redirect address."));
    }
    let up_to_path = |url: &Url| (url.origin(), url.path().to_owned());
    let registered = system.redirects.iter().filter_map(|registered| Url::parse(registered).ok());
    if registered.map(|url| up_to_path(&url)).any(|known| known == up_to_path(&wanted)) {
        Ok(())
    } else {
        Err(refuse(400, "AUTH-00021", "The redirect address is not registered for the system."))
    }
}
