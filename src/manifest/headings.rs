//! What the headings of columns say: in Norwegian (both), English, Swedish and Danish, as systems write them.

use std::fmt;

use crate::words::text;

/// What a heading says of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heading {
    /// Organisation numbers, in so many words.
    Number(Whose),
    /// Something that can be an organisation number: a VAT number, a registration number.
    Perhaps,
    /// Which system user a row is about.
    Agent,
    /// What is to be done.
    Action,
    /// A column that an earlier failure report has appended.
    Ours,
    /// Bank accounts.
    Account,
    /// The clients' names, in so many words.
    Name,
    /// Something that can be the clients' names.
    PerhapsName,
    /// Anything else.
    Other,
}

/// Whose number a heading speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The client's, or it does not say.
    Clients,
    /// Somebody else's.
    Others(Somebody),
}

/// What organisation numbers are called: one of these, and then one of [`NUMBER`].
const ORGANISATION: [&str; 19] = [
    "org",
    "organisasjon",
    "organisasjons",
    "organisation",
    "organisations",
    "organization",
    "organizations",
    "foretak",
    "foretaks",
    "føretaks",
    "företags",
    "virksomhet",
    "virksomhets",
    "virksomheds",
    "verksemd",
    "verksemds",
    "bedrift",
    "bedrifts",
    "enhets",
];
const NUMBER: [&str; 5] = ["nr", "nummer", "number", "no", "num"];

/// Whole names for the same.
const NUMBER_NAMES: [&str; 10] = [
    "orgid",
    "organisasjonsid",
    "organisationid",
    "organizationid",
    "corporateidentity",
    "corporateid",
    "cvr",
    "einingsnummer",
    "brregnr",
    "enhetsregisteret",
];

/// Parts of names for what can be an organisation number.
const PERHAPS: [&str; 16] = [
    "mvanr",
    "mvanummer",
    "mvano",
    "vatno",
    "vatnumber",
    "vatnr",
    "vatreg",
    "taxid",
    "taxno",
    "taxnumber",
    "regnr",
    "regno",
    "registrationno",
    "registrationnumber",
    "companyno",
    "companynumber",
];
const PERHAPS_NAMES: [&str; 9] = [
    "vat",
    "mva",
    "org",
    "organisasjon",
    "organisation",
    "organization",
    "companynr",
    "companyid",
    "partyidentification",
];

/// Somebody whose organisation number a list may have beside its clients'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Somebody {
    /// Who keeps the books.
    Accountant,
    /// Who audits them.
    Auditor,
    /// The firm that the list is of.
    OwnFirm,
    /// Who owns the client.
    Owner,
    /// The company above the client.
    ParentCompany,
    /// The client's bank.
    Bank,
    /// Who is sent the client's invoices.
    InvoiceRecipient,
    /// Who sends invoices.
    Supplier,
}

impl fmt::Display for Somebody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Accountant => text!("manifest-the-accountant"),
            Self::Auditor => text!("manifest-the-auditor"),
            Self::OwnFirm => text!("manifest-your-own-firm"),
            Self::Owner => text!("manifest-the-owner"),
            Self::ParentCompany => text!("manifest-the-parent-company"),
            Self::Bank => text!("manifest-the-bank"),
            Self::InvoiceRecipient => text!("manifest-the-recipient-of-invoices"),
            Self::Supplier => text!("manifest-the-supplier"),
        })
    }
}

/// Beginnings of words for somebody who is not the client, and who that is.
const OTHERS: [(&str, Somebody); 39] = [
    ("regnskapsf", Somebody::Accountant),
    ("rekneskapsf", Somebody::Accountant),
    ("regnskapsby", Somebody::Accountant),
    ("rekneskapsby", Somebody::Accountant),
    ("regnskapskontor", Somebody::Accountant),
    ("accountant", Somebody::Accountant),
    ("accounting", Somebody::Accountant),
    ("redovisning", Somebody::Accountant),
    ("bogholder", Somebody::Accountant),
    ("byrå", Somebody::Accountant),
    ("byra", Somebody::Accountant),
    ("bureau", Somebody::Accountant),
    ("agency", Somebody::Accountant),
    ("revisor", Somebody::Auditor),
    ("auditor", Somebody::Auditor),
    ("facilitator", Somebody::OwnFirm),
    ("tilrettelegger", Somebody::OwnFirm),
    ("eget", Somebody::OwnFirm),
    ("eigen", Somebody::OwnFirm),
    ("vårt", Somebody::OwnFirm),
    ("eier", Somebody::Owner),
    ("eigar", Somebody::Owner),
    ("owner", Somebody::Owner),
    ("ägare", Somebody::Owner),
    ("ejer", Somebody::Owner),
    ("morsel", Somebody::ParentCompany),
    ("konsern", Somebody::ParentCompany),
    ("parent", Somebody::ParentCompany),
    ("holding", Somebody::ParentCompany),
    ("bank", Somebody::Bank),
    ("faktura", Somebody::InvoiceRecipient),
    ("invoice", Somebody::InvoiceRecipient),
    ("bill", Somebody::InvoiceRecipient),
    ("betaler", Somebody::InvoiceRecipient),
    ("payer", Somebody::InvoiceRecipient),
    ("leverand", Somebody::Supplier),
    ("leverant", Somebody::Supplier),
    ("supplier", Somebody::Supplier),
    ("vendor", Somebody::Supplier),
];
/// Whole words for the same: they begin other words.
const OTHER_WORDS: [(&str, Somebody); 5] = [
    ("vår", Somebody::OwnFirm),
    ("our", Somebody::OwnFirm),
    ("own", Somebody::OwnFirm),
    ("egen", Somebody::OwnFirm),
    ("mor", Somebody::ParentCompany),
];

const AGENT_NAMES: [&str; 7] =
    ["agent", "systembruker", "systembrukar", "systemuser", "systembrukerid", "systemuserid", "agentid"];
const ACTION_NAMES: [&str; 3] = ["action", "handling", "aksjon"];
const ACCOUNTS: [&str; 5] = ["konto", "bank", "iban", "giro", "accountn"];

/// Whole names for the clients' names.
const CLIENT_NAMES: [&str; 26] = [
    "organisasjonsnavn",
    "organisasjonsnamn",
    "organisationsnamn",
    "organisationname",
    "organizationname",
    "orgnavn",
    "foretaksnavn",
    "føretaksnamn",
    "företagsnamn",
    "firmanavn",
    "firmanamn",
    "selskapsnavn",
    "selskapsnamn",
    "virksomhetsnavn",
    "verksemdsnamn",
    "virksomhedsnavn",
    "bedriftsnavn",
    "enhetsnavn",
    "kundenavn",
    "kundenamn",
    "klientnavn",
    "klientnamn",
    "clientname",
    "customername",
    "companyname",
    "kundensnavn",
];
/// What can be the clients' names where no column says so better.
const PERHAPS_CLIENT_NAMES: [&str; 14] = [
    "navn",
    "namn",
    "name",
    "kunde",
    "klient",
    "firma",
    "selskap",
    "bedrift",
    "virksomhet",
    "foretak",
    "organisasjon",
    "client",
    "customer",
    "company",
];

/// What columns begin with that an earlier report has appended: for programs, and for people in a workbook, whatever the
/// language of the rest.
const OUR_PREFIXES: [&str; 2] = ["fullmakt_", "fullmakt:"];

impl Heading {
    /// What a heading says.
    pub(super) fn of(name: &str) -> Self {
        let plain = letters_and_digits(name);
        if OUR_PREFIXES.iter().any(|prefix| name.trim().starts_with(prefix)) {
            Self::Ours
        } else if AGENT_NAMES.contains(&plain.as_str()) {
            Self::Agent
        } else if ACTION_NAMES.contains(&plain.as_str()) {
            Self::Action
        } else if CLIENT_NAMES.contains(&plain.as_str()) {
            Self::Name
        } else if is_number(&plain) {
            Self::Number(whose(name))
        } else if PERHAPS_NAMES.contains(&plain.as_str()) || PERHAPS.iter().any(|part| plain.contains(part)) {
            match whose(name) {
                Whose::Clients => Self::Perhaps,
                whose @ Whose::Others(_) => Self::Number(whose),
            }
        } else if ACCOUNTS.iter().any(|part| plain.contains(part)) {
            Self::Account
        } else if PERHAPS_CLIENT_NAMES.contains(&plain.as_str()) {
            Self::PerhapsName
        } else {
            Self::Other
        }
    }

    /// Whether it speaks of organisation numbers, whosever they are.
    pub(super) fn speaks_of_numbers(self) -> bool {
        matches!(self, Self::Number(_) | Self::Perhaps)
    }
}

/// Whether a column of this heading says what to do with each client.
pub fn is_action_heading(name: &str) -> bool {
    Heading::of(name) == Heading::Action
}

fn is_number(plain: &str) -> bool {
    NUMBER_NAMES.iter().any(|name| plain.contains(name))
        || ORGANISATION.iter().any(|organisation| {
            plain.match_indices(organisation).any(|(at, _)| {
                let rest = plain.get(at + organisation.len()..).unwrap_or_default();
                NUMBER.iter().any(|number| rest.starts_with(number))
            })
        })
}

fn whose(name: &str) -> Whose {
    let words = words(name);
    let others = |(_, who): &(&str, Somebody)| Whose::Others(*who);
    let by_word = OTHER_WORDS.iter().find(|(word, _)| words.iter().any(|one| one == word));
    let by_beginning =
        OTHERS.iter().find(|(beginning, _)| words.iter().any(|word| word.starts_with(beginning)));
    by_word.or(by_beginning).map_or(Whose::Clients, others)
}

/// The words of a heading, in small letters; `clientOrgNumber` has three.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && after_small) {
            words.push(String::new());
        }
        after_small = character.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words
}

/// A heading without what systems put between and around its words.
pub(super) fn letters_and_digits(name: &str) -> String {
    let spelled = |character: char| if character == '#' { "nr".chars() } else { "".chars() };
    name.chars()
        .flat_map(|character| spelled(character).chain(Some(character).filter(|one| one.is_alphanumeric())))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headings_of_the_usual_systems_are_known() {
        for name in [
            "Org.nr.",
            "ORGNR",
            "Organisasjonsnummer",
            "org_number",
            "organisation number",
            "Kundens orgnr",
            "Organisasjons-nummer",
            "ORGANIZATION NO",
            "Org.nr./Pers.nr.",
            "[Org. Nr]",
            "Org.\u{a0}nr.\u{200b}",
            "Kundens organisasjonsnr.",
            "Client organisation no.",
            "organization_nr",
            "Orgnr (9 siffer)",
            "Orgnr.kunde",
            "Foretaksnr.",
            "Enhetsnummer",
            "Virksomhetsnummer",
            "Verksemdsnummer",
            "Bedriftsnr",
            "Organisationsnummer",
            "Corporate identity number",
            "CVR-nr",
            "Org #",
            "Org.ID",
            "clientOrgNumber",
            "Org.\nnr.",
            "Orgnr/fødselsnr",
        ] {
            assert_eq!(Heading::of(name), Heading::Number(Whose::Clients), "{name}");
        }
        for name in [
            "vat",
            "Tax ID",
            "MVA-nummer",
            "VAT No.",
            "Company No",
            "RegistrationNumber",
            "Reg.nr",
            "Kundens MVA-nr",
        ] {
            assert_eq!(Heading::of(name), Heading::Perhaps, "{name}");
        }
        for name in [
            "Kundenr",
            "Organisasjonsform",
            "Kundegruppe",
            "Nr",
            "Kontaktnavn",
            "Daglig leders navn",
            "Fornavn",
        ] {
            assert_eq!(Heading::of(name), Heading::Other, "{name}");
        }
    }

    #[test]
    fn the_headings_of_names_are_known() {
        for (name, heading) in [
            ("Organisasjonsnavn", Heading::Name),
            ("Enhetsnavn", Heading::Name),
            ("Kunde-navn", Heading::Name),
            ("Client name", Heading::Name),
            ("Navn", Heading::PerhapsName),
            ("Kunde", Heading::PerhapsName),
        ] {
            assert_eq!(Heading::of(name), heading, "{name}");
        }
    }

    #[test]
    fn a_heading_says_whose_number_it_is() {
        for name in [
            "Regnskapsførers orgnr",
            "Byråets orgnr",
            "Fakturamottaker org.nr.",
            "Orgnr mor",
            "Morselskapets orgnr",
            "Bankens orgnr",
            "Revisors org.nr",
            "Vårt orgnr",
            "ownerOrgNumber",
            "Supplier organisation number",
            "Byråets MVA-nr",
        ] {
            assert!(matches!(Heading::of(name), Heading::Number(Whose::Others(_))), "{name}");
        }
        for name in ["Bankkonto", "Kontonummer", "IBAN"] {
            assert_eq!(Heading::of(name), Heading::Account, "{name}");
        }
    }
}
