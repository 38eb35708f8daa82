//! `fullmakt man`: for whoever makes a package, and hidden from everybody else.

use std::{fs, path::PathBuf};

use clap::Args;
use clap_mangen::Man;
use serde::Serialize;

use super::super::{
    Context,
    exit::{Exit, Failure},
    help,
};
use crate::words::say;

/// Write the manual pages into a folder
///
/// One page for the program and one for each command, from the same texts as --help, in the language that holds.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The folder, which is made where it is missing
    folder: PathBuf,
}

#[derive(Serialize)]
struct Pages {
    pages: Vec<PathBuf>,
}

pub(crate) fn man(args: &ManArgs, context: &Context) -> Result<Exit, Failure> {
    let unusable = |error: std::io::Error| {
        Failure::new(
            Exit::Fault,
            say!("cli-manual-cannot-be-written", folder = args.folder.display(), error = error),
        )
    };
    fs::create_dir_all(&args.folder).map_err(unusable)?;
    let mut program = help::command();
    program.build();
    let below = program.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help");
    let mut pages = Vec::new();
    for command in std::iter::once(&program).chain(below) {
        // A command's page is called as git's are: fullmakt-run(1).
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        let path = args.folder.join(format!("{name}.1"));
        let mut page = Vec::new();
        Man::new(command.clone()).render(&mut page).map_err(unusable)?;
        fs::write(&path, page).map_err(unusable)?;
        pages.push(path);
    }
    let named: Vec<_> = pages.iter().map(|page| page.display().to_string()).collect();
    context.output.answer(named.join("\n") + "\n", &Pages { pages });
    Ok(Exit::Done)
}
