//! Takes secrets out of what others say: whole or in part, in any spelling, after everything has been decoded.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

/// What stands in a text instead of a secret.
const SECRET_STOOD_HERE: &str = "(token)";
/// So many characters in a row of a secret are a piece of it, in any spelling; fewer are of no use to anybody.
const PIECE: usize = 16;

/// Secrets that must not be in what is shown.
#[derive(Default)]
pub(super) struct Redaction {
    /// Every run of [`PIECE`] characters of every spelling, in small letters.
    pieces: HashSet<[u8; PIECE]>,
    /// Those that are shorter than a piece, whole.
    short: Vec<SecretString>,
}

impl Redaction {
    /// For these secrets.
    pub(super) fn of<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let mut redaction = Self::default();
        for secret in secrets {
            let secret = secret.expose_secret();
            if secret.len() < PIECE {
                redaction.short.push(SecretString::from(secret));
            }
            redaction.add(secret.as_bytes());
            redaction.add(hexadecimal(secret).expose_secret().as_bytes());
            // In base64 a text looks different after one or two other bytes; the ends depend on what is beside them.
            for before in 0..3_usize {
                let shifted = SecretString::from(format!("{}{secret}", "\0".repeat(before)));
                let encoded = SecretString::from(STANDARD_NO_PAD.encode(shifted.expose_secret()));
                let own =
                    encoded.expose_secret().as_bytes().get((before * 8).div_ceil(6)..).unwrap_or_default();
                redaction.add(&own[..own.len().saturating_sub(1)]);
            }
        }
        redaction.short.retain(|secret| !secret.expose_secret().is_empty());
        redaction
    }

    fn add(&mut self, spelling: &[u8]) {
        let spelling: Vec<u8> = spelling.iter().map(|byte| folded(*byte)).collect();
        self.pieces.extend(spelling.windows(PIECE).filter_map(|piece| <[u8; PIECE]>::try_from(piece).ok()));
    }

    /// The text without them. Percent-encoding and the escapes of JSON are seen through; white space and characters
    /// that are not shown do not hide anything.
    pub(super) fn of_text(&self, text: &str) -> String {
        let letters = letters(text);
        let mut cuts: Vec<(usize, usize)> = Vec::new();
        let mut cut = |from: &Letter, to: &Letter| cuts.push((from.begin, to.end));
        for window in letters.windows(PIECE) {
            let mut piece = [0; PIECE];
            piece.iter_mut().zip(window).for_each(|(byte, letter)| *byte = letter.byte);
            if self.pieces.contains(&piece) {
                cut(&window[0], &window[PIECE - 1]);
            }
        }
        for secret in &self.short {
            let secret: Vec<u8> = secret.expose_secret().bytes().map(folded).collect();
            for window in letters.windows(secret.len()) {
                if window.iter().map(|letter| letter.byte).eq(secret.iter().copied()) {
                    cut(&window[0], &window[secret.len() - 1]);
                }
            }
        }
        without(text, cuts)
    }
}

fn without(text: &str, mut cuts: Vec<(usize, usize)>) -> String {
    cuts.sort_unstable();
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for (begin, end) in cuts {
        // One that overlaps or touches the one before it is the same secret going on.
        if begin > from || from == 0 {
            left.push_str(&text[from..begin]);
            left.push_str(SECRET_STOOD_HERE);
        }
        from = from.max(end);
    }
    left.push_str(&text[from..]);
    left
}

fn hexadecimal(secret: &str) -> SecretString {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = secret.bytes().flat_map(|byte| [byte >> 4, byte & 15].map(usize::from));
    SecretString::from(digits.map(|digit| char::from(DIGITS[digit])).collect::<String>())
}

/// Upper and lower case, and the two alphabets of base64, are one.
fn folded(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte.to_ascii_lowercase(),
    }
}

/// One decoded byte, and where in the text it stands.
struct Letter {
    byte: u8,
    begin: usize,
    end: usize,
}

/// The text decoded, without what separates or hides letters.
fn letters(text: &str) -> Vec<Letter> {
    let bytes = text.as_bytes();
    let mut letters = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let (byte, length) = escape(&bytes[at..]).unwrap_or((*byte, 1));
        if byte.is_ascii_graphic() {
            letters.push(Letter { byte: folded(byte), begin: at, end: at + length });
        }
        at += length;
    }
    letters
}

/// What an escape at the beginning stands for, and how long it is: `%65`, also encoded again (`%2565`), `\u0065`, `\/`.
fn escape(bytes: &[u8]) -> Option<(u8, usize)> {
    let number = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    match bytes {
        [b'%', rest @ ..] => {
            let mut again = 0;
            while rest[again..].starts_with(b"25") && rest.len() >= again + 4 {
                again += 2;
            }
            let byte = number(rest.get(again..again + 2)?)?;
            Some((byte, 1 + again + 2))
        }
        [b'\\', b'u', b'0', b'0', digits @ ..] => Some((number(digits.get(..2)?)?, 6)),
        [b'\\', byte, ..] if byte.is_ascii_punctuation() => Some((*byte, 2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    const SECRET: &str =
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.Sfl-KxwRJSMeKKF2QT4f_wpMeJf36POk6yJV";

    #[test]
    fn a_secret_is_taken_out_in_every_spelling_and_what_is_cut_at_its_ends_too() {
        let redaction = Redaction::of([&SecretString::from(SECRET)]);
        let escaped = |escape: fn(u8) -> String| SECRET.bytes().map(escape).collect::<Vec<_>>().concat();
        let percent = escaped(|byte| format!("%{byte:02X}"));
        let json = escaped(|byte| format!("\\u{byte:04x}"));
        let wrapped: Vec<&str> = [&SECRET[..20], &SECRET[20..50], &SECRET[50..]].into();
        for spelling in [
            SECRET.to_owned(),
            SECRET.to_uppercase(),
            percent.replace('%', "%25"),
            percent,
            json,
            SECRET.replace('.', "%2e"),
            STANDARD.encode(SECRET),
            URL_SAFE_NO_PAD.encode(format!("x{SECRET}y")),
            STANDARD.encode(format!("Bearer {SECRET}")),
            STANDARD.encode(format!("{{\"token\":\"{SECRET}\"}}")),
            hexadecimal(SECRET).expose_secret().to_owned(),
            wrapped.join("\n"),
            wrapped.join("\u{200b}"),
            SECRET[..16].to_owned(),
            SECRET[SECRET.len() - 16..].to_owned(),
            SECRET[9..40].to_owned(),
        ] {
            let shown = redaction.of_text(&format!("before {spelling} after"));
            assert!(shown.starts_with("before ") && shown.ends_with(" after"), "{shown}");
            let rest = shown.replace(SECRET_STOOD_HERE, "").replace("before", "").replace("after", "");
            // What is left of base64 at its ends are pieces of what stood beside the secret.
            assert!(rest.trim().len() < 24, "{spelling}: {rest}");
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_was() {
        let redaction = Redaction::of([&SecretString::from(SECRET), &SecretString::from("short-one")]);
        for text in [
            "",
            "MP-303: 50 % of \\n and %zz, æøå \u{1f600}",
            "https://x.example/?a=%20b%",
            "%25",
            &SECRET[..15],
        ] {
            assert_eq!(redaction.of_text(text), text);
        }
        assert_eq!(redaction.of_text("no: short-one, SHORT%2Done"), "no: (token), (token)");
    }
}
