//! The roles that tie a client to a firm, and the access packages that each carries.

use super::chance;
use uuid::Uuid;

/// What begins every access package's URN.
const PACKAGE: &str = "urn:altinn:accesspackage:";

/// A role of a client's that a firm can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Accountant, in the business register.
    Regnskapsforer,
    /// Auditor, in the business register.
    Revisor,
    /// Property manager, in the business register.
    Forretningsforer,
    /// Holder of packages that the client gave the firm in Altinn.
    Rettighetshaver,
    /// The whole of which an entity is a part: gives nothing.
    Hovedenhet,
    /// What an agent is to its firm: gives nothing.
    Agent,
}

impl Role {
    /// Every one of them.
    pub(super) const ALL: [Self; 6] = [
        Self::Regnskapsforer,
        Self::Revisor,
        Self::Forretningsforer,
        Self::Rettighetshaver,
        Self::Hovedenhet,
        Self::Agent,
    ];
    /// Those that can give a firm packages, the register's before the client's own.
    pub(super) const GIVING: [Self; 4] =
        [Self::Regnskapsforer, Self::Revisor, Self::Forretningsforer, Self::Rettighetshaver];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Regnskapsforer => "regnskapsforer",
            Self::Revisor => "revisor",
            Self::Forretningsforer => "forretningsforer",
            Self::Rettighetshaver => "rettighetshaver",
            Self::Hovedenhet => "hovedenhet",
            Self::Agent => "agent",
        }
    }

    /// Its URN.
    pub fn urn(self) -> String {
        match self {
            Self::Rettighetshaver | Self::Agent => format!("urn:altinn:role:{}", self.code()),
            _ => format!("urn:altinn:external-role:ccr:{}", self.code()),
        }
    }

    /// Its UUID.
    pub(super) fn id(self) -> Uuid {
        chance::uuid(0x901e, &[self as u64])
    }

    /// The role that is called so: by code, URN or UUID.
    pub(super) fn named(name: &str) -> Option<Self> {
        let is_named = |role: &Self| {
            name == role.code() || name == role.urn() || Uuid::parse_str(name).is_ok_and(|id| id == role.id())
        };
        Self::ALL.into_iter().find(is_named)
    }

    /// The role that carries this package: a role in the register, or else what the client gives in Altinn.
    pub(super) fn carrying(package: &str) -> Self {
        let carries = |role: &&Self| role.register_packages().contains(&short(package));
        Self::GIVING.iter().find(carries).copied().unwrap_or(Self::Rettighetshaver)
    }

    /// The packages that come with a role in the register.
    fn register_packages(self) -> &'static [&'static str] {
        match self {
            Self::Regnskapsforer => &[
                "regnskapsforer-lonn",
                "regnskapsforer-med-signeringsrettighet",
                "regnskapsforer-uten-signeringsrettighet",
            ],
            Self::Revisor => &["ansvarlig-revisor", "revisormedarbeider"],
            Self::Forretningsforer => &["forretningsforer-eiendom"],
            Self::Rettighetshaver | Self::Hovedenhet | Self::Agent => &[],
        }
    }

    /// Whether a client of this kind of unit gives the package through the role: a property manager's is for housing
    /// co-operatives and condominiums.
    pub(super) fn gives(self, package: &str, variant: &str) -> bool {
        let is_property = short(package) == "forretningsforer-eiendom";
        self != Self::Forretningsforer || !is_property || matches!(variant, "BRL" | "ESEK")
    }
}

/// Packages that can be held and not be passed on.
const NOT_DELEGABLE: [&str; 2] = ["klientadministrator", "hovedadministrator"];
/// Further packages that there are.
const OTHERS: [&str; 6] = [
    "skatt-naering",
    "skattegrunnlag",
    "lonn",
    "a-ordning",
    "regnskap-okonomi-rapport",
    "motor-nytt-og-endre-registrerte-opplysninger",
];

/// What follows the last colon.
pub(super) fn short(package: &str) -> &str {
    package.rsplit(':').next().unwrap_or(package)
}

/// Whether a package can be passed on to an agent.
pub(super) fn is_delegable(package: &str) -> bool {
    !NOT_DELEGABLE.contains(&short(package))
}

/// Whether there is such a package, as far as no client and no agent says so.
pub(super) fn exists(package: &str) -> bool {
    let known = |name: &str| {
        NOT_DELEGABLE.contains(&name)
            || OTHERS.contains(&name)
            || Role::GIVING.iter().any(|role| role.register_packages().contains(&name))
    };
    package.strip_prefix(PACKAGE).is_some_and(known)
}

/// The UUID of a package.
pub(super) fn package_id(package: &str) -> Uuid {
    let bytes = package.bytes().map(u64::from);
    chance::uuid(0x9acc, &[bytes.fold(7, |state, byte| chance::roll(state, &[byte]))])
}
