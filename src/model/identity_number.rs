//! National identity numbers: recognised by their shape wherever they stand, and masked.
//!
//! Such a number is nobody's business here, and must not wander into a message, a report or the ledger. It has eleven
//! digits: a date of birth (day, month, two digits of the year), and five more, of which two are check digits. D-numbers
//! have 40 added to the day; synthetic ones have 40 or 80 added to the month. (Source: the Norwegian Tax
//! Administration, on the national population register and its test data.)

use std::borrow::Cow;

use super::characters::digit;

/// How the digits of an identity number are grouped when people or spreadsheets write one. Bank accounts, which have
/// eleven digits too, are written 4-2-5, telephone numbers 2-2-2-2 or 3-2-3.
const GROUPINGS: [&[usize]; 10] = [
    &[11],
    &[6, 5],
    &[2, 2, 2, 5],
    &[2, 2, 2, 3, 2],
    &[2, 3, 3, 3],
    // Without the leading zero, or without the last digit.
    &[10],
    &[5, 5],
    &[1, 2, 2, 5],
    &[1, 3, 3, 3],
    &[6, 4],
];

/// As a spreadsheet rounds them: `1,017012345E+10`.
const SCIENTIFIC: [&[usize]; 2] = [&[1, 10], &[1, 9]];

/// The text with all but the first two digits of every national identity number in it covered.
///
/// The shape decides, so that a mistyped number is covered, too.
pub fn masked(text: &str) -> Cow<'_, str> {
    mask(text, Holds::Anything)
}

/// The same for a cell whose column says that it holds bank accounts: what has their check digit is one.
pub fn masked_among_accounts(text: &str) -> Cow<'_, str> {
    mask(text, Holds::Accounts)
}

/// Whether the text holds what has the shape of a national identity number.
pub fn has_identity_number(text: &str) -> bool {
    !covered(text, Holds::Anything).is_empty()
}

/// What is known of the numbers in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Anything,
    Accounts,
}

fn mask(text: &str, holds: Holds) -> Cow<'_, str> {
    let covered = covered(text, holds);
    if covered.is_empty() {
        return Cow::Borrowed(text);
    }
    let mask = |(at, character): (usize, char)| {
        let is_covered = covered.binary_search(&at).is_ok();
        if is_covered { '*' } else { character }
    };
    Cow::Owned(text.char_indices().map(mask).collect())
}

/// A run of digits.
struct Group {
    /// Where each digit stands, and what it is.
    digits: Vec<(usize, u8)>,
    /// The one character between it and the group before, where it is one that numbers are divided by.
    joint: Option<char>,
    /// What stands right before and right behind it.
    before: Option<char>,
    after: Option<char>,
    /// It is a part of something like a trace id.
    in_hex: bool,
}

/// The places of the digits that must not be shown, in order.
fn covered(text: &str, holds: Holds) -> Vec<usize> {
    // Most cells have no ten digits.
    let few = text.is_ascii() && text.bytes().filter(u8::is_ascii_digit).count() < 10;
    if text.len() < 10 || few || text.chars().filter(|character| digit(*character).is_some()).count() < 10 {
        return Vec::new();
    }
    let groups = groups(text);
    let mut covered = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        let rest = groups.get(at..).unwrap_or_default();
        let found = GROUPINGS.iter().chain(&SCIENTIFIC).find(|grouping| is_identity(rest, grouping, holds));
        let Some(grouping) = found else {
            at += 1;
            continue;
        };
        let digits = rest.iter().take(grouping.len()).flat_map(|group| &group.digits);
        covered.extend(digits.skip(2).map(|(at, _)| *at));
        at += grouping.len();
    }
    covered
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut last: Option<char> = None;
    let mut since_last_group = 0;
    for (at, character) in text.char_indices() {
        match digit(character) {
            Some(value) if since_last_group == 0 && !groups.is_empty() => {
                if let Some(group) = groups.last_mut() {
                    group.digits.push((at, value));
                }
            }
            Some(value) => {
                let joint = last
                    .filter(|_| since_last_group == 1 && !groups.is_empty())
                    .filter(|last| is_joint(*last));
                let digits = vec![(at, value)];
                groups.push(Group { digits, joint, before: last, after: None, in_hex: in_hex(text, at) });
                since_last_group = 0;
            }
            None => {
                if let Some(group) = groups.last_mut().filter(|_| since_last_group == 0) {
                    group.after = Some(character);
                }
                since_last_group += 1;
            }
        }
        last = Some(character);
    }
    groups
}

fn is_joint(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '\u{2010}'..='\u{2014}' | '.' | ',' | '/' | '\'' | '’')
}

/// Whether a digit is a part of a long run of hexadecimal digits with letters among them.
fn in_hex(text: &str, at: usize) -> bool {
    let (before, behind) = text.split_at(at);
    let of_run = |character: &char| character.is_ascii_alphanumeric();
    let run = before.chars().rev().take_while(of_run).chain(behind.chars().take_while(of_run));
    let (mut length, mut letters) = (0, 0);
    for character in run {
        if !character.is_ascii_hexdigit() {
            return false;
        }
        length += 1;
        letters += usize::from(character.is_ascii_alphabetic());
    }
    length >= 12 && letters > 0
}

fn is_identity(groups: &[Group], grouping: &[usize], holds: Holds) -> bool {
    let Some(groups) = groups.get(..grouping.len()) else { return false };
    let fits = groups.iter().zip(grouping).all(|(group, length)| group.digits.len() == *length);
    let joined = groups.iter().skip(1).all(|group| group.joint.is_some());
    let is_phone = groups.first().is_some_and(|group| group.before == Some('+'));
    if !fits || !joined || is_phone || groups.iter().any(|group| group.in_hex) {
        return false;
    }
    let scientific = SCIENTIFIC.contains(&grouping);
    if scientific && !groups.last().is_some_and(|group| matches!(group.after, Some('e' | 'E'))) {
        return false;
    }
    let digits: Vec<u8> =
        groups.iter().flat_map(|group| group.digits.iter().map(|(_, value)| *value)).collect();
    if grouping == [6, 4] {
        // A Swedish organisation number is written like this, with a check digit of its own.
        return has_date(&digits) && !is_luhn(&digits);
    }
    let whole: Vec<u8> = if digits.len() == 10 { [&[0], digits.as_slice()].concat() } else { digits };
    has_date(&whole) && (holds == Holds::Anything || !is_checked_account(&whole))
}

/// Whether the first digits are a day and a month, as they are or with what is added to them.
fn has_date(digits: &[u8]) -> bool {
    let number =
        |at: usize| digits.get(at).zip(digits.get(at + 1)).map_or(0, |(tens, ones)| tens * 10 + ones);
    let day = match number(0) {
        day @ 41.. => day - 40,
        day => day,
    };
    let longest = match number(2) {
        2 | 42 | 82 => 29,
        4 | 6 | 9 | 11 | 44 | 46 | 49 | 51 | 84 | 86 | 89 | 91 => 30,
        1..=12 | 41..=52 | 81..=92 => 31,
        _ => return false,
    };
    (1..=longest).contains(&day)
}

/// Whether the last digit is the check digit of a bank account.
fn is_checked_account(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    sum.is_multiple_of(11)
}

/// The check that Swedish numbers end with.
pub(super) fn is_luhn(digits: &[u8]) -> bool {
    let doubled = |(place, digit): (usize, &u8)| {
        let value = u32::from(*digit) * if place % 2 == 1 { 2 } else { 1 };
        value / 10 + value % 10
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_identity_number_is_covered_in_every_form_that_lists_have_it_in() {
        for (text, shown) in [
            ("01017012345", "01*********"),
            ("010170 12345", "01**** *****"),
            ("010170-12345", "01**** *****".replace(' ', "-").as_str()),
            ("01.01.70 12345", "01.**.** *****"),
            ("41017012345", "41*********"),
            ("01417012345", "01*********"),
            ("01817012345", "01*********"),
            ("1017012345", "10********"),
            ("1017012345,00", "10********,00"),
            ("01017012345.0", "01*********.0"),
            ("1 017 012 345", "1 0** *** ***"),
            ("1,017012345E+10", "1,0********E+10"),
            ("010170 1234", "01**** ****"),
            ("fnr 01017012345", "fnr 01*********"),
            ("fnr01017012345", "fnr01*********"),
            ("01017012345/1", "01*********/1"),
            ("01017012345 og 02028012345", "01********* og 02*********"),
            ("01017012345 02028012345", "01********* 02*********"),
            ("０１０１７０１２３４５", "０１*********"),
        ] {
            assert_eq!(masked(text), shown, "{text}");
            assert!(has_identity_number(text));
        }
    }

    #[test]
    fn nothing_else_is_covered() {
        for text in [
            "1234 56 78903",
            "1234.56.78903",
            "12345678903",
            "NO9386011117947",
            "NO93 8601 1117 947",
            "412345673",
            "412 345 673,00",
            "412,345,673.00",
            "412345673.00",
            "+47 412 34 567",
            "+4741234567",
            "22 83 60 00",
            "2026-11-24T14:03:00",
            "24.11.2026 14:03",
            "556702-6934",
            "7038010000000",
            "4bf92f3577b34da6a3ce92901017012345e0e4736a",
            "1b6cea43-f499-4aae-a633-51cf542795af",
            "31137012345",
            "00017012345",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn among_bank_accounts_what_has_their_check_digit_is_one() {
        assert_eq!(masked_among_accounts("01010000005"), "01010000005");
        assert_eq!(masked_among_accounts("01010000004"), "01*********");
        assert_eq!(masked("01010000005"), "01*********");
    }

    proptest! {
        #[test]
        fn no_more_of_an_identity_number_is_shown_than_its_day(
            day in 1u8..=28, month in 1u8..=12, d in any::<bool>(), added in prop::sample::select(vec![0u8, 40, 80]),
            rest in 0u32..10_000_000, around in "[g-zæøå ,.;]{0,5}",
        ) {
            let day = day + if d { 40 } else { 0 };
            let number = format!("{day:02}{:02}{rest:07}", month + added);
            let text = format!("{around}{number}{around}");
            let shown = masked(&text);
            prop_assert!(!shown.contains(&number[2..]), "{shown}");
        }

        #[test]
        fn bank_accounts_are_shown(first in 0u64..10_000_000_000) {
            let Some(check) = (0..10).find(|check| {
                let account = format!("{first:010}{check}");
                is_checked_account(&account.bytes().map(|byte| byte - b'0').collect::<Vec<_>>())
            }) else { return Ok(()) };
            let account = format!("{first:010}{check}");
            prop_assert_eq!(masked_among_accounts(&account), account.as_str());
            let grouped = format!("{} {} {}", &account[..4], &account[4..6], &account[6..]);
            prop_assert_eq!(masked(&grouped), grouped.as_str());
        }

        #[test]
        fn no_text_makes_the_mask_panic(text in "\\PC{0,60}") {
            let shown = masked(&text);
            prop_assert_eq!(shown.chars().count(), text.chars().count());
        }
    }
}
