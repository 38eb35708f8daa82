//! Access packages, role by role: what a client gives the facilitator, and what an agent has of a client.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

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
