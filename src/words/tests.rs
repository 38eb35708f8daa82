//! What is said, in which language, and how long it takes.

use std::time::Instant;

use super::{Language, again, count, in_english, in_language};

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

#[test]
fn what_was_kept_in_english_is_said_again_in_the_readers_language() {
    let kept = say!("report-more-in", more = 1_234_u64, file = "done.csv").english();
    let expected = |language| {
        in_language(language, || say!("report-more-in", more = 1_234_u64, file = "done.csv").to_string())
    };
    for language in Language::ALL {
        assert_eq!(in_language(language, || again(&kept).into_owned()), expected(language));
        let plain = in_english(|| text!("report-no-clients"));
        let said = in_language(language, || (again(plain).into_owned(), text!("report-no-clients")));
        assert_eq!(said.0, said.1);
        let altinns = "The system user does not have the required access package.";
        assert_eq!(in_language(language, || again(altinns).into_owned()), altinns);
    }
}

#[test]
fn what_stands_in_brackets_behind_a_name_is_said_again_as_well() {
    let missing =
        ["regnskapsforer-lonn", "skattegrunnlag"].map(|name| format!("urn:altinn:accesspackage:{name}"));
    let kept = in_english(|| crate::model::NotSent::Lacks.message(&missing));
    let said = in_language(Language::Nb, || again(&kept).into_owned());
    assert!(
        said.contains("regnskapsforer-lonn (følger med rollen regnskapsfører i Enhetsregisteret)"),
        "{said}"
    );
    assert!(said.contains("skattegrunnlag (gis av klienten i Altinn)"), "{said}");
    assert_eq!(in_language(Language::Nb, || again("ELG AS (OSLO)").into_owned()), "ELG AS (OSLO)");
}

#[test]
fn sentences_that_were_kept_side_by_side_are_each_said_again_whatever_marks_they_have_in_them() {
    let kept = || {
        let refused =
            say!("auth-refuses-the-sign-in", who = text!("auth-altinns-token-exchange"), message = "403 no")
                .to_string();
        format!(
            "{}; {refused}; {}; {}",
            say!("altinn-altinn-answered-with-an-empty-body", status = 401_u16),
            text!("auth-hint-check-environment-or-ask"),
            text!("auth-hint-a-code-is-good-once")
        )
    };
    let (english, norwegian) = (in_english(kept), in_language(Language::Nb, kept));
    assert_eq!(in_language(Language::Nb, || again(&english).into_owned()), norwegian);
    let altinns = format!("not ours; nor this; {}", in_english(|| text!("auth-hint-a-code-is-good-once")));
    let said = in_language(Language::Nb, || again(&altinns).into_owned());
    assert!(said.starts_with("not ours; nor this; logg inn"), "{said}");
}

#[test]
fn what_is_wrong_with_a_key_file_was_kept_whole_and_is_said_again_whole() {
    use crate::{
        altinn::auth::{KeyError, KeyProblem},
        model::KeyFrom,
    };
    for problem in [
        KeyProblem::Unreadable("No such file or directory (os error 2)".to_owned()),
        KeyProblem::Exposed(0o644),
        KeyProblem::Wrong(english!("auth-key-is-not-a-jwk").to_owned()),
    ] {
        let from = KeyFrom::File("/srv/nøkler/key.jwk".into());
        let error = KeyError { from, problem, hint: String::new() };
        let (kept, norwegian) =
            (in_english(|| error.to_string()), in_language(Language::Nb, || error.to_string()));
        assert_eq!(in_language(Language::Nb, || again(&kept).into_owned()), norwegian);
        assert!(
            kept.starts_with("the key file /srv") && norwegian.starts_with("nøkkelfilen /srv"),
            "{norwegian}"
        );
    }
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
