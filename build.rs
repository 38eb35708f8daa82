//! Packs the words of each language, which are a fiftieth of the program, into a third of their size.

#[path = "src/words/whole_commands.rs"]
mod whole_commands;

use std::{env, error::Error, fs, io::Write, path::Path};

use flate2::{Compression, write::ZlibEncoder};

/// Where each language has its folder of files.
const WORDS: &str = "src/words";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={WORDS}");
    let out = env::var_os("OUT_DIR").ok_or("cargo says where files go that a build makes")?;
    for language in ["en", "nb"] {
        let folder = Path::new(WORDS).join(language);
        let entries = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
        // What an editor keeps beside a file is no words.
        let mut files: Vec<_> = entries.iter().map(fs::DirEntry::path).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "ftl"));
        files.sort();
        let packed = fs::File::create(Path::new(&out).join(format!("{language}.ftl.zz")))?;
        let mut packed = ZlibEncoder::new(packed, Compression::best());
        for file in files {
            packed.write_all(whole_commands::with_commands_whole(&fs::read_to_string(file)?).as_bytes())?;
            packed.write_all(b"\n")?;
        }
        packed.finish()?;
    }
    Ok(())
}
