//! The list of firms: each row checked, and made a unit.

use std::{collections::HashMap, fmt, path::Path};

use crate::{
    manifest::{ManifestError, Problem, Table},
    model::{AgentRef, Fleet, Job, JobKind, OrganisationNumber, OtherRow},
    words::{Wording, kept, say},
};

/// The columns that mean something, each with what people call it. The first word is the one that the docs use.
const COLUMNS: [(&str, &[&str]); 15] = [
    ("facilitator", &["facilitator", "org_number", "orgnr", "org.nr.", "org.nr", "organisasjonsnummer"]),
    ("name", &["name", "navn", "firm", "firma", "byrå"]),
    ("agent", &["agent", "system_user", "systembruker", "reference", "referanse"]),
    ("from_agent", &["from_agent", "fra_systembruker"]),
    ("kind", &["kind", "type", "jobb"]),
    ("manifest", &["manifest", "list", "liste", "klientliste"]),
    ("group", &["group", "gruppe"]),
    ("job", &["job", "jobbnavn"]),
    ("column", &["column", "kolonne"]),
    ("sheet", &["sheet", "ark"]),
    ("removals", &["removals", "fjerninger"]),
    ("additions", &["additions", "tillegg"]),
    ("manifest_age", &["manifest_age", "listens_alder"]),
    ("facilitator_id", &["facilitator_id"]),
    ("external_ref", &["external_ref"]),
];

/// One firm's job.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// The line in the list of firms, from 1.
    pub line: u64,
    /// What the list calls the firm.
    pub name: Option<String>,
    /// What the list groups firms by.
    pub group: Option<String>,
    /// The job.
    pub job: Job,
    /// The job as a job file has it: what is kept with each run.
    pub text: String,
    /// The system users that the firm's other rows name.
    pub other_rows: Vec<OtherRow>,
}

/// What is wrong with a row, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line in the list of firms, from 1.
    pub line: u64,
    /// The column; empty where it is the row as a whole.
    pub column: &'static str,
    /// What is wrong, and what would be right.
    pub message: Wording,
}

impl fmt::Display for RowError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, message) = (self.line.to_string(), &self.message);
        match self.column {
            "" => write!(out, "{}", say!("fleet-row", line = line, message = message)),
            column => write!(out, "{}", say!("fleet-cell", line = line, column = column, message = message)),
        }
    }
}

/// A list of firms, read to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Units {
    /// The rows that are in order.
    pub units: Vec<Unit>,
    /// What is wrong with the others.
    pub errors: Vec<RowError>,
    /// Columns that mean nothing here.
    pub passed_over: Vec<String>,
}

impl Units {
    /// Reads the list of firms.
    ///
    /// # Errors
    ///
    /// The file cannot be read as a list with a column of firms, or names none: an export that went wrong must not be a good
    /// night.
    pub fn read(fleet: &Fleet, list: &Path) -> Result<Self, ManifestError> {
        let table = read_list(list)?;
        if table.rows.is_empty() {
            return Err(ManifestError::new(list, Problem::NoFirms));
        }
        Ok(Self::of(fleet, &table))
    }

    /// Checks every row of a list.
    pub fn of(fleet: &Fleet, table: &Table) -> Self {
        let mut units = Self::default();
        let mut columns: Vec<Option<&'static str>> = Vec::new();
        for heading in &table.headings {
            // The first of two that mean the same.
            columns.push(column_of(heading).filter(|column| !columns.contains(&Some(column))));
        }
        units.passed_over = (table.headings.iter().zip(&columns))
            .filter(|(heading, column)| column.is_none() && !heading.is_empty())
            .map(|(heading, _)| heading.clone())
            .collect();
        let (mut names, mut agents, mut of_another) = (HashMap::new(), HashMap::new(), HashMap::new());
        for row in &table.rows {
            let cells =
                columns.iter().zip(&row.cells).filter_map(|(column, cell)| Some(((*column)?, cell.as_str())));
            let said: HashMap<&'static str, &str> = cells.filter(|(_, cell)| !cell.is_empty()).collect();
            let checked = unit(fleet, row.line, &said).and_then(|unit| {
                // Two runs on one agent at once would stand in each other's way.
                let both = std::iter::once(&unit.job.agent).chain(&unit.job.from_agent);
                for agent in both {
                    // An id is one firm's; a reference means another system user for each firm.
                    let of = (!matches!(agent, AgentRef::Id(_))).then_some(unit.job.facilitator);
                    if let Some(line) = agents.insert((of, format!("{agent:?}")), row.line) {
                        // Which of the two is meant nobody knows here: neither is carried out.
                        of_another.insert(line, row.line);
                        return Err(agent_of_another_row(row.line, line));
                    }
                }
                if let Some(line) = names.insert(unit.job.name.clone(), row.line) {
                    let message = say!("fleet-job-stands-twice", line = line.to_string()).kept();
                    return Err(RowError { line: row.line, column: "job", message });
                }
                Ok(unit)
            });
            match checked {
                Ok(unit) => units.units.push(unit),
                Err(error) => units.errors.push(error),
            }
        }
        let refused = |unit: &Unit| Some(agent_of_another_row(unit.line, *of_another.get(&unit.line)?));
        units.errors.extend(units.units.iter().filter_map(refused));
        units.units.retain(|unit| !of_another.contains_key(&unit.line));
        units.errors.sort_by_key(|error| error.line);
        units.tell_each_row_of_the_others();
        units
    }

    /// The same system user can stand in two rows under two names: only Altinn can tell.
    fn tell_each_row_of_the_others(&mut self) {
        let mut of_firm: HashMap<OrganisationNumber, Vec<OtherRow>> = HashMap::new();
        for Unit { line, job, .. } in &self.units {
            let both = std::iter::once(&job.agent).chain(&job.from_agent);
            let rows = both.map(|agent| OtherRow { line: *line, agent: agent.clone() });
            of_firm.entry(job.facilitator).or_default().extend(rows);
        }
        for unit in &mut self.units {
            let rows = of_firm.get(&unit.job.facilitator).into_iter().flatten();
            unit.other_rows = rows.filter(|row| row.line != unit.line).cloned().collect();
        }
    }
}

/// A row whose system user another row names as well.
fn agent_of_another_row(line: u64, other: u64) -> RowError {
    let message = say!("fleet-agent-stands-twice", line = other.to_string()).kept();
    RowError { line, column: "agent", message }
}

/// Reads a list of firms, whatever its column of firms is called.
pub(super) fn read_list(list: &Path) -> Result<Table, ManifestError> {
    let mut first = None;
    for heading in COLUMNS[0].1 {
        match Table::read(list, heading) {
            Ok(table) => return Ok(table),
            Err(error) => first = first.or(Some(error.problem)),
        }
    }
    let problem = match first {
        None | Some(Problem::Empty | Problem::HeaderOnly) => Problem::NoFirms,
        Some(Problem::NoSuchColumn { line, columns, .. }) => Problem::NoFirmColumn { line, columns },
        Some(problem) => problem,
    };
    Err(ManifestError::new(list, problem))
}

/// The column that a heading names, however it is written.
pub(super) fn column_of(heading: &str) -> Option<&'static str> {
    let heading = heading.trim().to_lowercase().replace([' ', '-'], "_");
    COLUMNS.iter().find(|(_, names)| names.contains(&heading.as_str())).map(|(column, _)| *column)
}

fn unit(fleet: &Fleet, line: u64, said: &HashMap<&'static str, &str>) -> Result<Unit, RowError> {
    let wrong = |column, message: Wording| RowError { line, column, message };
    let missing = |column| wrong(column, kept!("fleet-cell-is-empty"));
    let text = |value: &str| toml::Value::String(value.to_owned());
    let facilitator = *said.get("facilitator").ok_or_else(|| missing("facilitator"))?;
    let kind = *said.get("kind").ok_or_else(|| missing("kind"))?;
    let agent = *said.get("agent").ok_or_else(|| missing("agent"))?;
    let number = OrganisationNumber::parse(facilitator)
        .map_err(|error| wrong("facilitator", Wording::of(|| format!("{facilitator:?}: {error}"))))?;
    let kind_known: JobKind = kind
        .to_lowercase()
        .parse()
        .map_err(|_| wrong("kind", say!("fleet-kind-is-not-known", kind = format!("{kind:?}")).kept()))?;
    let name = match said.get("job") {
        Some(name) => (*name).to_owned(),
        None => format!("{}-{number}-{}", fleet.name, kind_known.as_str()),
    };
    let mut keys = vec![
        ("name", text(&name)),
        ("kind", text(kind_known.as_str())),
        ("altinn.facilitator", text(&number.to_string())),
    ];
    if kind_known.moves() {
        let from = *said.get("from_agent").ok_or_else(|| missing("from_agent"))?;
        keys.extend([("altinn.to_agent", text(agent)), ("altinn.from_agent", text(from))]);
    } else {
        keys.push(("altinn.agent", text(agent)));
        if said.contains_key("from_agent") {
            return Err(wrong("from_agent", kept!("fleet-from-agent-is-for-migrate")));
        }
    }
    let optional = [
        ("manifest", "manifest"),
        ("column", "column"),
        ("sheet", "sheet"),
        ("removals", "guard.removals"),
        ("additions", "guard.additions"),
        ("manifest_age", "guard.manifest_age"),
        ("facilitator_id", "altinn.facilitator_id"),
        ("external_ref", "auth.external_ref"),
    ];
    for (column, key) in optional {
        keys.extend(said.get(column).map(|value| (key, text(value))));
    }
    let text = fleet.job_text(&keys);
    // A line of the text that is made here means nothing to whoever wrote the list.
    let job = Job::parse(&text).map_err(|error| {
        let column =
            optional.iter().find(|(column, _)| said.contains_key(column) && error.message.contains(column));
        // Its message is text already; what is kept speaks the language of whoever reads it.
        let message = || Job::parse(&text).err().map_or_else(String::new, |error| error.message);
        wrong(column.map_or("", |(column, _)| column), Wording::of(message))
    })?;
    let own = |column| said.get(column).map(|cell| (*cell).to_owned());
    Ok(Unit { line, name: own("name"), group: own("group"), job, text, other_rows: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        manifest::TableRow,
        words::{Language, in_language},
    };

    const FLEET: &str =
        "name = \"night\"\n[altinn]\nenvironment = \"sandbox\"\n[fleet]\nlist = \"firms.csv\"\n";
    const AGENT: &str = "1b6cea43-f499-4aae-a633-51cf542795af";

    fn units(headings: &[&str], rows: &[&[&str]]) -> Units {
        let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let rows = (2..).zip(rows).map(|(line, cells)| TableRow { line, cells: owned(cells) });
        let table = Table { headings: owned(headings), rows: rows.collect() };
        Units::of(&Fleet::parse(FLEET).unwrap(), &table)
    }

    #[test]
    fn each_row_is_an_ordinary_job_and_whatever_differs_is_its_own() {
        let found = units(
            &["Org.nr.", "Systembruker", "Type", "Liste", "Gruppe", "removals", "Kontakt"],
            &[
                &["314250052", AGENT, "reconcile", "a.csv", "øst", "3", "Åse"],
                &["NO 310 609 544 MVA", "lonn", "refresh"],
            ],
        );
        assert_eq!(found.errors, []);
        assert_eq!(found.passed_over, ["Kontakt"]);
        let names: Vec<_> = found.units.iter().map(|unit| unit.job.name.as_str()).collect();
        assert_eq!(names, ["night-314250052-reconcile", "night-310609544-refresh"]);
        assert_eq!(found.units[0].job.guard.removals, Some(crate::model::Limit::Count(3)));
        assert_eq!(found.units[0].group.as_deref(), Some("øst"));
    }

    #[test]
    fn a_system_users_id_is_one_firms_and_a_reference_another_for_each() {
        let found = units(
            &["facilitator", "agent", "kind", "manifest"],
            &[
                &["314250052", AGENT, "reconcile", "a.csv"],
                &["310609544", &AGENT.to_uppercase(), "reconcile", "b.csv"],
                &["314250052", "lonn", "refresh"],
                &["310609544", "lonn", "refresh"],
            ],
        );
        let places: Vec<_> = found.errors.iter().map(|error| (error.line, error.column)).collect();
        assert_eq!(places, [(2, "agent"), (3, "agent")]);
        assert_eq!(found.units.len(), 2);
    }

    #[test]
    fn of_two_rows_for_one_system_user_neither_stands_though_their_jobs_have_one_name_too() {
        let found = units(
            &["facilitator", "agent", "kind", "manifest"],
            &[
                &["314250052", AGENT, "reconcile", "short.csv"],
                &["314250052", AGENT, "reconcile", "whole.csv"],
                &["310609544", "lonn", "refresh"],
                &["310609544", "hr", "refresh"],
            ],
        );
        let places: Vec<_> = found.errors.iter().map(|error| (error.line, error.column)).collect();
        assert_eq!(places, [(2, "agent"), (3, "agent"), (5, "job")]);
        assert_eq!(found.units.len(), 1);
    }

    #[test]
    fn every_row_that_is_wrong_is_said_with_its_place_and_the_others_stand() {
        let found = units(
            &["facilitator", "agent", "kind", "manifest", "removals"],
            &[
                &["314250052", AGENT, "reconcile", "a.csv"],
                &["314250053", AGENT, "reconcile", "a.csv"],
                &["310609544", AGENT, "polish", "a.csv"],
                &["310609544", "", "delegate", "a.csv"],
                &["310609544", AGENT, "delegate", ""],
                &["314250052", AGENT, "delegate", "b.csv"],
                &["310609544", AGENT, "delegate", "a.csv", "many"],
                &["310609544", AGENT, "migrate", "a.csv"],
                &["310609544", "lonn", "refresh"],
            ],
        );
        let places: Vec<_> = found.errors.iter().map(|error| (error.line, error.column)).collect();
        assert_eq!(
            places,
            [
                (2, "agent"),
                (3, "facilitator"),
                (4, "kind"),
                (5, "agent"),
                (6, ""),
                (7, "agent"),
                (8, "removals"),
                (9, "from_agent")
            ]
        );
        assert_eq!(found.units.len(), 1);
    }

    #[test]
    fn what_is_wrong_with_a_row_is_kept_in_no_language() {
        let found = || {
            units(
                &["facilitator", "agent", "kind", "manifest", "removals"],
                &[
                    &["314250053", AGENT, "reconcile", "a.csv"],
                    &["310609544", AGENT, "polish", "a.csv"],
                    &["310609544", "", "delegate", "a.csv"],
                    &["310609544", AGENT, "delegate", "a.csv", "many"],
                ],
            )
        };
        let (in_norwegian, in_english) = (in_language(Language::Nb, found), in_language(Language::En, found));
        assert_eq!(in_norwegian.errors.len(), 4);
        assert_eq!(in_norwegian.errors, in_english.errors);
        assert_ne!(
            in_norwegian.errors[1].message.english(),
            in_language(Language::Nb, || found().errors[1].message.to_string())
        );
    }
}
