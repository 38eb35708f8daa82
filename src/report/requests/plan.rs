//! What asking would do, before anybody says yes.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Serialize;

use super::{super::words::about, RowLeftOut, SHOWN_FIRMS};
use crate::{
    model::{GivenBy, LeftAlone, RequestStep, Vendor, in_words, short},
    words::{Wording, say, text},
};

/// So many of the firms that are asked are named.
const SHOWN_ASKED: usize = 10;
/// So many of the rows that are left out are shown.
const SHOWN_ROWS: usize = 10;
/// A plan that takes longer says so.
const WORTH_SAYING: Duration = Duration::from_secs(5);

/// What is to be done about one firm.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedFirm {
    /// Its number.
    pub organisation_number: String,
    /// What the list calls it; can be empty.
    pub name: String,
    /// The reference.
    pub external_ref: String,
    /// `ask`, `ask_again` or `leave`.
    pub step: &'static str,
    /// Why it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<&'static str>,
    /// Packages of the request that there is, where they are others than the vendor file's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_packages: Vec<String>,
    #[serde(skip)]
    left: Option<LeftAlone>,
}

impl PlannedFirm {
    /// By what is decided about it.
    pub fn new(
        firm: (String, String),
        external_ref: String,
        step: RequestStep,
        other_packages: Vec<String>,
    ) -> Self {
        let (step, left) = match step {
            RequestStep::Ask => ("ask", None),
            RequestStep::AskAgain(_) => ("ask_again", None),
            RequestStep::Leave(left) => ("leave", Some(left)),
        };
        let (organisation_number, name) = firm;
        let because = left.map(Into::into);
        Self { organisation_number, name, external_ref, step, because, other_packages, left }
    }

    fn in_words(&self) -> String {
        match self.name.as_str() {
            "" => self.organisation_number.clone(),
            name => format!("{} {name}", self.organisation_number),
        }
    }
}

/// What asking firms would do.
#[derive(Debug, Clone, Serialize)]
pub struct RequestPlan {
    /// What the firms know the vendor as.
    pub vendor: String,
    /// The vendor's number.
    pub organisation: String,
    /// The system.
    pub system_id: String,
    /// `sandbox`, `tt02`, `prod` or an origin.
    pub environment: String,
    /// The packages, by URN.
    pub packages: Vec<String>,
    /// How many firms are asked.
    pub asks: u64,
    /// Of those, how many are asked again, after their old request is withdrawn.
    pub asks_again: u64,
    /// How many are left alone.
    pub left_alone: u64,
    /// Least seconds that it takes at the vendor file's rate; null where that is unlimited.
    pub seconds: Option<f64>,
    /// Packages that no role of the register carries, as far as this version knows: they may be misspelt.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_packages: Vec<String>,
    /// Rows of the list that cannot be read, and are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows_left_out: Vec<PlannedRow>,
    /// Every firm.
    pub firms: Vec<PlannedFirm>,
}

/// A row of the list that is left out.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedRow {
    /// Its line.
    pub line: u64,
    /// What is wrong with it.
    pub problem: Wording,
}

impl RequestPlan {
    /// The plan for these firms.
    pub fn of(vendor: &Vendor, firms: Vec<PlannedFirm>, left_out: &[RowLeftOut]) -> Self {
        let count = |step: &str| firms.iter().filter(|firm| firm.step == step).count() as u64;
        let (again, left_alone) = (count("ask_again"), count("leave"));
        // Whoever is asked again is two requests: the old one is withdrawn first.
        let requests = count("ask") + 2 * again;
        Self {
            seconds: vendor.pace.rate.time_for(requests).map(|time| time.as_secs_f64()),
            vendor: vendor.vendor_name.clone(),
            organisation: vendor.organisation.to_string(),
            system_id: vendor.system_id.clone(),
            environment: vendor.environment.name(),
            packages: vendor.packages.clone(),
            unknown_packages: vendor
                .packages
                .iter()
                .filter(|package| !GivenBy::is_known(package))
                .cloned()
                .collect(),
            asks: count("ask") + again,
            asks_again: again,
            left_alone,
            rows_left_out: left_out
                .iter()
                .map(|row| PlannedRow { line: row.line, problem: row.message.clone() })
                .collect(),
            firms,
        }
    }
}

/// Why firms are left alone, as the end of a line that begins with how many they are.
fn because(left: LeftAlone) -> &'static str {
    match left {
        LeftAlone::SystemUserIsThere => text!("request-left-system-user-is-there"),
        LeftAlone::Pending => text!("request-left-pending"),
        LeftAlone::AcceptedWithoutSystemUser => text!("request-left-accepted-without"),
        LeftAlone::Rejected => text!("request-left-rejected"),
        LeftAlone::Denied => text!("request-left-denied"),
        LeftAlone::TimedOut => text!("request-left-timed-out"),
        LeftAlone::Withdrawn => text!("request-left-withdrawn"),
        LeftAlone::Unknown => text!("request-left-unknown"),
    }
}

/// A sentence about firms with the first of them.
fn first_of(said: &str, firms: &[String], shown: usize) -> String {
    if firms.is_empty() {
        return said.to_owned();
    }
    let more = if firms.len() > shown { ", …" } else { "" };
    let first: Vec<&str> = firms.iter().take(shown).map(String::as_str).collect();
    format!("{said}: {}{more}", first.join(", "))
}

impl fmt::Display for RequestPlan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vendor, organisation, system_id, environment, .. } = self;
        writeln!(
            out,
            "{}",
            say!(
                "request-plan-head",
                vendor = vendor,
                organisation = organisation,
                system = system_id,
                environment = environment
            )
        )?;
        writeln!(out, "{}", say!("request-plan-packages", packages = in_words(&self.packages)))?;
        for package in &self.unknown_packages {
            writeln!(out, "  {}", say!("request-plan-unknown-package", package = short(package)))?;
        }
        let asked: Vec<String> =
            self.firms.iter().filter(|firm| firm.left.is_none()).map(PlannedFirm::in_words).collect();
        let count = say!("request-plan-asks", firms = self.asks).to_string();
        writeln!(out, "  {}", first_of(&count, &asked, SHOWN_ASKED))?;
        let takes = self.seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        if let Some(takes) = takes.filter(|takes| *takes >= WORTH_SAYING) {
            writeln!(out, "    {}", say!("request-plan-takes", time = about(takes)))?;
        }
        if self.asks_again > 0 {
            writeln!(out, "    {}", say!("request-plan-asks-again", firms = self.asks_again))?;
        }
        if !self.rows_left_out.is_empty() {
            writeln!(out, "  {}", say!("request-plan-rows-left-out", rows = self.rows_left_out.len()))?;
            for row in self.rows_left_out.iter().take(SHOWN_ROWS) {
                writeln!(
                    out,
                    "    {}",
                    say!("request-plan-row-left-out", line = row.line, problem = row.problem)
                )?;
            }
            if self.rows_left_out.len() > SHOWN_ROWS {
                writeln!(out, "    …")?;
            }
        }
        let mut left: BTreeMap<LeftAlone, Vec<&PlannedFirm>> = BTreeMap::new();
        for firm in &self.firms {
            if let Some(why) = firm.left {
                left.entry(why).or_default().push(firm);
            }
        }
        for (why, firms) in left {
            let count = say!("request-firms", firms = firms.len()).to_string();
            let firms: Vec<String> = firms.iter().map(|firm| firm.in_words()).collect();
            let said = format!("{count} {}", because(why));
            writeln!(out, "  {}", first_of(&said, &firms, SHOWN_FIRMS))?;
        }
        let others: Vec<&PlannedFirm> =
            self.firms.iter().filter(|firm| !firm.other_packages.is_empty()).collect();
        for firm in others.iter().take(SHOWN_FIRMS) {
            let packages: Vec<&str> = firm.other_packages.iter().map(|package| short(package)).collect();
            let (who, packages) = (firm.in_words(), packages.join(", "));
            if firm.left == Some(LeftAlone::SystemUserIsThere) {
                let said =
                    say!("request-plan-has-other-packages", firm = who, packages = packages).to_string();
                writeln!(out, "  {said}")?;
            } else {
                let said = say!("request-plan-other-packages", firm = who, packages = packages).to_string();
                writeln!(out, "  {said}")?;
            }
        }
        if others.len() > SHOWN_FIRMS {
            writeln!(
                out,
                "  {}",
                say!("request-plan-more-other-packages", firms = others.len() - SHOWN_FIRMS)
            )?;
        }
        Ok(())
    }
}
