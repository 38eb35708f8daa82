//! Norwegian organisation numbers: read from what people write, checked, shown as nine digits.

use std::fmt;

use thiserror::Error;

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
    /// Nothing stood there.
    #[error("no organisation number stands here")]
    Empty,
    /// A spreadsheet has turned the number into scientific notation (`3,1E+08`).
    #[error(
        "a spreadsheet has rounded this number away; format the column as text and export it again from the source"
    )]
    Scientific,
    /// Eight digits that become valid with a 0 in front.
    #[error("eight digits: a spreadsheet has dropped the leading zero; write {0}")]
    LeadingZeroDropped(OrganisationNumber),
    /// A decimal tail (`310609544,0` or `310609544.00`).
    #[error("a spreadsheet has made a decimal number of it; write it without the decimals")]
    Decimals,
    /// Eleven digits: a national identity number, which must not be in a manifest.
    #[error(
        "eleven digits look like a national identity number; a manifest names organisations only, take this row out"
    )]
    NationalIdentityNumber,
    /// Something else than digits and the separators people use.
    #[error("an organisation number has nine digits; {0:?} does not belong in one")]
    NotADigit(char),
    /// The wrong count of digits.
    #[error("an organisation number has nine digits, this has {0}")]
    Length(usize),
    /// Nine digits whose last does not fit the first eight.
    #[error("the check digit does not fit: a digit is wrong or two are swapped")]
    CheckDigit,
}

impl OrganisationNumber {
    /// Reads an organisation number as people write it: bare, with spaces (no-break spaces too),
    /// as `NO 310 609 544 MVA`, or with the ISO 6523 prefix `0192:`.
    ///
    /// # Errors
    ///
    /// Says what is wrong and, where a spreadsheet's habits explain it, what happened.
    pub fn parse(text: &str) -> Result<Self, OrganisationNumberError> {
        let bare = strip_dressing(text);
        if bare.is_empty() {
            return Err(OrganisationNumberError::Empty);
        }
        if is_scientific(&bare) {
            return Err(OrganisationNumberError::Scientific);
        }
        if let Some((whole, decimals)) = bare.split_once([',', '.'])
            && !whole.is_empty()
            && whole.bytes().all(|byte| byte.is_ascii_digit())
            && !decimals.is_empty()
            && decimals.bytes().all(|byte| byte == b'0')
        {
            return Err(OrganisationNumberError::Decimals);
        }
        if let Some(stranger) = bare.chars().find(|character| !character.is_ascii_digit()) {
            return Err(OrganisationNumberError::NotADigit(stranger));
        }
        match bare.len() {
            9 => Self::from_nine_digits(&bare).ok_or(OrganisationNumberError::CheckDigit),
            8 => Err(Self::from_nine_digits(&format!("0{bare}"))
                .map_or(OrganisationNumberError::Length(8), OrganisationNumberError::LeadingZeroDropped)),
            11 => Err(OrganisationNumberError::NationalIdentityNumber),
            length => Err(OrganisationNumberError::Length(length)),
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

/// Without spaces, apostrophes a spreadsheet leaves, `NO`, `MVA` and `0192:`.
fn strip_dressing(text: &str) -> String {
    let mut bare: String = text
        .chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '\u{feff}' | '\u{200b}'))
        .collect();
    // How some exports keep a spreadsheet from counting with it: ="310609544".
    if let Some(inner) = bare.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        bare = inner.to_owned();
    }
    if let Some(rest) = bare.strip_prefix('\'') {
        bare = rest.to_owned();
    }
    if let Some(rest) = bare.strip_prefix("0192:") {
        bare = rest.to_owned();
    }
    if bare.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("no")) {
        bare.drain(..2);
    }
    if let Some(start) = bare.len().checked_sub(3)
        && bare.get(start..).is_some_and(|suffix| suffix.eq_ignore_ascii_case("mva"))
    {
        bare.truncate(start);
    }
    bare
}

/// `3,1E+08`, `3.10609544e8` and the like.
fn is_scientific(text: &str) -> bool {
    text.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        let digits = |part: &str, signs: &[char]| {
            part.chars().any(|character| character.is_ascii_digit())
                && part.chars().all(|character| character.is_ascii_digit() || signs.contains(&character))
        };
        digits(mantissa, &[',', '.']) && digits(exponent, &['+', '-'])
    })
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
            "NO 310 609 544 MVA",
            "no310609544mva",
            "310609544MVA",
            "0192:310609544",
            "'310609544",
            "=\"310609544\"",
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
                Ok(whole) => Err(OrganisationNumberError::LeadingZeroDropped(whole)),
                Err(_) => Err(OrganisationNumberError::Length(8)),
            }
        );
    }

    #[test]
    fn what_a_spreadsheet_did_is_said() {
        use OrganisationNumberError as Error;
        let error = |text: &str| OrganisationNumber::parse(text).unwrap_err();
        assert_eq!(error("3,1E+08"), Error::Scientific);
        assert_eq!(error("3.10609544e8"), Error::Scientific);
        assert_eq!(error("310609544,0"), Error::Decimals);
        assert_eq!(error("310609544.00"), Error::Decimals);
        assert_eq!(error(""), Error::Empty);
        assert_eq!(error("  "), Error::Empty);
        assert_eq!(error("NO MVA"), Error::Empty);
        assert_eq!(error("31060954x"), Error::NotADigit('x'));
        assert_eq!(error("3106095"), Error::Length(7));
        assert_eq!(error("310609545"), Error::CheckDigit);
        assert_eq!(error("01017012345"), Error::NationalIdentityNumber);
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
