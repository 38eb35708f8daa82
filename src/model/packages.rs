//! Access packages, role by role: what a client gives the facilitator, and what an agent has of a client.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::words::text;

/// Access packages by the role that carries them. URNs, compared exactly and as a whole; a role without packages is
/// not in it, so that two that mean the same are equal.
///
/// Serialized it is one JSON object, roles and packages in order: equal values have equal texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Packages(BTreeMap<String, BTreeSet<String>>);

impl Packages {
    /// Adds a package that this role carries.
    pub fn add(&mut self, role: &str, package: &str) {
        if let Some(packages) = self.0.get_mut(role) {
            if !packages.contains(package) {
                packages.insert(package.to_owned());
            }
        } else {
            self.0.insert(role.to_owned(), BTreeSet::from([package.to_owned()]));
        }
    }

    /// Whether there is no package in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many packages there are, each counted once for every role that carries it.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    /// The roles, each with its packages, in order.
    pub fn roles(&self) -> impl ExactSizeIterator<Item = (&str, &BTreeSet<String>)> {
        self.0.iter().map(|(role, packages)| (role.as_str(), packages))
    }

    /// Every package, whatever the role, each once and in order.
    pub fn all(&self) -> BTreeSet<&str> {
        self.0.values().flatten().map(String::as_str).collect()
    }

    /// What may be delegated to an agent that was approved for these packages, and no more: role by role what both have.
    #[must_use]
    pub fn approved(&self, approved: &[String]) -> Self {
        let both = |packages: &BTreeSet<String>| -> BTreeSet<String> {
            packages.iter().filter(|package| approved.contains(package)).cloned().collect()
        };
        let roles = self.0.iter().map(|(role, packages)| (role.clone(), both(packages)));
        Self(roles.filter(|(_, packages)| !packages.is_empty()).collect())
    }

    /// Those of the approved packages that are not here under any role, each once and in order.
    pub fn lacking(&self, approved: &[String]) -> Vec<String> {
        let here = self.all();
        let lacking: BTreeSet<&String> =
            approved.iter().filter(|package| !here.contains(package.as_str())).collect();
        lacking.into_iter().cloned().collect()
    }
}

/// What gives a firm an access package for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GivenBy {
    /// The client's registering the firm as its accountant (regnskapsfører).
    Accountant,
    /// The client's registering the firm as its auditor (revisor).
    Auditor,
    /// The client's registering the firm as its business manager (forretningsfører).
    BusinessManager,
    /// The client itself, in Altinn.
    Client,
}

impl GivenBy {
    /// What gives this package. Source: which role of the register carries what, in the server's code.
    pub fn of(package: &str) -> Self {
        match short(package) {
            "regnskapsforer-lonn"
            | "regnskapsforer-med-signeringsrettighet"
            | "regnskapsforer-uten-signeringsrettighet" => Self::Accountant,
            "ansvarlig-revisor" | "revisormedarbeider" => Self::Auditor,
            "forretningsforer-eiendom" => Self::BusinessManager,
            _ => Self::Client,
        }
    }

    /// Whether a role of the register carries this package, as far as this version knows.
    pub fn is_known(package: &str) -> bool {
        Self::of(package) != Self::Client
    }

    /// How a client gives it, for people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Accountant => text!("model-comes-with-the-role-accountant-regnskapsforer"),
            Self::Auditor => text!("model-comes-with-the-role-auditor-revisor-in-the"),
            Self::BusinessManager => {
                text!("model-comes-with-the-role-business-manager")
            }
            Self::Client => text!("model-is-given-by-the-client-in-altinn"),
        }
    }
}

/// Of packages that one agent was approved for: the kinds of giver, each with its packages, where there are several. Such an
/// agent can be given only the clients that give all of them, and Altinn advises against it.
pub fn mixed(packages: &[String]) -> Option<BTreeMap<GivenBy, Vec<&str>>> {
    let mut by_giver: BTreeMap<GivenBy, Vec<&str>> = BTreeMap::new();
    for package in packages {
        by_giver.entry(GivenBy::of(package)).or_default().push(short(package));
    }
    (by_giver.len() > 1).then_some(by_giver)
}

/// A package's name without what all of them begin with.
pub fn short(package: &str) -> &str {
    package.rsplit(':').next().unwrap_or(package)
}

/// Packages by name, each kind with how it is given: "a and b (…), c (…)".
pub fn in_words(packages: &[String]) -> String {
    let mut by_giver: BTreeMap<GivenBy, Vec<&str>> = BTreeMap::new();
    for package in packages {
        by_giver.entry(GivenBy::of(package)).or_default().push(short(package));
    }
    let groups = by_giver
        .into_iter()
        .map(|(by, names)| format!("{} ({})", names.join(text!("model-and")), by.in_words()));
    groups.collect::<Vec<_>>().join(", ")
}

impl<Role: AsRef<str>, Package: AsRef<str>> FromIterator<(Role, Package)> for Packages {
    fn from_iter<Pairs: IntoIterator<Item = (Role, Package)>>(pairs: Pairs) -> Self {
        let mut packages = Self::default();
        for (role, package) in pairs {
            packages.add(role.as_ref(), package.as_ref());
        }
        packages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn only_what_was_approved_and_the_role_carries_may_be_delegated() {
        let held: Packages = [("a", "1"), ("a", "2"), ("b", "2"), ("c", "3")].into_iter().collect();
        let expected: Packages = [("a", "2"), ("b", "2")].into_iter().collect();
        assert_eq!(held.approved(&urns(&["2", "4"])), expected);
        assert!(held.approved(&urns(&["4"])).is_empty());
    }

    #[test]
    fn a_package_under_any_role_is_not_lacking_and_the_rest_is_named_once() {
        let held: Packages = [("a", "1"), ("b", "2")].into_iter().collect();
        assert_eq!(held.lacking(&urns(&["4", "2", "3", "4"])), ["3", "4"]);
        assert!(held.lacking(&urns(&["1", "2"])).is_empty());
    }

    #[test]
    fn an_agent_mixes_packages_when_not_one_relation_gives_them_all() {
        let one = urns(&["urn:p:regnskapsforer-lonn", "urn:p:regnskapsforer-med-signeringsrettighet"]);
        assert_eq!(mixed(&one), None);
        for other in ["urn:p:skattegrunnlag", "urn:p:ansvarlig-revisor"] {
            let both = urns(&["urn:p:regnskapsforer-lonn", other]);
            assert_eq!(mixed(&both).unwrap().len(), 2, "{other}");
        }
    }

    #[test]
    fn the_order_and_repetition_of_what_was_read_make_no_difference() {
        let one: Packages = [("a", "1"), ("b", "2"), ("a", "2")].into_iter().collect();
        let other: Packages = [("a", "2"), ("a", "1"), ("a", "2"), ("b", "2")].into_iter().collect();
        assert_eq!(one, other);
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(text, r#"{"a":["1","2"],"b":["2"]}"#);
        assert_eq!(serde_json::from_str::<Packages>(&text).unwrap(), one);
        assert_eq!(one.len(), 3);
    }
}
