//! Whether a name in a list is Altinn's name of a client: case, legal form, spacing, spellings of æ, ø and å, the order of
//! words and abbreviations aside.

use serde::Serialize;

/// What the comparison of a plan's names came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct NameCounts {
    /// Rows that have a name and whose client Altinn lists.
    pub compared: u64,
    /// Those whose name is not Altinn's.
    pub other: u64,
    /// Those of them whose name is that of another client.
    pub of_another_client: u64,
}

/// What the comparison of names says of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamesVerdict {
    /// Nothing, or some clients have been renamed.
    InOrder,
    /// Half of the names or more are others: the firm's own names, or the numbers of somebody else.
    MostlyOther,
    /// Names stand beside the numbers of other clients: a column was sorted or moved without the others.
    Shuffled,
}

impl NameCounts {
    /// Whether nothing is sent for rows that have the name of another client: always, but where somebody has `allowed`
    /// exactly as many names as are not Altinn's.
    pub fn holds(self, allowed: Option<u64>) -> bool {
        self.of_another_client > 0 && allowed != Some(self.other)
    }

    /// What it says. Names of other clients are a shuffled column when they are three or more, and one in twenty.
    pub fn verdict(self) -> NamesVerdict {
        const FEWEST_SHUFFLED: u64 = 3;
        const FEWEST_OTHER: u64 = 10;
        if self.of_another_client >= FEWEST_SHUFFLED && self.of_another_client * 20 >= self.compared {
            NamesVerdict::Shuffled
        } else if self.other >= FEWEST_OTHER && self.other * 2 >= self.compared {
            NamesVerdict::MostlyOther
        } else {
            NamesVerdict::InOrder
        }
    }
}

/// Systems cut long names off: at so many letters and more, the beginning of a name is that name.
const CUT_OFF: usize = 15;

/// Words that say what sort of organisation it is, and not which.
const FORMS: [&str; 26] = [
    "as",
    "asa",
    "ans",
    "da",
    "enk",
    "nuf",
    "ba",
    "sa",
    "ks",
    "iks",
    "kf",
    "fkf",
    "sf",
    "sti",
    "bbl",
    "brl",
    "ab",
    "ltd",
    "limited",
    "inc",
    "gmbh",
    "aps",
    "aksjeselskap",
    "enkeltpersonforetak",
    "borettslag",
    "stiftelsen",
];

/// What names are compared by where they are looked up: letters and digits, spelled one way, without the legal form.
pub fn name_key(name: &str) -> String {
    words(name).concat()
}

/// Whether a name in a list is that of the client, as Altinn has it.
pub fn is_same_name(list: &str, altinn: &str) -> bool {
    // Most lists have been written from the same register.
    if list.eq_ignore_ascii_case(altinn) {
        return true;
    }
    let (list, altinn) = (words(list), words(altinn));
    let (joined, whole) = (list.concat(), altinn.concat());
    if joined.is_empty() || whole.is_empty() || joined == whole {
        return true;
    }
    if joined.chars().count() >= CUT_OFF && whole.starts_with(&joined) {
        return true;
    }
    let sorted = |words: &[String]| {
        let mut words = words.to_vec();
        words.sort_unstable();
        words
    };
    sorted(&list) == sorted(&altinn) || is_abbreviated(&list, &altinn)
}

/// Whether the names have the same words in the same order, some of them abbreviated, and one in full.
fn is_abbreviated(list: &[String], altinn: &[String]) -> bool {
    let pairs = || list.iter().zip(altinn);
    list.len() == altinn.len()
        && pairs().all(|(one, other)| one.starts_with(other.as_str()) || other.starts_with(one.as_str()))
        && pairs().any(|(one, other)| one == other && one.chars().count() >= 3)
}

/// The words of a name, without its legal form; with it where it is nothing else.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    // `A/S`, `A.S.` and `A S` are one word.
    let mut letters = String::new();
    for word in folded(name).split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if word.chars().count() == 1 && word.chars().all(char::is_alphabetic) {
            letters.push_str(word);
            continue;
        }
        flush(&mut letters, &mut words);
        words.push(if word == "and" { "og".to_owned() } else { word.to_owned() });
    }
    flush(&mut letters, &mut words);
    if words.iter().all(|word| FORMS.contains(&word.as_str())) {
        return words;
    }
    words.retain(|word| !FORMS.contains(&word.as_str()));
    words
}

fn flush(letters: &mut String, words: &mut Vec<String>) {
    if !letters.is_empty() {
        words.push(std::mem::take(letters));
    }
}

/// Small letters, with one spelling for what is spelled in several ways.
fn folded(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for one in name.chars().flat_map(char::to_lowercase) {
        match one {
            'æ' | 'ä' => plain.push_str("ae"),
            'ø' | 'ö' => plain.push_str("oe"),
            'å' => plain.push_str("aa"),
            'é' | 'è' | 'ê' | 'ë' => plain.push('e'),
            'ü' | 'ú' | 'ù' => plain.push('u'),
            'ò' | 'ó' | 'ô' => plain.push('o'),
            'á' | 'à' | 'â' => plain.push('a'),
            '&' | '+' => plain.push_str(" og "),
            // Combining marks, apostrophes: `Gro's` is `Gros`.
            '\u{300}'..='\u{36f}' | '\'' | '’' | '´' | '`' => {}
            other => plain.push(other),
        }
    }
    // Whoever has no such keys writes one letter or two.
    plain.replace("ae", "a").replace("oe", "o").replace("aa", "a")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_a_system_writes_it() {
        for (list, altinn) in [
            ("Blå Havørn Regnskap AS", "BLÅ HAVØRN REGNSKAP AS"),
            ("Blaa Havoern Regnskap", "BLÅ HAVØRN REGNSKAP AS"),
            ("Bla Havorn Regnskap A/S", "BLÅ HAVØRN REGNSKAP AS"),
            ("  blå   havørn-regnskap a.s. ", "BLÅ HAVØRN REGNSKAP AS"),
            ("AS Blå Havørn Regnskap", "BLÅ HAVØRN REGNSKAP AS"),
            ("Blåhavørn Regnskap", "BLÅ HAVØRN REGNSKAP AS"),
            ("Blå Havørn Regnsk.", "BLÅ HAVØRN REGNSKAP AS"),
            ("Blå Havørn Regn", "BLÅ HAVØRN REGNSKAP AS"),
            ("Elg & Bjørn", "ELG OG BJØRN DA"),
            ("Elg and Bjørn DA", "ELG OG BJØRN DA"),
            ("Måke, Kari", "KARI MÅKE"),
            ("Kafé Ål", "KAFE ÅL ENK"),
            ("Gro's Frisør", "GROS FRISØR"),
            ("Nordfjord rådgivning og råd", "NORDFJORD RÅDGIVNING OG RÅDGIVENDE INGENIØRER AS"),
            ("", "ELG AS"),
            ("AS", "AS"),
        ] {
            assert!(is_same_name(list, altinn), "{list:?} {altinn:?}");
            assert!(list.is_empty() || is_same_name(altinn, altinn));
        }
    }

    #[test]
    fn another_name_is_another() {
        for (list, altinn) in [
            ("Rød Havørn Regnskap AS", "BLÅ HAVØRN REGNSKAP AS"),
            ("Havørn Regnskap", "BLÅ HAVØRN REGNSKAP AS"),
            ("Elg Bygg Oslo AS", "ELG BYGG AS"),
            ("Elg Bygg", "ELG BYGG OSLO AS"),
            ("Bjørn AS", "BJØRK AS"),
            ("B", "BLÅ HAVØRN"),
            ("x", "BLÅ HAVØRN REGNSKAP AS"),
            ("Elg 2 AS", "ELG 3 AS"),
        ] {
            assert!(!is_same_name(list, altinn), "{list:?} {altinn:?}");
        }
    }

    #[test]
    fn two_renamed_firms_are_no_shuffled_column_and_a_sorted_one_is() {
        for (compared, other, of_another_client, verdict) in [
            (100, 0, 0, NamesVerdict::InOrder),
            (100, 2, 0, NamesVerdict::InOrder),
            (100, 2, 2, NamesVerdict::InOrder),
            (3, 3, 3, NamesVerdict::Shuffled),
            (100, 100, 97, NamesVerdict::Shuffled),
            (100, 6, 5, NamesVerdict::Shuffled),
            (100_000, 900, 30, NamesVerdict::InOrder),
            (100, 50, 0, NamesVerdict::MostlyOther),
            (100, 49, 0, NamesVerdict::InOrder),
            (5, 5, 0, NamesVerdict::InOrder),
        ] {
            let counts = NameCounts { compared, other, of_another_client };
            assert_eq!(counts.verdict(), verdict, "{counts:?}");
        }
    }
}
