//! What Altinn writes on the wire about requests, read with patience: fields may be missing, null, or more than these.

use serde::Deserialize;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    altinn::http::{lenient_text, lenient_uuid},
    engine::SystemUserFound,
    model::{AgentId, FirmRequest, Link, OrganisationNumber, RequestId, RequestStanding, WantedSystemUser},
};

/// One request. Without a readable id it could be neither sent on nor withdrawn: an error.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Request {
    pub(super) id: Uuid,
    #[serde(default, deserialize_with = "lenient_text")]
    external_ref: String,
    #[serde(default, deserialize_with = "lenient_text")]
    party_org_no: String,
    #[serde(default)]
    access_packages: Option<Vec<AccessPackage>>,
    #[serde(default, deserialize_with = "lenient_text")]
    status: String,
    #[serde(default)]
    confirm_url: Option<String>,
    #[serde(default, deserialize_with = "lenient_text")]
    created: String,
    #[serde(default)]
    timed_out: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct AccessPackage {
    #[serde(default, deserialize_with = "lenient_text")]
    urn: String,
}

/// A page of requests.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    pub(super) links: Option<Links>,
    pub(super) data: Vec<Request>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Links {
    #[serde(default)]
    pub(super) next: Option<String>,
}

impl Request {
    /// Whether it is what was asked for.
    pub(super) fn is_of(&self, wanted: &WantedSystemUser) -> bool {
        OrganisationNumber::parse(&self.party_org_no) == Ok(wanted.firm)
            && (self.external_ref.is_empty() || self.external_ref == wanted.reference())
    }

    /// The request; `link` is used where Altinn gives none. `None` where it names no firm.
    pub(super) fn into_request(self, link: Link) -> Option<FirmRequest> {
        let firm = OrganisationNumber::parse(&self.party_org_no).ok()?;
        let packages = self.access_packages.unwrap_or_default().into_iter();
        let given = self.confirm_url.filter(|given| is_an_address_of(given, &link));
        Some(FirmRequest {
            id: RequestId(self.id),
            firm,
            external_ref: if self.external_ref.is_empty() { firm.to_string() } else { self.external_ref },
            packages: packages.map(|package| package.urn).filter(|urn| !urn.is_empty()).collect(),
            standing: RequestStanding::of(&self.status, self.timed_out.unwrap_or(false)),
            link: given.map_or(link, Link::new),
            // Before July 2026 it was year 1.
            created: if self.created.starts_with("20") { self.created } else { String::new() },
        })
    }
}

/// Firms are sent to Altinn's own pages and nowhere else, whatever an answer says.
fn is_an_address_of(given: &str, link: &Link) -> bool {
    let parsed = |text: &str| Url::parse(text).ok();
    let (Some(given), Some(link)) = (parsed(given), parsed(link.expose())) else { return false };
    let is_same_place = given.scheme() == link.scheme() && given.port() == link.port();
    let own = link.host_str().unwrap_or_default();
    let altinn = own.strip_prefix("am.ui").unwrap_or(own);
    let host = given.host_str().unwrap_or_default();
    is_same_place && (host == own || (altinn.starts_with('.') && host.ends_with(altinn)))
}

/// A system user, as a vendor looks it up.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SystemUser {
    #[serde(default, deserialize_with = "lenient_uuid")]
    id: Option<Uuid>,
    #[serde(default, deserialize_with = "lenient_text")]
    integration_title: String,
    #[serde(default)]
    is_deleted: Option<bool>,
}

impl SystemUser {
    /// `None` for one that has been deleted.
    pub(super) fn into_found(self) -> Option<SystemUserFound> {
        let id = self.id.filter(|_| !self.is_deleted.unwrap_or(false))?;
        Some(SystemUserFound { id: AgentId(id), title: self.integration_title })
    }
}

/// The body of a request.
pub(super) fn body(system_id: &str, wanted: &WantedSystemUser) -> String {
    let packages: Vec<_> = wanted.packages.iter().map(|urn| json!({ "urn": urn })).collect();
    let mut body = json!({
        "systemId": system_id, "partyOrgNo": wanted.firm.to_string(), "accessPackages": packages,
    });
    for (name, value) in [
        ("externalRef", &wanted.external_ref),
        ("redirectUrl", &wanted.redirect),
        ("integrationTitle", &wanted.title),
    ] {
        if let Some(value) = value {
            body[name] = json!(value);
        }
    }
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1b6cea43-f499-4aae-a633-51cf542795af";

    fn read(members: &str) -> Option<FirmRequest> {
        let json = format!(r#"{{"id":"{ID}","partyOrgNo":"314250052"{members}}}"#);
        let link = Link::new(format!("https://am.ui.tt02.altinn.no/x?id={ID}"));
        serde_json::from_str::<Request>(&json).unwrap().into_request(link)
    }

    #[test]
    fn a_request_with_next_to_nothing_in_it_is_read_and_its_link_is_made() {
        let request =
            read(r#","status":"New","created":"0001-01-01T00:00:00","accessPackages":null"#).unwrap();
        assert_eq!((request.external_ref.as_str(), request.standing), ("314250052", RequestStanding::New));
        assert!(request.created.is_empty() && request.link.expose().ends_with(ID));
        assert_eq!(read(r#","partyOrgNo2":1"#).unwrap().standing, RequestStanding::Unknown);
    }

    #[test]
    fn a_link_to_anywhere_but_altinns_pages_is_not_passed_on() {
        for (given, is_kept) in [
            ("https://am.ui.tt02.altinn.no/accessmanagement/y", true),
            ("https://authn.ui.tt02.altinn.no/vendorrequest", true),
            ("https://evil.example/y", false),
            ("https://evil-tt02.altinn.no.example/y", false),
            ("http://am.ui.tt02.altinn.no/y", false),
            ("not an address", false),
        ] {
            let request = read(&format!(r#","confirmUrl":"{given}""#)).unwrap();
            assert_eq!(request.link.expose() == given, is_kept, "{given}");
        }
    }
}
