//! What the world is asked and what it answers: HTTP's words, without HTTP.

use super::tokens::{Grant, Vendor};
use crate::model::{AgentId, ClientId, OrganisationNumber, PartyId};

/// The beginning of every path of the client delegation API.
pub const BASE_PATH: &str = "/authentication/api/v1/enduser/systemuser";

/// The beginning of every path of access management's client delegation API.
pub const ADMINISTRATION_PATH: &str = "/accessmanagement/api/v1/enduser/clientdelegations";

/// Where the parties are listed that the caller may act for.
pub const PARTIES_PATH: &str = "/accessmanagement/api/v1/enduser/authorizedparties";

/// The token with both scopes.
pub const SANDBOX_TOKEN: &str = "sandbox";

/// The token of the vendor of every system in the sandbox, for requests for system users.
pub const VENDOR_TOKEN: &str = "sandbox-vendor";

/// The methods that mean something to the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Lists.
    Get,
    /// Delegates a client.
    Post,
    /// Removes one delegation of a client.
    Delete,
    /// Anything else: answered 405.
    Other,
}

/// One request, as it reached the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, without the query.
    pub path: String,
    /// The `agent` of the query, as it was written.
    pub agent: Option<String>,
    /// The `client` of the query, as it was written.
    pub client: Option<String>,
    /// The `party` of the query, as it was written.
    pub party: Option<String>,
    /// The `from` of the query: where a page begins. Only links that the world gave hold it.
    pub from: Option<String>,
    /// Everything in the query, in order.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What stood after `Bearer` in the authorization header.
    pub token: Option<String>,
    /// What the token may do, where the sandbox's own sign-in has given it; else the world looks it up.
    pub grant: Option<Grant>,
    /// The vendor that the token is of, where the sandbox's Maskinporten has given it.
    pub vendor: Option<Vendor>,
}

impl Request {
    /// `GET /agents`: the facilitator's system users.
    pub fn agents(party: OrganisationNumber) -> Self {
        Self { party: Some(party.to_string()), ..Self::to(Method::Get, "/agents") }
    }

    /// `GET /clients/available`: the clients that may be delegated to the agent.
    pub fn available(agent: AgentId) -> Self {
        Self { agent: Some(agent.to_string()), ..Self::to(Method::Get, "/clients/available") }
    }

    /// `GET /clients`: the clients that are delegated to the agent now.
    pub fn delegated(agent: AgentId) -> Self {
        Self { agent: Some(agent.to_string()), ..Self::to(Method::Get, "/clients") }
    }

    /// `POST /clients`: delegate the client to the agent.
    pub fn delegate(agent: AgentId, client: ClientId) -> Self {
        Self {
            client: Some(client.to_string()),
            agent: Some(agent.to_string()),
            ..Self::to(Method::Post, "/clients")
        }
    }

    /// `DELETE /clients`: remove one delegation of the client from the agent.
    pub fn remove(agent: AgentId, client: ClientId) -> Self {
        Self {
            client: Some(client.to_string()),
            agent: Some(agent.to_string()),
            ..Self::to(Method::Delete, "/clients")
        }
    }

    /// A vendor's request for a system user of this system at this firm, for payroll.
    #[cfg(test)]
    pub(super) fn ask_for_system_user(system: &str, firm: OrganisationNumber) -> Self {
        let body = serde_json::json!({
            "systemId": system, "partyOrgNo": firm.to_string(),
            "accessPackages": [{ "urn": super::parties::PAYROLL_PACKAGE }],
        });
        Self {
            path: "/authentication/api/v1/systemuser/request/vendor/agent".to_owned(),
            body: body.to_string().into_bytes(),
            ..Self::to(Method::Post, "").with_token(VENDOR_TOKEN)
        }
    }

    /// The same request with another token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// A request to a path under [`BASE_PATH`], with [`SANDBOX_TOKEN`] and no parameters.
    pub fn to(method: Method, path: &str) -> Self {
        Self {
            method,
            path: format!("{BASE_PATH}{path}"),
            agent: None,
            client: None,
            party: None,
            from: None,
            query: Vec::new(),
            body: Vec::new(),
            token: Some(SANDBOX_TOKEN.to_owned()),
            grant: None,
            vendor: None,
        }
    }

    /// A request to a path under [`ADMINISTRATION_PATH`] about this facilitator, with [`SANDBOX_TOKEN`].
    pub fn administration(method: Method, path: &str, party: PartyId, query: &[(&str, &str)]) -> Self {
        let mut request = Self {
            path: format!("{ADMINISTRATION_PATH}{path}"),
            query: vec![("party".to_owned(), party.to_string())],
            ..Self::to(method, "")
        };
        request.query.extend(query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        request
    }

    /// The first parameter of this name, as it was written.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(there, _)| there.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every parameter of this name.
    pub(super) fn parameters(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let named = self.query.iter().filter(move |(there, _)| there.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// What the path leads to, with or without a slash at its end.
    pub(super) fn route(&self) -> Option<Route> {
        if self.path == PARTIES_PATH {
            return Some(Route::Parties);
        }
        if let Some(path) = self.path.strip_prefix(ADMINISTRATION_PATH) {
            return match path.strip_suffix('/').unwrap_or(path) {
                "/clients" => Some(Route::FirmClients),
                "/clients/accesspackages" => Some(Route::ClientPackages),
                "/agents" => Some(Route::FirmAgents),
                "/agents/clients" => Some(Route::AgentClients),
                "/agents/accesspackages" => Some(Route::AgentPackages),
                _ => None,
            };
        }
        let path = self.path.strip_prefix(BASE_PATH)?;
        match path.strip_suffix('/').unwrap_or(path) {
            "/agents" => Some(Route::Agents),
            "/clients/available" => Some(Route::Available),
            "/clients" => Some(Route::Clients),
            _ => None,
        }
    }
}

/// The paths of the two APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Agents,
    Available,
    Clients,
    /// The second API: who can be delegated, and with what.
    FirmClients,
    /// The second API: who has what for one client.
    ClientPackages,
    /// The second API: the agents and their own assignments.
    FirmAgents,
    /// The second API: an agent's clients, to be removed.
    AgentClients,
    /// The second API: what an agent has, client by client.
    AgentPackages,
    /// The parties that the caller may act for.
    Parties,
}

impl Route {
    /// Whether access management answers it.
    pub(super) fn is_of_administration(self) -> bool {
        !matches!(self, Self::Agents | Self::Available | Self::Clients)
    }

    /// Whether it answers this method.
    pub(super) fn takes(self, method: Method) -> bool {
        match method {
            Method::Get => self != Self::AgentClients,
            Method::Post => matches!(self, Self::Clients | Self::FirmAgents | Self::AgentPackages),
            Method::Delete => {
                matches!(self, Self::Clients | Self::FirmAgents | Self::AgentPackages | Self::AgentClients)
            }
            Method::Other => false,
        }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`; `None` with an empty body.
    pub content_type: Option<&'static str>,
    /// The `Retry-After`, in seconds or as an HTTP date.
    pub retry_after: Option<String>,
    /// The `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A status and nothing else.
    pub fn empty(status: u16) -> Self {
        Self { status, content_type: None, retry_after: None, location: None, body: Vec::new() }
    }

    /// A status and a body of this type.
    pub fn with_body(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { content_type: Some(content_type), body: body.into(), ..Self::empty(status) }
    }

    /// A JSON document.
    pub fn json(status: u16, document: &serde_json::Value) -> Self {
        Self::with_body(status, "application/json; charset=utf-8", document.to_string())
    }

    /// The same answer with `Retry-After`, in seconds or as an HTTP date.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: impl Into<String>) -> Self {
        self.retry_after = Some(retry_after.into());
        self
    }
}
