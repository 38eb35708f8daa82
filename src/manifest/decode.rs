//! From bytes to UTF-8, whatever they were.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::Path,
    str,
};

use encoding_rs::{CoderResult, Decoder, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{
    Encoding,
    kind::save_as_csv,
    problem::{ManifestError, Problem},
};
use crate::words::kept;

/// Finds out how a file's characters are bytes: by its byte order mark, or by trying whether all of it is UTF-8.
pub(super) fn encoding_of(path: &Path) -> Result<Encoding, ManifestError> {
    let wrong = |problem| ManifestError::new(path, problem);
    let mut file = open(path)?;
    let mut buffer = vec![0; 64 * 1024];
    let mut filled = 0;
    let mut first = true;
    let mut encoding = Encoding::Utf8;
    loop {
        let more = file
            .read(buffer.get_mut(filled..).unwrap_or_default())
            .map_err(|error| wrong(Problem::Io(error)))?;
        let chunk = buffer.get(..filled + more).unwrap_or_default();
        if first {
            first = false;
            if chunk.is_empty() {
                return Err(wrong(Problem::Empty));
            }
            match chunk {
                [0xFF, 0xFE, 0, 0, ..] => {
                    return Err(wrong(Problem::Kind(kept!("manifest-a-text-in-utf-32"), save_as_csv())));
                }
                [0xFF, 0xFE, ..] => return Ok(Encoding::Utf16Le),
                [0xFE, 0xFF, ..] => return Ok(Encoding::Utf16Be),
                [0xEF, 0xBB, 0xBF, ..] => encoding = Encoding::Utf8Bom,
                _ => {}
            }
        }
        if chunk.contains(&0) {
            return Err(wrong(Problem::Kind(
                kept!("manifest-a-binary-file-or-utf-16-without-its-mark"),
                save_as_csv(),
            )));
        }
        let valid = match str::from_utf8(chunk) {
            Ok(_) => chunk.len(),
            // A character may be cut in two by the end of the buffer, not by the end of the file.
            Err(error) if error.error_len().is_none() && more > 0 => error.valid_up_to(),
            Err(_) => {
                return reject_nul(file, path).map(|()| Encoding::Windows1252);
            }
        };
        if more == 0 {
            return Ok(encoding);
        }
        let rest = chunk.len() - valid;
        buffer.copy_within(valid..valid + rest, 0);
        filled = rest;
    }
}

/// The rest of a file that is not UTF-8 is looked at for what no text has.
fn reject_nul(mut file: File, path: &Path) -> Result<(), ManifestError> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(many) if buffer.iter().take(many).any(|byte| *byte == 0) => {
                return Err(ManifestError::new(
                    path,
                    Problem::Kind(kept!("manifest-a-binary-file"), save_as_csv()),
                ));
            }
            Ok(_) => {}
            Err(error) => return Err(ManifestError::new(path, Problem::Io(error))),
        }
    }
}

/// The file's text as UTF-8, without its byte order mark.
pub(super) fn text_of(path: &Path, encoding: Encoding) -> Result<Decoded<File>, ManifestError> {
    let mut file = open(path)?;
    file.rewind().map_err(|error| ManifestError::new(path, Problem::Io(error)))?;
    Ok(Decoded::new(file, encoding))
}

pub(super) fn open(path: &Path) -> Result<File, ManifestError> {
    let wrong = |problem| ManifestError::new(path, problem);
    // Before it is opened: opening a pipe waits for its other end.
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return Err(wrong(Problem::NoFile));
    }
    let file = File::open(path).map_err(|error| wrong(Problem::Io(error)))?;
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => Err(wrong(Problem::Folder)),
        Ok(_) => Ok(file),
        Err(error) => Err(wrong(Problem::Io(error))),
    }
}

/// Bytes in some encoding, read as UTF-8.
pub(super) struct Decoded<R> {
    bytes: BufReader<R>,
    decoder: Decoder,
    decoded: Vec<u8>,
    read: usize,
    at_end: bool,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(bytes: R, encoding: Encoding) -> Self {
        let encoding = match encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => UTF_8,
            Encoding::Windows1252 => WINDOWS_1252,
            Encoding::Utf16Le => UTF_16LE,
            Encoding::Utf16Be => UTF_16BE,
        };
        Self {
            bytes: BufReader::with_capacity(32 * 1024, bytes),
            decoder: encoding.new_decoder_with_bom_removal(),
            decoded: Vec::new(),
            read: 0,
            at_end: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        use io::BufRead;
        let input = self.bytes.fill_buf()?;
        let last = input.is_empty();
        self.decoded.resize(input.len() * 3 + 16, 0);
        let (result, read, written, _) = self.decoder.decode_to_utf8(input, &mut self.decoded, last);
        self.decoded.truncate(written);
        self.read = 0;
        self.bytes.consume(read);
        self.at_end = last && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.decoded.len() {
            if self.at_end {
                return Ok(0);
            }
            self.fill()?;
        }
        let mut rest = self.decoded.get(self.read..).unwrap_or_default();
        let many = rest.read(buffer)?;
        self.read += many;
        Ok(many)
    }
}
