//! What is said, in which language, and how long it takes.

use std::time::Instant;

use super::{Language, Wording, count, in_english, in_language};

#[test]
fn a_number_picks_the_plural_and_is_grouped_as_the_language_writes_it() {
    let said = |language, clients: u64| {
        in_language(language, || say!("report-clients", clients = clients).to_string())
    };
    assert_eq!(said(Language::En, 1), "1 client");
    assert_eq!(said(Language::En, 12_345), "12,345 clients");
    assert_eq!(said(Language::Nb, 1), "1 klient");
    assert_eq!(said(Language::Nb, 12_345), "12\u{a0}345 klienter");
}

#[test]
fn thousands_are_set_apart() {
    assert_eq!(in_english(|| [0, 999, 1000, 1_234_567].map(count)), ["0", "999", "1,000", "1,234,567"]);
    let norwegian = in_language(Language::Nb, || [999, 1000, 1_234_567].map(count));
    assert_eq!(norwegian, ["999", "1\u{a0}000", "1\u{a0}234\u{a0}567"]);
}

#[test]
fn a_closure_speaks_its_own_language_and_puts_back_what_held_before() {
    in_language(Language::Nb, || {
        assert_eq!(in_english(Language::current), Language::En);
        assert!(std::panic::catch_unwind(|| in_english(|| panic!("on the way"))).is_err());
        assert_eq!(Language::current(), Language::Nb);
    });
}

#[test]
fn a_sentence_inside_a_sentence_is_in_the_same_language() {
    let outer = || say!("report-what-to-do", hint = say!("report-clients", clients = 2_u64)).to_string();
    assert!(in_language(Language::Nb, outer).contains("2 klienter"));
    assert_eq!(in_language(Language::Nb, || say!("report-clients", clients = 2_u64).english()), "2 clients");
}

#[test]
fn an_unknown_message_is_its_id_and_no_panic() {
    assert_eq!(super::Said::new("no-such-message", &[]).to_string(), "no-such-message");
}

#[test]
fn a_locale_with_any_norwegian_is_bokmål_and_every_other_is_english() {
    for locale in ["nb_NO.UTF-8", "nn_NO", "no", "nb-NO", "NB"] {
        assert_eq!(Language::of_locale(locale), Language::Nb, "{locale}");
    }
    for locale in ["", "C", "C.UTF-8", "POSIX", "en_US.UTF-8", "da_DK", "nonsense"] {
        assert_eq!(Language::of_locale(locale), Language::En, "{locale}");
    }
    let variables = |name: &str| match name {
        "LC_ALL" => Some(String::new()),
        "LC_MESSAGES" => Some("nb_NO".to_owned()),
        _ => Some("en_US".to_owned()),
    };
    assert_eq!(Language::of_machine(variables), Language::Nb);
}

fn in_both(kept: &Wording) -> [String; 2] {
    Language::ALL.map(|language| in_language(language, || kept.to_string()))
}

/// What the ledger holds is all that comes back.
fn from_the_ledger(kept: &Wording) -> Wording {
    Wording::decoded(kept.encoded().to_owned())
}

#[test]
fn a_sentence_that_was_kept_is_said_in_the_language_of_whoever_reads_it_whoever_kept_it() {
    let sentence = || say!("report-more-in", more = 1_234_u64, file = "done.csv").to_string();
    for keeper in Language::ALL {
        let kept = in_language(keeper, || say!("report-more-in", more = 1_234_u64, file = "done.csv").kept());
        assert_eq!(
            kept.encoded(),
            r#"{"id":"report-more-in","with":{"file":"done.csv","more":1234}}"#,
            "short, and the same whoever keeps it"
        );
        let expected = Language::ALL.map(|language| in_language(language, sentence));
        assert_eq!(in_both(&from_the_ledger(&kept)), expected);
    }
    assert_eq!(kept!("report-no-clients").encoded(), r#"{"id":"report-no-clients"}"#);
}

#[test]
fn what_altinn_said_stays_its_text_even_where_it_looks_like_a_code_of_ours() {
    for altinns in [
        "The system user does not have the required access package.",
        r#"{"id":"report-no-clients"}"#,
        r#"{"id":"report-more-in","with":{"more":1,"file":"x"}}"#,
        r#"[{"id":"report-no-clients"}]"#,
        "[\"text\"]",
        "{",
        "\u{e000}0#0\u{e001}",
        "",
    ] {
        let heard = Wording::heard(altinns);
        assert_eq!(in_both(&from_the_ledger(&heard)), [altinns, altinns], "{heard:?}");
        // Inside a sentence of ours it is no code either.
        let ours = say!("report-what-to-do", hint = altinns).kept();
        let quoted = Language::ALL
            .map(|language| in_language(language, || say!("report-what-to-do", hint = altinns).to_string()));
        assert_eq!(in_both(&from_the_ledger(&ours)), quoted);
        let beside = Wording::of(|| format!("{altinns}; {}", text!("report-no-clients")));
        assert!(in_both(&beside).iter().all(|said| said.starts_with(altinns)), "{beside:?}");
        let inside = say!("report-what-to-do", hint = heard).kept();
        assert_eq!(in_both(&inside), quoted);
    }
}

#[test]
fn a_sentence_of_an_older_ledger_is_shown_as_it_stands() {
    for old in [
        "the client has not asked for this",
        r#"{"id":"a-message-that-there-is-not"}"#,
        r#"{"detail":"no"}"#,
        "[not JSON",
        "{}",
        "null",
    ] {
        assert_eq!(in_both(&Wording::decoded(old)), [old, old]);
    }
}

#[test]
fn what_stands_in_brackets_behind_a_name_is_said_in_the_readers_language_as_well() {
    let missing =
        ["regnskapsforer-lonn", "skattegrunnlag"].map(|name| format!("urn:altinn:accesspackage:{name}"));
    let kept = Wording::of(|| crate::model::NotSent::Lacks.message(&missing));
    let [_, said] = in_both(&from_the_ledger(&kept));
    assert!(
        said.contains("regnskapsforer-lonn (følger med rollen regnskapsfører i Enhetsregisteret)"),
        "{said}"
    );
    assert!(said.contains("skattegrunnlag (gis av klienten i Altinn)"), "{said}");
}

#[test]
fn sentences_side_by_side_and_inside_each_other_are_each_said_in_the_readers_language() {
    let all = || {
        let refused =
            say!("auth-refuses-the-sign-in", who = text!("auth-altinns-token-exchange"), message = "403 no")
                .to_string();
        format!(
            "{}; {refused}; {}; {}",
            say!("altinn-altinn-answered-with-an-empty-body", status = 401_u16),
            kept!("auth-hint-check-environment-or-ask"),
            say!("report-what-to-do", hint = say!("report-clients", clients = 2_u64))
        )
    };
    let kept = in_language(Language::Nb, || Wording::of(all));
    let expected = Language::ALL.map(|language| in_language(language, all));
    assert_eq!(in_both(&from_the_ledger(&kept)), expected);
    // And once more, in another one's sentence.
    let outer = Wording::of(|| format!("{kept}!"));
    assert_eq!(in_both(&from_the_ledger(&outer)), expected.map(|said| said + "!"));
}

#[test]
fn what_is_wrong_with_a_key_file_is_kept_whole_and_said_whole() {
    use crate::{
        altinn::auth::{KeyError, KeyProblem},
        model::KeyFrom,
    };
    for problem in [
        KeyProblem::Unreadable(Wording::heard("No such file or directory (os error 2)")),
        KeyProblem::Exposed(0o644),
        KeyProblem::Wrong(kept!("auth-key-is-not-a-jwk")),
    ] {
        let from = KeyFrom::File("/srv/nøkler/key.jwk".into());
        let error = KeyError { from, problem, hint: Wording::NOTHING };
        let [english, norwegian] = in_both(&from_the_ledger(&Wording::of(|| &error)));
        assert_eq!(in_language(Language::Nb, || error.to_string()), norwegian);
        assert!(
            english.starts_with("the key file /srv") && norwegian.starts_with("nøkkelfilen /srv"),
            "{english}, {norwegian}"
        );
    }
}

#[test]
fn a_sentence_that_was_cut_on_its_way_is_kept_as_english_text() {
    let cut = Wording::of(|| text!("report-no-clients").chars().skip(3).collect::<String>());
    let english: String = in_english(|| text!("report-no-clients")).chars().skip(3).collect();
    assert_eq!(in_both(&cut), [english.clone(), english]);
}

#[test]
fn texts_are_changed_and_codes_are_not() {
    let kept = say!("report-more-in", more = 3_u64, file = "a secret in it").kept();
    let clean = kept.with_texts(|text| text.replace("secret", "word"));
    assert!(in_both(&clean).iter().all(|said| said.contains("a word in it")), "{clean:?}");
    let heard = Wording::heard("secret").with_texts(|_| r#"{"id":"report-no-clients"}"#.to_owned());
    assert_eq!(in_both(&heard), [r#"{"id":"report-no-clients"}"#; 2]);
}

#[test]
#[ignore = "a measurement: cargo test --release --lib words -- --ignored --nocapture"]
fn how_long_a_sentence_takes() {
    let said = || say!("report-more-in", more = 1_234_u64, file = "done.csv").to_string();
    for language in Language::ALL {
        let began = Instant::now();
        in_language(language, said);
        let first = began.elapsed();
        let began = Instant::now();
        in_language(language, || (0..100_000).for_each(|_| drop(std::hint::black_box(said()))));
        println!("{}: the first {first:?}, then {:?} each", language.tag(), began.elapsed() / 100_000);
    }
}

#[test]
fn what_the_system_refuses_is_said_in_the_readers_language_also_of_what_was_kept() {
    use std::io::{Error, ErrorKind};
    let folder = tempfile::tempdir().unwrap();
    let missing = std::fs::read(folder.path().join("none")).unwrap_err();
    // As a file beside its place fails to be made: with a path of nobody's in it.
    let beside = tempfile::NamedTempFile::new_in(folder.path().join("none")).unwrap_err();
    for error in [&missing, &beside] {
        let said = || say!("cli-is-not-written", path = "klienter.csv", error = error).to_string();
        assert_eq!(in_english(said), "klienter.csv is not written: there is no such file or folder");
        let norwegian = in_language(Language::Nb, said);
        assert!(norwegian.ends_with("filen eller mappen finnes ikke"), "{norwegian}");
        let kept = say!("cli-is-not-written", path = "klienter.csv", error = error).kept();
        assert_eq!(in_language(Language::Nb, || kept.to_string()), norwegian);
    }
    // What we have no sentence for is said as it says itself.
    for (error, says) in [
        (Error::other("a seal is broken"), "a seal is broken"),
        (ErrorKind::BrokenPipe.into(), "broken pipe"),
    ] {
        let said = say!("cli-is-not-written", path = "x", error = error).english();
        assert_eq!(said, format!("x is not written: {says}"));
    }
}
