//! Names that nobody has: put together from word lists of our own.

use super::chance;

const QUALITIES: [&str; 16] = [
    "BLÅ",
    "RØD",
    "GRØNN",
    "STILLE",
    "MODIG",
    "VÅKEN",
    "ÆRLIG",
    "ØRLITEN",
    "LYSTIG",
    "TÅLMODIG",
    "RASK",
    "KLOK",
    "SØVNIG",
    "GYLDEN",
    "NØYSOM",
    "DJERV",
];

const CREATURES: [&str; 16] = [
    "HAVØRN",
    "ELG",
    "SJØSTJERNE",
    "RØYSKATT",
    "BJØRN",
    "LØVETANN",
    "MÅKE",
    "GAUPE",
    "TORSK",
    "LERKE",
    "GJØK",
    "ØRRET",
    "ÅL",
    "REKE",
    "BEVER",
    "LUNDE",
];

const TRADES: [&str; 16] = [
    "REGNSKAP",
    "BYGG",
    "TRANSPORT",
    "FRISØR",
    "RØRLEGGER",
    "BAKERI",
    "GÅRDSDRIFT",
    "KAFÉ",
    "ELEKTRO",
    "SNEKKERI",
    "MÅLERSERVICE",
    "BOKHANDEL",
    "FISKE",
    "DATA",
    "EIENDOM",
    "HÅNDVERK",
];

const FIRST_NAMES: [&str; 12] =
    ["ÅSE", "ØYVIND", "KARI", "SÆBJØRN", "INGRID", "BJØRG", "TORE", "RAGNHILD", "PÅL", "SØLVI", "ODD", "LIV"];

/// The name of the company with this place in the roster; the first 4,096 are all different.
pub(super) fn company(place: usize) -> String {
    let form = match place % 23 {
        0 => "ENK",
        1 => "DA",
        2 => "SA",
        _ => "AS",
    };
    // An odd step goes through all 4,096 combinations before it comes back.
    let combination = place.wrapping_mul(1_237) % 4_096;
    let quality = QUALITIES[combination % 16];
    let creature = CREATURES[combination / 16 % 16];
    let trade = TRADES[combination / 256 % 16];
    match place / 4_096 {
        0 => format!("{quality} {creature} {trade} {form}"),
        more => format!("{quality} {creature} {trade} {} {form}", more + 1),
    }
}

/// The name of a private person, as the lists write it.
pub(super) fn person(seed: u64, place: u64) -> String {
    let first_name = FIRST_NAMES[chance::place(seed, &[place, 1], FIRST_NAMES.len())];
    let surname = CREATURES[chance::place(seed, &[place, 2], CREATURES.len())];
    format!("{surname} {first_name}")
}
