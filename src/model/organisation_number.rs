//! Norwegian organisation numbers: read from what people write, checked, shown as nine digits.

use std::fmt;

use thiserror::Error;

use super::{identity_number::has_identity_number, spelling};

/// An organisation number with a valid check digit.
///
/// Nine digits; the last is a modulus-11 check digit over the first eight with the weights
/// 3 2 7 6 5 4 3 2. Production numbers begin with 8 or 9, those of the test environments with any
/// digit, 0 included. (Source: the business register; `altinn-api` facts on test data.)
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrganisationNumber(u32);

/// Why a text is not an organisation number, in words that say what probably happened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrganisationNumberError {
    /// Nothing stood there, or a word for nothing.
    #[error("{}", text!("model-no-organisation-number-stands-here"))]
    Empty,
    /// `000000000` or `999999999`.
    #[error("{}", text!("model-a-filler-not-the-number-of-an-organisation"))]
    Filler,
    /// A spreadsheet has turned the number into scientific notation (`3,1E+08`).
    #[error("{}", text!("model-a-spreadsheet-has-rounded-this-number-away"))]
    Scientific,
    /// `#N/A`, `#REF!`, `#I/T` and the like.
    #[error("{}", text!("model-the-spreadsheet-shows-an-error-here-and-not-a"))]
    SpreadsheetError,
    /// `#########`.
    #[error("{}", text!("model-the-spreadsheets-column-was-too-narrow-to"))]
    TooNarrow,
    /// A formula that the spreadsheet has not worked out.
    #[error("{}", text!("model-a-formula-stands-here-and-not-its-result-in"))]
    Formula,
    /// Fewer digits, which become valid with zeros in front.
    #[error("{}", say!("model-digits-a-spreadsheet-has-dropped-what-zeros", digits = .digits, number = .number))]
    LeadingZeroDropped {
        /// What was meant.
        number: OrganisationNumber,
        /// How many digits are left.
        digits: usize,
    },
    /// A decimal tail (`310609544,0` or `310609544.00`).
    #[error("{}", text!("model-a-spreadsheet-has-made-a-decimal-number-of-it"))]
    Decimals,
    /// The shape of a national identity number, which must not be in a manifest.
    #[error("{}", text!("model-these-digits-look-like-a-national-identity"))]
    NationalIdentityNumber,
    /// Eleven digits that are no identity number.
    #[error("{}", text!("model-eleven-digits-a-bank-account-perhaps-an"))]
    BankAccount,
    /// A telephone number, by how it is written.
    #[error("{}", text!("model-a-telephone-number-it-seems-an-organisation"))]
    Telephone,
    /// A Swedish organisation number.
    #[error("{}", text!("model-a-swedish-organisation-number-it-seems-altinn"))]
    Swedish,
    /// Several numbers in one cell.
    #[error("{}", text!("model-several-organisation-numbers-in-one-cell-give"))]
    Several,
    /// Other text beside a number.
    #[error("{}", say!("model-other-text-stands-beside-the-number-leave", number = .0))]
    WithText(OrganisationNumber),
    /// Something else than digits and the separators people use.
    #[error("{}", say!("model-an-organisation-number-has-nine-digits-does", character = .0))]
    NotADigit(char),
    /// Eight digits.
    #[error("{}", text!("model-an-organisation-number-has-nine-digits-this"))]
    EightDigits,
    /// The wrong count of digits.
    #[error("{}", say!("model-an-organisation-number-has-nine-digits-this-2", digits = .0))]
    Length(usize),
    /// Nine digits whose last does not fit the first eight.
    #[error("{}", text!("model-the-check-digit-does-not-fit-a-digit-is-wrong"))]
    CheckDigit,
}

use OrganisationNumberError as Error;

use crate::words::{say, text};

impl OrganisationNumber {
    /// Reads an organisation number as people and systems write it: bare, divided by blanks, dots, commas or hyphens,
    /// in any quotes, as `NO 310 609 544 MVA Foretaksregisteret`, with a label such as `Org.nr:`, or in the forms of
    /// Peppol and Altinn (`0192:`, `9908:`, `NO:ORGNR:`, `urn:altinn:organization:identifier-no:`).
    ///
    /// # Errors
    ///
    /// Says what is wrong and, where a spreadsheet's habits explain it, what happened.
    pub fn parse(text: &str) -> Result<Self, Error> {
        // Nearly every cell of a long list.
        if text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::of_digits(text, text);
        }
        let plain = spelling::plain(text);
        if spelling::says_nothing(&plain) {
            return Err(Error::Empty);
        }
        if let Some(rest) = plain.strip_prefix('#') {
            let narrow = rest.chars().all(|character| character == '#');
            let error = if narrow { Error::TooNarrow } else { Error::SpreadsheetError };
            return if rest.chars().next().is_some_and(|next| next.is_ascii_digit()) {
                Self::of_bare(rest, rest)
            } else {
                Err(error)
            };
        }
        let bare: String = plain.chars().filter(|character| *character != ' ').collect();
        if bare.starts_with('=') && bare.contains('(') {
            return Err(Error::Formula);
        }
        let undressed = spelling::undressed(&bare);
        if undressed.is_empty() {
            return Err(Error::Empty);
        }
        if undressed.starts_with('+') {
            return Err(Error::Telephone);
        }
        Self::of_bare(undressed, &plain)
    }

    /// The number that a damaged text was, where it can have been only one: without its decimals, or with the one zero
    /// that a spreadsheet has dropped.
    pub fn meant(text: &str) -> Option<Self> {
        match Self::parse(text) {
            Ok(number) => Some(number),
            Err(Error::LeadingZeroDropped { number, digits: 8 }) => Some(number),
            Err(Error::Decimals) => {
                let plain = spelling::plain(text);
                let (whole, _) = plain.rsplit_once([',', '.'])?;
                Self::parse(whole).ok()
            }
            Err(_) => None,
        }
    }

    /// `bare` is the text without blanks and what is written around a number; `plain` still has its blanks.
    fn of_bare(bare: &str, plain: &str) -> Result<Self, Error> {
        if spelling::is_scientific(bare) {
            return Err(if has_identity_number(plain) {
                Error::NationalIdentityNumber
            } else {
                Error::Scientific
            });
        }
        let groups: Vec<&str> = bare.split(|character: char| !character.is_ascii_digit()).collect();
        let separators: Vec<char> = bare.chars().filter(|character| !character.is_ascii_digit()).collect();
        let one_separator = separators.windows(2).all(|pair| pair.first() == pair.last());
        if let ([.., decimals], [.., ',' | '.']) = (groups.as_slice(), separators.as_slice())
            && decimals.len() != 3
            && !decimals.is_empty()
            && decimals.bytes().all(|byte| byte == b'0')
            && separators.len() <= 3
        {
            let identity = has_identity_number(plain);
            return Err(if identity { Error::NationalIdentityNumber } else { Error::Decimals });
        }
        let is_divided = groups.iter().map(|group| group.len()).eq([3, 3, 3]);
        if is_divided && one_separator && separators.iter().all(|one| spelling::DIVIDERS.contains(one)) {
            return Self::of_digits(&groups.concat(), plain);
        }
        match separators.first() {
            None => Self::of_digits(bare, plain),
            Some(separator) => Err(Self::why_not(&groups, *separator, plain)),
        }
    }

    /// What a text that is more than digits is.
    fn why_not(groups: &[&str], separator: char, plain: &str) -> Error {
        let within: Vec<Self> = spelling::numbers_within(plain).filter_map(Self::from_nine_digits).collect();
        let swedish = groups.iter().map(|group| group.len()).eq([6, 4]) && separator == '-';
        match within.as_slice() {
            [_, _, ..] => Error::Several,
            _ if has_identity_number(plain) => Error::NationalIdentityNumber,
            [number] => Error::WithText(*number),
            [] if swedish => Error::Swedish,
            [] => Error::NotADigit(separator),
        }
    }

    fn of_digits(digits: &str, plain: &str) -> Result<Self, Error> {
        match digits.len() {
            9 if digits == "000000000" || digits == "999999999" => Err(Error::Filler),
            9 => Self::from_nine_digits(digits).ok_or(Error::CheckDigit),
            length @ 5..=8 => Err(match Self::from_nine_digits(digits) {
                _ if spelling::is_telephone(plain) => Error::Telephone,
                Some(number) => Error::LeadingZeroDropped { number, digits: length },
                None if length == 8 => Error::EightDigits,
                None => Error::Length(length),
            }),
            // Peppol's prefixes, their colon lost.
            13 if digits.starts_with("0192") || digits.starts_with("9908") => {
                digits.get(4..).and_then(Self::from_nine_digits).ok_or(Error::Length(13))
            }
            18.. if spelling::numbers_within(plain).filter_map(Self::from_nine_digits).count() > 1 => {
                Err(Error::Several)
            }
            _ if has_identity_number(plain) => Err(Error::NationalIdentityNumber),
            10 if spelling::is_swedish(digits) => Err(Error::Swedish),
            11 => Err(Error::BankAccount),
            length => Err(Error::Length(length)),
        }
    }

    /// The number made of these eight digits and their check digit; `None` for the one value in
    /// eleven that has no check digit, and for more than eight digits.
    pub fn from_first_eight(first_eight: u32) -> Option<Self> {
        if first_eight > 99_999_999 {
            return None;
        }
        check_digit(first_eight).map(|digit| Self(first_eight * 10 + digit))
    }

    /// The number as an integer, for storage: a leading zero is not in it.
    pub fn as_u32(self) -> u32 {
        self.0
    }

    /// Back from [`Self::as_u32`]; `None` when the check digit does not fit.
    pub fn from_u32(value: u32) -> Option<Self> {
        Self::from_first_eight(value / 10).filter(|number| number.0 == value)
    }

    fn from_nine_digits(digits: &str) -> Option<Self> {
        digits.parse().ok().and_then(Self::from_u32)
    }
}

/// The modulus-11 check digit of eight digits, `None` where it would be 10.
fn check_digit(first_eight: u32) -> Option<u32> {
    const WEIGHTS_FROM_THE_RIGHT: [u32; 8] = [2, 3, 4, 5, 6, 7, 2, 3];
    let mut rest = first_eight;
    let mut sum = 0;
    for weight in WEIGHTS_FROM_THE_RIGHT {
        sum += weight * (rest % 10);
        rest /= 10;
    }
    match sum % 11 {
        0 => Some(0),
        1 => None,
        remainder => Some(11 - remainder),
    }
}

impl fmt::Display for OrganisationNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:09}", self.0)
    }
}

impl fmt::Debug for OrganisationNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl serde::Serialize for OrganisationNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_read_in_every_form_people_write_it() {
        let plain = OrganisationNumber::parse("310609544").unwrap();
        for form in [
            "310 609 544",
            " 310609544 ",
            "310\u{a0}609\u{a0}544",
            "310\u{202f}609\u{202f}544",
            "310.609.544",
            "310,609,544",
            "310-609-544",
            "310–609–544",
            "310'609'544",
            "310’609’544",
            "310_609_544",
            "31060 9544",
            "NO 310 609 544 MVA",
            "no310609544mva",
            "NO-310609544",
            "310609544MVA",
            "310609544-MVA",
            "310609544 (MVA)",
            "310609544 M.V.A.",
            "MVA310609544",
            "NO 310 609 544 MVA Foretaksregisteret",
            "Org.nr. 310 609 544",
            "Org.nr: 310 609 544 MVA",
            "Organisasjonsnummer: 310609544",
            "Org nr 310609544",
            "ORG 310609544",
            "0192:310609544",
            "0192310609544",
            "9908:310609544",
            "iso6523-actorid-upis::0192:310609544",
            "NO:ORGNR:310609544",
            "urn:altinn:organization:identifier-no:310609544",
            "(310609544)",
            "310609544.",
            "310609544;",
            "'310609544",
            "'310609544'",
            "’310609544",
            "‘310609544’",
            "´310609544",
            "`310609544",
            "“310609544”",
            "\"310609544\"",
            "=\"310609544\"",
            "\u{200e}310609544",
            "\u{202a}310609544\u{202c}",
            "310\u{ad}609544",
            "\u{2060}310609544",
            "\u{2066}310609544\u{2069}",
            "\u{1a}310609544",
            "３１０６０９５４４",
            "٣١٠٦٠٩٥٤٤",
        ] {
            assert_eq!(OrganisationNumber::parse(form), Ok(plain), "{form}");
        }
        assert_eq!(plain.to_string(), "310609544");
    }

    #[test]
    fn a_leading_zero_is_part_of_the_number() {
        let number = OrganisationNumber::parse("000522783").unwrap();
        assert_eq!(number.to_string(), "000522783");
        assert_eq!(
            OrganisationNumber::parse("70086117"),
            match OrganisationNumber::parse("070086117") {
                Ok(number) => Err(OrganisationNumberError::LeadingZeroDropped { number, digits: 8 }),
                Err(_) => Err(OrganisationNumberError::EightDigits),
            }
        );
    }

    #[test]
    fn what_a_spreadsheet_did_is_said() {
        use OrganisationNumberError as Error;
        let error = |text: &str| OrganisationNumber::parse(text).unwrap_err();
        for (text, says) in [
            ("3,1E+08", Error::Scientific),
            ("3.10609544e8", Error::Scientific),
            ("310609544,0", Error::Decimals),
            ("310609544.00", Error::Decimals),
            ("310 609 544,00", Error::Decimals),
            ("310,609,544.00", Error::Decimals),
            ("", Error::Empty),
            ("  ", Error::Empty),
            ("NO MVA", Error::Empty),
            ("NULL", Error::Empty),
            ("nan", Error::Empty),
            ("-", Error::Empty),
            ("–", Error::Empty),
            ("0", Error::Empty),
            ("mangler", Error::Empty),
            ("000000000", Error::Filler),
            ("999999999", Error::Filler),
            ("#########", Error::TooNarrow),
            ("#N/A", Error::SpreadsheetError),
            ("#I/T", Error::SpreadsheetError),
            ("=TEXT(A2;\"000000000\")", Error::Formula),
            ("31060954x", Error::NotADigit('x')),
            ("9O2345673", Error::NotADigit('O')),
            ("3106095", Error::Length(7)),
            ("310609545", Error::CheckDigit),
            ("12345678", Error::EightDigits),
            ("22 83 60 00", Error::Telephone),
            ("+4741234567", Error::Telephone),
            ("556702-6934", Error::Swedish),
            ("12345678903", Error::BankAccount),
            ("01017012345", Error::NationalIdentityNumber),
            ("010170 12345", Error::NationalIdentityNumber),
            ("1017012345", Error::NationalIdentityNumber),
            ("01017012345/1", Error::NationalIdentityNumber),
            ("fnr 01017012345", Error::NationalIdentityNumber),
            ("1017012345,00", Error::NationalIdentityNumber),
            ("1,017012345E+10", Error::NationalIdentityNumber),
            ("310609544, 314250052", Error::Several),
            ("310609544 314250052", Error::Several),
            ("310609544\n314250052", Error::Several),
            ("NORD AS (310609544)", Error::WithText(OrganisationNumber(310_609_544))),
            ("Nordea Bank", Error::NotADigit('N')),
        ] {
            assert_eq!(error(text), says, "{text}");
        }
        assert!(error("522783").to_string().contains("write 000522783"));
    }

    #[test]
    fn only_what_can_have_been_one_number_is_put_right() {
        for (text, meant) in [
            ("310609544,0", Some("310609544")),
            ("310 609 544,00", Some("310609544")),
            ("310,609,544.00", Some("310609544")),
            ("92592731", Some("092592731")),
            ("522783", None),
            ("310609545", None),
            ("310609545,0", None),
            ("01017012345,0", None),
            ("3,1E+08", None),
        ] {
            assert_eq!(
                OrganisationNumber::meant(text).map(|number| number.to_string()).as_deref(),
                meant,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_text_is_a_number_or_an_error_and_never_a_panic(text in "\\PC{0,40}") {
            let _ = OrganisationNumber::parse(&text);
        }

        #[test]
        fn a_changed_digit_is_always_caught(first in 0u32..100_000_000, place in 0u32..9, by in 1u32..10) {
            prop_assume!(OrganisationNumber::from_first_eight(first).is_some());
            let number = OrganisationNumber::from_first_eight(first).unwrap();
            let unit = 10u32.pow(place);
            let digit = number.as_u32() / unit % 10;
            let changed = number.as_u32() - digit * unit + (digit + by) % 10 * unit;
            prop_assert_eq!(OrganisationNumber::from_u32(changed), None);
            prop_assert_eq!(OrganisationNumber::parse(&number.to_string()), Ok(number));
        }
    }
}
