//! How people, spreadsheets and other systems write an organisation number: what they put around and between its digits.

use super::{
    characters::{digit, is_invisible},
    identity_number::is_luhn,
};

/// What stands between the groups of `310.609.544`.
pub(super) const DIVIDERS: [char; 6] = ['.', ',', '-', '\'', '_', '·'];

/// What is written in front of a number: longer ones before those that they begin with. In small letters, without blanks.
const PREFIXES: [&str; 26] = [
    "https://data.brreg.no/enhetsregisteret/api/enheter/",
    "urn:altinn:organization:identifier-no:",
    "iso6523-actorid-upis::",
    "organisasjonsnummer",
    "organisationsnummer",
    "organisationnumber",
    "organizationnumber",
    "organisasjonsnr",
    "organisationsnr",
    "foretaksnummer",
    "foretaksnr",
    "org.nummer",
    "orgnummer",
    "no:orgnr:",
    "mva.nr",
    "mvanr",
    "mva-nr",
    "org.nr",
    "org-nr",
    "org.no",
    "orgnr",
    "orgno",
    "0192:",
    "9908:",
    "org",
    "mva",
];

const SUFFIXES: [&str; 4] = ["foretaksregisteret", "m.v.a", "mva", "vat"];

/// What a cell says instead of nothing.
const NOTHING: [&str; 22] = [
    "null",
    "nan",
    "none",
    "nil",
    "n/a",
    "na",
    "-",
    "--",
    "---",
    "?",
    ".",
    "0",
    "mangler",
    "manglar",
    "ukjent",
    "ukjend",
    "ingen",
    "missing",
    "unknown",
    "tom",
    "empty",
    "undefined",
];

/// The text with digits, quotes, hyphens and blanks as a keyboard has them, and without what cannot be seen.
pub(super) fn plain(text: &str) -> String {
    let as_typed = |character: char| match character {
        '’' | '‘' | '‚' | '‛' | '´' | '`' | '\u{2b9}' | '\u{2bc}' | '′' => '\'',
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => '-',
        other if other.is_whitespace() => ' ',
        other => digit(other).map_or(other, |value| char::from(b'0' + value)),
    };
    let seen = text.chars().filter(|character| !is_invisible(*character)).map(as_typed);
    seen.collect::<String>().trim().to_owned()
}

/// Whether the cell is empty, or has one of the words for that.
pub(super) fn says_nothing(plain: &str) -> bool {
    let word = plain.trim_matches(['\'', '"', ' ', '(', ')']).to_lowercase();
    word.is_empty() || NOTHING.contains(&word.as_str())
}

/// A text without blanks, and without what is written around a number.
pub(super) fn undressed(bare: &str) -> &str {
    let mut rest = bare;
    loop {
        let before = rest.len();
        rest = rest.trim_matches(['\'', '"', '(', ')', '[', ']', '{', '}', '<', '>']);
        rest = rest.trim_start_matches('=').trim_end_matches(['.', ',', ';', ':']);
        // `NO` is a word of its own, and begins other words.
        for prefix in PREFIXES.iter().chain(&["no"]) {
            if let Some(stripped) = without_prefix(rest, prefix) {
                rest = stripped.trim_start_matches(['.', ':', '-', '_', '#', '=']);
                break;
            }
        }
        for suffix in SUFFIXES {
            if let Some(stripped) = without_suffix(rest, suffix) {
                rest = stripped.trim_end_matches(['-', '.', ',', '/']);
            }
        }
        if rest.len() == before {
            return rest;
        }
    }
}

fn without_prefix<'text>(text: &'text str, prefix: &str) -> Option<&'text str> {
    text.get(..prefix.len()).filter(|begins| begins.eq_ignore_ascii_case(prefix))?;
    let rest = text.get(prefix.len()..)?;
    let goes_on_as_a_word = rest.chars().next().is_some_and(char::is_alphabetic)
        && prefix.ends_with(|last: char| last.is_ascii_alphabetic())
        && !PREFIXES.iter().chain(&SUFFIXES).any(|known| starts_with(rest, known));
    (!goes_on_as_a_word).then_some(rest)
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(prefix))
}

fn without_suffix<'text>(text: &'text str, suffix: &str) -> Option<&'text str> {
    let start = text.len().checked_sub(suffix.len())?;
    text.get(start..).filter(|ends| ends.eq_ignore_ascii_case(suffix))?;
    text.get(..start)
}

/// `3,1E+08`, `3.10609544e8` and the like.
pub(super) fn is_scientific(text: &str) -> bool {
    text.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        let digits = |part: &str, signs: &[char]| {
            part.chars().any(|character| character.is_ascii_digit())
                && part.chars().all(|character| character.is_ascii_digit() || signs.contains(&character))
        };
        digits(mantissa, &[',', '.']) && digits(exponent, &['+', '-'])
    })
}

/// What could be organisation numbers in a longer text: runs of nine digits, and of three times three.
pub(super) fn numbers_within(plain: &str) -> impl Iterator<Item = &str> {
    let is_number = |run: &&str| run.len() == 9;
    plain.split(|character: char| !character.is_ascii_digit()).filter(is_number)
}

/// As telephone numbers are divided: 22 83 60 00, 412 34 567.
pub(super) fn is_telephone(plain: &str) -> bool {
    let lengths: Vec<usize> = plain.split(' ').map(str::len).collect();
    matches!(lengths.as_slice(), [2, 2, 2, 2] | [3, 2, 3])
}

/// Ten digits that are a Swedish organisation number: the third is 2 at least, and the last checks the others.
pub(super) fn is_swedish(digits: &str) -> bool {
    let values: Vec<u8> = digits.bytes().map(|byte| byte.wrapping_sub(b'0')).collect();
    values.get(2).is_some_and(|third| *third >= 2) && is_luhn(&values)
}
