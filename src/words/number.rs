//! Numbers as people write them.

use super::Language;

/// `1,000` in English; `1 000` in Norwegian, with a blank that no line breaks at.
pub fn count(number: u64) -> String {
    grouped(&number.to_string(), Language::current())
}

/// A number with a decimal point, as the language writes it: with a comma in Norwegian.
pub fn decimal(number: &str) -> String {
    match Language::current() {
        Language::En => number.to_owned(),
        Language::Nb => number.replace('.', ","),
    }
}

/// A whole number's digits, a sign before them or not, with the thousands set apart.
pub(super) fn grouped(number: &str, language: Language) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let mark = match language {
        Language::En => ',',
        Language::Nb => '\u{a0}',
    };
    let mut text = String::with_capacity(number.len() + number.len() / 2);
    text.push_str(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}
