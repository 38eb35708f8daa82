//! What access management writes on the wire, read with patience, and what is written to it.
//!
//! A member that is not named here is passed over without being kept: among them are national identity numbers.

use std::{collections::HashSet, fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use uuid::Uuid;

use crate::{
    altinn::http::{ListShape, Page, lenient_text, too_many_packages},
    model::{ClientId, ClientList, ListedClient, OrganisationNumber, Packages},
};

/// A client has a handful of packages; with more than these it is no client but a fault.
const MOST_PACKAGES: usize = 2_000;
/// So many different sets of packages are shared between the clients of a list.
const SHARED_SETS: usize = 4_096;

/// The kind of an entity that is a private person.
const PERSON: &str = "Person";

/// One line of a list: a client, and role by role the packages.
#[derive(Debug, Deserialize)]
struct Element {
    client: Entity,
    #[serde(default, deserialize_with = "packages")]
    access: Packages,
}

/// A party. Without a readable id the whole list is not to be trusted, so that is an error.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    id: Uuid,
    #[serde(default, deserialize_with = "lenient_text")]
    organization_identifier: String,
    #[serde(default, deserialize_with = "lenient_text")]
    name: String,
    #[serde(rename = "type", default, deserialize_with = "lenient_text")]
    kind: String,
}

#[derive(Debug, Deserialize)]
struct Access {
    role: Role,
    #[serde(default)]
    packages: Option<Vec<Package>>,
}

#[derive(Debug, Deserialize)]
struct Role {
    #[serde(default, deserialize_with = "lenient_text")]
    urn: String,
    #[serde(default, deserialize_with = "lenient_text")]
    code: String,
}

#[derive(Debug, Deserialize)]
struct Package {
    #[serde(default, deserialize_with = "lenient_text")]
    urn: String,
}

impl Role {
    /// What a request calls it: its URN, or else its code.
    fn name(&self) -> Option<&str> {
        [&self.urn, &self.code].into_iter().map(String::as_str).find(|name| !name.is_empty())
    }
}

/// `access`, into one set as it comes; null and missing are no packages.
fn packages<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Packages, D::Error> {
    struct AccessList;

    impl<'de> Visitor<'de> for AccessList {
        type Value = Packages;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an array")
        }

        fn visit_unit<E>(self) -> Result<Packages, E> {
            Ok(Packages::default())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Packages, A::Error> {
            let mut all = Packages::default();
            let mut left = MOST_PACKAGES;
            while let Some(access) = elements.next_element::<Access>()? {
                let named = access.packages.unwrap_or_default();
                let role = access.role.name().ok_or_else(|| A::Error::missing_field("urn"))?;
                left =
                    left.checked_sub(named.len() + 1).ok_or_else(|| A::Error::custom(too_many_packages()))?;
                for package in named.iter().filter(|package| !package.urn.is_empty()) {
                    all.add(role, &package.urn);
                }
            }
            Ok(all)
        }
    }

    deserializer.deserialize_any(AccessList)
}

/// A list of clients with their packages.
pub(super) struct ListOf {
    list: ClientList,
    /// Most clients have one of a few sets of packages: each set is kept once.
    shared: HashSet<Arc<Packages>>,
}

impl ListOf {
    pub(super) fn new(list: ClientList) -> Self {
        Self { list, shared: HashSet::new() }
    }

    fn share(&mut self, packages: Packages) -> Arc<Packages> {
        if let Some(shared) = self.shared.get(&packages) {
            return Arc::clone(shared);
        }
        let packages = Arc::new(packages);
        if self.shared.len() < SHARED_SETS {
            self.shared.insert(Arc::clone(&packages));
        }
        packages
    }
}

impl ListShape for ListOf {
    fn client<'de, D: Deserializer<'de>>(&mut self, element: D) -> Result<Option<ListedClient>, D::Error> {
        let Element { client, access } = Element::deserialize(element)?;
        // The firm's own sub-units and other relations are in the list as well, and give nothing.
        if self.list == ClientList::Available && access.is_empty() {
            return Ok(None);
        }
        let number = OrganisationNumber::parse(&client.organization_identifier).ok();
        Ok(Some(ListedClient {
            id: ClientId(client.id),
            number: number.filter(|_| client.kind != PERSON),
            name: client.name,
            packages: Some(self.share(access)),
        }))
    }

    fn member<'de, A: MapAccess<'de>>(&mut self, _: &str, _: &mut A, _: &mut Page) -> Result<bool, A::Error> {
        Ok(false)
    }
}

/// The body of a delegation; `None` where there is no package in it.
pub(super) fn body(packages: &Packages) -> Option<String> {
    #[derive(Serialize)]
    struct Body<'a> {
        values: Vec<Value<'a>>,
    }

    #[derive(Serialize)]
    struct Value<'a> {
        role: &'a str,
        packages: Vec<&'a str>,
    }

    let values: Vec<Value<'_>> = packages
        .roles()
        .map(|(role, packages)| Value { role, packages: packages.iter().map(String::as_str).collect() })
        .collect();
    if values.is_empty() {
        return None;
    }
    serde_json::to_string(&Body { values }).ok()
}

/// One row of the answer to a delegation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delegated {
    pub(super) from_id: Uuid,
    pub(super) to_id: Uuid,
}

/// The answer to `POST /agents`.
#[derive(Debug, Deserialize)]
pub(super) struct Assignment {
    #[serde(rename = "id")]
    _id: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "fffefbe8-72ed-4729-b80b-dc16a96f4d9f";

    fn read(list: ClientList, element: &str) -> Option<ListedClient> {
        let mut json = serde_json::Deserializer::from_str(element);
        ListOf::new(list).client(&mut json).unwrap()
    }

    #[test]
    fn a_client_is_read_with_its_packages_and_without_anything_else() {
        let element = format!(
            r#"{{"client":{{"id":"{ID}","name":"VEIK AS","type":"Organisasjon","variant":"AS","parent":null,
                "partyid":5,"personIdentifier":null,"organizationIdentifier":"310609544","isDeleted":false}},
                "access":[{{"role":{{"id":"x","code":"a","urn":"urn:a","legacyurn ":null,"children":null}},
                "packages":[{{"id":"1","urn":"p1","areaId":"z"}},{{"urn":"p1"}},{{"urn":null}}]}},
                {{"role":{{"code":"b"}},"packages":null}},{{"role":{{"code":"c"}},"packages":[{{"urn":"p2"}}]}}]}}"#
        );
        let client = read(ClientList::Available, &element).unwrap();
        assert_eq!(client.number.unwrap().to_string(), "310609544");
        let expected: Packages = [("urn:a", "p1"), ("c", "p2")].into_iter().collect();
        assert_eq!(client.packages.as_deref(), Some(&expected));
    }

    #[test]
    fn a_person_has_no_number_whatever_stands_there() {
        let element = format!(
            r#"{{"client":{{"id":"{ID}","type":"Person","organizationIdentifier":"310609544",
                "personIdentifier":"01817012345"}},"access":[]}}"#
        );
        let client = read(ClientList::Delegated, &element).unwrap();
        assert_eq!(client.number, None);
        assert!(!format!("{client:?}").contains("01817012345"));
    }

    #[test]
    fn what_gives_nothing_is_no_client_to_delegate_and_may_be_delegated_all_the_same() {
        for access in ["null", "[]", r#"[{"role":{"urn":"x"},"packages":[]}]"#] {
            let element = format!(r#"{{"client":{{"id":"{ID}"}},"access":{access}}}"#);
            assert_eq!(read(ClientList::Available, &element), None);
            let listed = read(ClientList::Delegated, &element).unwrap();
            assert!(listed.packages.unwrap().is_empty());
        }
    }

    #[test]
    fn equal_sets_of_packages_are_kept_once() {
        let mut list = ListOf::new(ClientList::Available);
        let set = || [("a", "1")].into_iter().collect::<Packages>();
        let (one, other) = (list.share(set()), list.share(set()));
        assert!(Arc::ptr_eq(&one, &other));
    }

    #[test]
    fn a_body_names_each_role_once_and_nothing_is_no_body() {
        let packages: Packages = [("r1", "p2"), ("r1", "p1"), ("r2", "p1")].into_iter().collect();
        let expected = r#"{"values":[{"role":"r1","packages":["p1","p2"]},{"role":"r2","packages":["p1"]}]}"#;
        assert_eq!(body(&packages).as_deref(), Some(expected));
        assert_eq!(body(&Packages::default()), None);
    }
}
