//! `fullmakt clients`.

use std::{
    collections::HashSet,
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure, must_be_new},
    job::JobFile,
    session::{Errand, Session},
};
use crate::{
    manifest::{Dialect, KEEP, SheetColumn, SheetWriter, Writer},
    model::{ClientId, ClientList, ListedClient},
    report::action_column,
    state_dir::{Readers, write_new, write_whole},
    words::say,
};

/// The clients delegated now, as a manifest
///
/// Private persons have no organisation number, so that a manifest cannot name them: they are counted on stderr, and
/// listed with `--format json`.
#[derive(Debug, Args)]
pub(crate) struct ClientsArgs {
    /// The job file
    job: PathBuf,
    /// All that could be delegated, those that are delegated already among them
    #[arg(long)]
    available: bool,
    /// Write them into this file (.csv or .xlsx) with a column `action`: change keep to delegate or remove where that is
    /// wanted, and give the file to a job of kind manifest
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Clients {
    facilitator: String,
    agent: String,
    list: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    clients: Vec<ClientView>,
}

#[derive(Serialize)]
struct ClientView {
    client: String,
    organisation_number: Option<String>,
    name: String,
}

pub(crate) async fn clients(args: ClientsArgs, context: &Context) -> Result<Exit, Failure> {
    let form = args.out.as_deref().map(Form::of).transpose()?;
    args.out.as_deref().map_or(Ok(()), must_be_new)?;
    let file = JobFile::read(&args.job)?;
    let session = Session::open(&file, context.ledger_to_look()?, Errand::Look, context).await?;
    let list = if args.available { ClientList::Available } else { ClientList::Delegated };
    let (agent, mut listed) = session.engine.clients(list, &file.job.agent).await?;
    let mut delegated: Option<HashSet<ClientId>> = None;
    if args.available && form.is_some() {
        // Who is delegated though no longer available is in the file, too: that is one who may have to go.
        let (_, now) = session.engine.clients(ClientList::Delegated, &file.job.agent).await?;
        let known: HashSet<ClientId> = listed.iter().map(|client| client.id).collect();
        delegated = Some(now.iter().map(|client| client.id).collect());
        listed.extend(now.into_iter().filter(|client| !known.contains(&client.id)));
    }
    let persons = listed.iter().filter(|client| client.number.is_none()).count() as u64;
    let text = match (form, &args.out) {
        (Some(form), Some(path)) => {
            let is_delegated = |client: &ListedClient| {
                delegated.as_ref().is_none_or(|delegated| delegated.contains(&client.id))
            };
            let rows: Vec<Row> =
                listed.iter().filter_map(|client| row(client, is_delegated(client))).collect();
            form.write(path, &rows).map_err(|error| {
                Failure::new(Exit::Fault, say!("cli-is-not-written", path = path.display(), error = error))
            })?;
            format!("{}: {}\n", path.display(), say!("report-clients", clients = rows.len()))
        }
        _ => manifest(&listed).map_err(|error| Failure::new(Exit::Fault, error))?,
    };
    let clients = Clients {
        facilitator: file.job.facilitator.to_string(),
        agent: agent.id.to_string(),
        list: if args.available { "available" } else { "delegated" },
        file: args.out,
        clients: listed.into_iter().map(ClientView::from).collect(),
    };
    context.output.answer(text, &clients);
    if persons > 0 && !context.output.is_json() {
        context.output.note(say!("cli-private-persons-are-not-shown-they-have-no", persons = persons));
    }
    Ok(Exit::Done)
}

/// Writes a list of the clients that the job's firm can give, where the job says that it stands; one that is there is left as it
/// is. Answers where it is.
pub(crate) async fn write_available(job: &Path, context: &Context) -> Result<PathBuf, Failure> {
    let file = JobFile::read(job)?;
    let Some(path) = file.manifest() else {
        return Err(Failure::nothing_sent(say!("request-job-has-no-list", job = job.display())));
    };
    let wrong = |error: io::Error| {
        Failure::new(Exit::Fault, say!("cli-is-not-written", path = path.display(), error = error))
    };
    if path.extension().is_some_and(|extension| !extension.eq_ignore_ascii_case("csv")) {
        return Err(Failure::nothing_sent(say!("request-list-is-no-csv", path = path.display())));
    }
    if path.exists() {
        return Ok(path);
    }
    let session = Session::open(&file, context.ledger_to_look()?, Errand::Look, context).await?;
    let (_, listed) = session.engine.clients(ClientList::Available, &file.job.agent).await?;
    let text = manifest(&listed).map_err(wrong)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(wrong)?;
    }
    write_new(&path, Readers::Everybody, text.as_bytes()).map_err(wrong)?;
    Ok(path)
}

impl From<ListedClient> for ClientView {
    fn from(client: ListedClient) -> Self {
        Self {
            client: client.id.to_string(),
            organisation_number: client.number.map(|number| number.to_string()),
            name: client.name,
        }
    }
}

fn manifest(listed: &[ListedClient]) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes, &Dialect::plain(&["organisation_number", "name"]), &[])?;
    for client in listed {
        if let Some(number) = client.number {
            writer.write(&[number.to_string(), client.name.clone()])?;
        }
    }
    writer.finish()?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The columns of a file of clients.
const COLUMNS: [&str; 4] = ["organisation_number", "name", "delegated", "action"];

type Row = [String; COLUMNS.len()];

/// A client that a list can name; left as it is until somebody says otherwise.
fn row(client: &ListedClient, is_delegated: bool) -> Option<Row> {
    let is_delegated = if is_delegated { "yes" } else { "no" };
    Some([client.number?.to_string(), client.name.clone(), is_delegated.to_owned(), KEEP.to_owned()])
}

/// What kind of file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Workbook,
}

impl Form {
    fn of(path: &Path) -> Result<Self, Failure> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        match extension.as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("xlsx") => Ok(Self::Workbook),
            _ => Err(Failure::nothing_sent(say!(
                "cli-is-neither-a-csv-nor-an-xlsx-file",
                path = path.display()
            ))
            .hint(say!("cli-the-name-says-what-is-written-end-it-in-xlsx"))),
        }
    }

    fn write(self, path: &Path, rows: &[Row]) -> io::Result<()> {
        write_whole(path, Readers::Everybody, |file| match self {
            Self::Csv => {
                let mut writer = Writer::new(io::BufWriter::new(file), &Dialect::plain(&COLUMNS), &[])?;
                for row in rows {
                    writer.write(row)?;
                }
                writer.finish()
            }
            Self::Workbook => {
                let [number, name, delegated, _] = COLUMNS;
                let columns = vec![
                    SheetColumn::plain(number, 20),
                    SheetColumn::plain(name, 44),
                    SheetColumn::plain(delegated, 14),
                    action_column(),
                ];
                let mut sheet = SheetWriter::new(None, columns).map_err(io::Error::other)?;
                for row in rows {
                    sheet.write(row, false).map_err(io::Error::other)?;
                }
                sheet.finish(file).map_err(io::Error::other)
            }
        })
    }
}
