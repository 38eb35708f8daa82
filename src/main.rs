//! The `fullmakt` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    fullmakt::cli::main()
}
