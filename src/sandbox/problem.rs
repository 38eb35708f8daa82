//! What Altinn says when it says no: every row of its error table, in both of its dialects.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{chance, request::Reply};

/// The documented refusals and failures, and one that is in no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// 400 AUTH-00079: no longer (or never) a client of this facilitator.
    ClientNotFound,
    /// 400 AUTH-00080: the client lacks a package that the agent requires.
    PackageMissing,
    /// 400 AUTH-00063: the agent has no usable package.
    NoUsablePackage,
    /// 400 AUTH-00034: not a system user for client relationships.
    NotForClients,
    /// 400 AUTH.VLD-00015: the same, as a validation problem.
    StandardSystemUser,
    /// 400 AUTH.VLD-00014: the agent is not found.
    AgentNotFound,
    /// 400 AUTH.VLD-00014: the agent is missing or unreadable.
    AgentUnreadable,
    /// 400 AUTH.VLD-00016: the client is missing or unreadable.
    ClientUnreadable,
    /// 400 AUTH-00002: any failure behind a POST.
    DelegationFailed,
    /// 400 AUTH-00031: any failure behind a DELETE.
    PartyDoesNotMatch,
    /// 400 AUTH-00045: any failure behind a list, or behind the check inside a POST.
    GetClientsFailed,
    /// 400 AUTH-00038 on `GET /clients`: the look-up of the party is refused.
    PartyLookUpRefused,
    /// 401 AUTH-00043: the service behind did not accept the token.
    TokenNotAcceptedBehind,
    /// 403 AUTH-00044: the service behind refused.
    RefusedBehind,
    /// 404 without a code: the system user's owner is unknown, or the register is out.
    SystemOwnerNotFound,
    /// 404 without a code: the party is unknown, or the register is out.
    PartyNotFound,
    /// 500 without a code.
    InternalServerError,
    /// 422 with a code that is in no table.
    Undocumented,
}

/// One row of the table: status, code (none for some) and text.
struct Row(u16, Option<&'static str>, &'static str);

impl Refusal {
    /// Every one of them, for tests that go through the table.
    pub const ALL: [Self; 18] = [
        Self::ClientNotFound,
        Self::PackageMissing,
        Self::NoUsablePackage,
        Self::NotForClients,
        Self::StandardSystemUser,
        Self::AgentNotFound,
        Self::AgentUnreadable,
        Self::ClientUnreadable,
        Self::DelegationFailed,
        Self::PartyDoesNotMatch,
        Self::GetClientsFailed,
        Self::PartyLookUpRefused,
        Self::TokenNotAcceptedBehind,
        Self::RefusedBehind,
        Self::SystemOwnerNotFound,
        Self::PartyNotFound,
        Self::InternalServerError,
        Self::Undocumented,
    ];

    /// The code that decides, where there is one: of a validation problem, that of its error.
    pub fn code(self) -> Option<&'static str> {
        self.row().1
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        self.row().0
    }

    /// The answer. The salt decides its dialect and its trace id.
    pub fn reply(self, salt: u64) -> Reply {
        if self.path().is_some() {
            return validation(&[self], salt);
        }
        let Row(status, code, text) = self.row();
        match (code, Dialect::of(salt)) {
            (Some(code), Dialect::Altinn) => problem(
                status,
                &json!({
                    "type": format!("urn:altinn:error:{code}"), "title": text, "status": status, "code": code,
                    "statusDescription": description(status), "traceId": trace_id(salt),
                }),
            ),
            (Some(code), Dialect::Framework) => problem(
                status,
                &json!({
                    "type": framework_type(status), "title": description(status), "status": status,
                    "detail": text, "code": code, "Problem Detail : ": text, "traceId": trace_id(salt),
                }),
            ),
            (None, _) => problem(
                status,
                &json!({
                    "type": framework_type(status), "title": text, "status": status, "traceId": trace_id(salt),
                }),
            ),
        }
    }

    fn row(self) -> Row {
        match self {
            Self::ClientNotFound => Row(400, Some("AUTH-00079"), "Client not found."),
            Self::PackageMissing => Row(
                400,
                Some("AUTH-00080"),
                "Client does not have the accesspackages the agent system user requires",
            ),
            Self::NoUsablePackage => Row(
                400,
                Some("AUTH-00063"),
                "One or more accesspackage is not found in the referenced system in the System Register.",
            ),
            Self::NotForClients => Row(
                400,
                Some("AUTH-00034"),
                "The system user type of the provided system user GUID is not an agent.",
            ),
            Self::StandardSystemUser => {
                Row(400, Some("AUTH.VLD-00015"), "System user is not a valid system user of type agent")
            }
            Self::AgentNotFound => Row(400, Some("AUTH.VLD-00014"), "System user not found"),
            Self::AgentUnreadable => {
                Row(400, Some("AUTH.VLD-00014"), "The agent query parameter is missing or invalid")
            }
            Self::ClientUnreadable => {
                Row(400, Some("AUTH.VLD-00016"), "The client query parameter is missing or invalid")
            }
            Self::DelegationFailed => Row(400, Some("AUTH-00002"), "The Delegation failed."),
            Self::PartyDoesNotMatch => {
                Row(400, Some("AUTH-00031"), "Party does not match delegation facilitator.")
            }
            Self::GetClientsFailed => Row(400, Some("AUTH-00045"), "Failed to get clients"),
            Self::PartyLookUpRefused => Row(400, Some("AUTH-00038"), "Delegation not found"),
            Self::TokenNotAcceptedBehind => Row(401, Some("AUTH-00043"), "Unauthorized"),
            Self::RefusedBehind => Row(403, Some("AUTH-00044"), "Forbidden"),
            Self::SystemOwnerNotFound => Row(404, None, "System Owner not Found"),
            Self::PartyNotFound => Row(404, None, "Party not found"),
            Self::InternalServerError => Row(500, None, "An error occurred while processing your request."),
            Self::Undocumented => {
                Row(422, Some("AUTH-00999"), "The client is in a state that no table knows.")
            }
        }
    }

    /// Where a validation error points; `None` for what is no validation error.
    fn path(self) -> Option<&'static str> {
        match self {
            Self::AgentNotFound | Self::AgentUnreadable | Self::StandardSystemUser => Some("?agent"),
            Self::ClientUnreadable => Some("?client"),
            _ => None,
        }
    }
}

/// Altinn's two ways of writing the same problem.
#[derive(Clone, Copy)]
enum Dialect {
    Altinn,
    Framework,
}

impl Dialect {
    fn of(salt: u64) -> Self {
        if chance::roll(salt, &[2]).is_multiple_of(2) { Self::Altinn } else { Self::Framework }
    }
}

/// A validation problem with every one of these errors.
pub(super) fn validation(errors: &[Refusal], salt: u64) -> Reply {
    let text_member = match Dialect::of(salt) {
        Dialect::Altinn => "title",
        Dialect::Framework => "detail",
    };
    let errors: Vec<Value> = errors
        .iter()
        .map(|error| {
            let Row(_, code, text) = error.row();
            json!({ "code": code, text_member: text, "paths": [error.path()] })
        })
        .collect();
    problem(
        400,
        &json!({
            "type": "urn:altinn:error:STD-00000", "title": "One or more validation errors occurred.",
            "status": 400, "code": "STD-00000", "validationErrors": errors, "traceId": trace_id(salt),
        }),
    )
}

/// A 404 without a code for a firm that is not known. Its `detail` names it.
pub(super) fn party_not_found(organisation: &str, salt: u64) -> Reply {
    problem(
        404,
        &json!({
            "type": framework_type(404), "title": "Party not found", "status": 404,
            "detail": format!("No party was found for the organisation number {organisation}."),
            "traceId": trace_id(salt),
        }),
    )
}

/// A validation problem of access management's: each error with its code, its text, where it points, and perhaps what it
/// is about, which is the name of a member.
pub(super) fn administration(errors: &[AdministrationError], salt: u64) -> Reply {
    let errors: Vec<Value> = errors
        .iter()
        .map(|error| {
            let mut document = json!({ "code": error.code, "detail": error.text(), "paths": [error.path] });
            if let Some(about) = &error.about {
                document[about] = json!("see the error's text");
            }
            document
        })
        .collect();
    problem(
        400,
        &json!({
            "title": "One or more validation errors occurred.", "status": 400,
            "detail": "One or more validation errors occurred.", "code": "STD-00000",
            "validationErrors": errors, "traceId": trace_id(salt),
        }),
    )
}

/// One error of access management's.
#[derive(Debug, Clone)]
pub(super) struct AdministrationError {
    pub code: &'static str,
    pub path: String,
    pub about: Option<String>,
}

impl AdministrationError {
    pub(super) fn new(code: &'static str, path: impl Into<String>) -> Self {
        Self { code, path: path.into(), about: None }
    }

    #[must_use]
    pub(super) fn about(self, about: impl Into<String>) -> Self {
        Self { about: Some(about.into()), ..self }
    }

    fn text(&self) -> &'static str {
        match self.code {
            "AM.VLD-00006" => "Entity does not exist.",
            "AM.VLD-00008" => "Entity is not of a type that can be an agent.",
            "AM.VLD-00026" => "User not authorized for operation.",
            "AM.VLD-00029" => "Role does not exist.",
            "AM.VLD-00030" => "Package does not exist.",
            "AM.VLD-00031" => "Assignment has active delegations.",
            "AM.VLD-00032" => "Assignment does not exist.",
            _ => "Package is not delegable.",
        }
    }
}

/// A problem with a code, in Altinn's own dialect.
pub(super) fn plain(status: u16, code: &str, text: &str) -> Reply {
    problem(
        status,
        &json!({ "type": format!("urn:altinn:error:{code}"), "title": text, "status": status, "code": code }),
    )
}

/// The same with one more member, which says what the problem is about.
pub(super) fn plain_with(status: u16, code: &str, text: &str, (name, about): (&str, &str)) -> Reply {
    problem(
        status,
        &json!({
            "type": format!("urn:altinn:error:{code}"), "title": text, "status": status, "code": code, name: about,
        }),
    )
}

/// The framework's own answer to a body that it cannot read.
pub(super) fn unreadable_body(salt: u64) -> Reply {
    unreadable(&[("values", "")], salt)
}

/// The framework's own answer to parameters that it cannot read, without a code.
pub(super) fn unreadable(parameters: &[(&str, &str)], salt: u64) -> Reply {
    let errors: serde_json::Map<String, Value> = parameters
        .iter()
        .map(|(name, value)| {
            let complaint = if value.is_empty() {
                format!("The {name} field is required.")
            } else {
                format!("The value '{value}' is not valid.")
            };
            ((*name).to_owned(), json!([complaint]))
        })
        .collect();
    problem(
        400,
        &json!({
            "type": framework_type(400), "title": "One or more validation errors occurred.",
            "status": 400, "errors": errors, "traceId": trace_id(salt),
        }),
    )
}

fn problem(status: u16, document: &Value) -> Reply {
    Reply::with_body(status, "application/problem+json; charset=utf-8", document.to_string())
}

fn trace_id(salt: u64) -> String {
    let trace = Uuid::from_u64_pair(chance::roll(salt, &[3]), chance::roll(salt, &[4]));
    format!("00-{}-{:016x}-00", trace.simple(), chance::roll(salt, &[5]))
}

fn description(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        422 => "Unprocessable Entity",
        _ => "Internal Server Error",
    }
}

fn framework_type(status: u16) -> &'static str {
    match status {
        401 => "https://tools.ietf.org/html/rfc9110#section-15.5.2",
        403 => "https://tools.ietf.org/html/rfc9110#section-15.5.4",
        404 => "https://tools.ietf.org/html/rfc9110#section-15.5.5",
        422 => "https://tools.ietf.org/html/rfc9110#section-15.5.21",
        500 => "https://tools.ietf.org/html/rfc9110#section-15.6.1",
        _ => "https://tools.ietf.org/html/rfc9110#section-15.5.1",
    }
}
