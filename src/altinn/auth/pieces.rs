//! A secret in a keyring that takes only short ones. Windows' Credential Manager takes 2,560 bytes, which are 1,280
//! characters since it keeps UTF-16; an Altinn token can be longer. What is refused whole is kept in pieces.

use std::fmt::Write as _;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Characters in a piece: what Windows takes, and some to spare.
const PIECE: usize = 1_200;
/// More pieces than any token has.
const MOST: usize = 32;
/// What an entry begins with that tells of pieces. No token does.
const HEAD: &str = "pieces:";

/// A keyring, as far as it is needed: texts by name.
pub(super) trait Store {
    /// Whether the text is kept.
    fn set(&self, name: &str, text: &str) -> bool;
    fn get(&self, name: &str) -> Option<SecretString>;
    fn delete(&self, name: &str);
}

/// Keeps a secret in place of the one before; `false` when the store did not take it, and then nothing of it is kept.
pub(super) fn keep(store: &impl Store, name: &str, secret: &SecretString) -> bool {
    forget(store, name);
    let text = secret.expose_secret();
    if store.set(name, text) {
        return true;
    }
    // Only a text that is too long is worth another try. Tokens are ASCII.
    if text.len() <= PIECE || !text.is_ascii() || text.len() > PIECE * MOST {
        return false;
    }
    let count = text.len().div_ceil(PIECE);
    let mut pieces =
        (0..count).map(|piece| &text[piece * PIECE..text.len().min((piece + 1) * PIECE)]).enumerate();
    // The head comes last: a process killed before it leaves no secret that looks whole.
    let is_kept = pieces.all(|(piece, text)| store.set(&name_of(name, piece), text))
        && store.set(name, &format!("{HEAD}{count}:{}", digest(text)));
    if !is_kept {
        (0..count).for_each(|piece| store.delete(&name_of(name, piece)));
        store.delete(name);
    }
    is_kept
}

/// The secret that is kept. Pieces that are not all of the same secret are none.
pub(super) fn find(store: &impl Store, name: &str) -> Option<SecretString> {
    let found = store.get(name)?;
    let Some((count, sum)) = head(found.expose_secret()) else { return Some(found) };
    let mut whole = String::with_capacity(count * PIECE);
    for piece in 0..count {
        whole.push_str(store.get(&name_of(name, piece))?.expose_secret());
    }
    let is_whole = digest(&whole) == sum;
    let whole = SecretString::from(whole);
    is_whole.then_some(whole)
}

/// Forgets a secret, and every piece of it.
pub(super) fn forget(store: &impl Store, name: &str) {
    let found = store.get(name);
    store.delete(name);
    if let Some((count, _)) = found.as_ref().and_then(|found| head(found.expose_secret())) {
        (0..count).for_each(|piece| store.delete(&name_of(name, piece)));
    }
}

/// How many pieces an entry tells of, and the digest of the whole.
fn head(text: &str) -> Option<(usize, &str)> {
    let (count, sum) = text.strip_prefix(HEAD)?.split_once(':')?;
    let count = count.parse().ok().filter(|count| *count <= MOST)?;
    Some((count, sum))
}

fn name_of(name: &str, piece: usize) -> String {
    format!("{name} {}", piece + 1)
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use super::*;

    /// Takes what Windows takes: 2,560 bytes of UTF-16, and at most so many entries.
    struct Small {
        kept: RefCell<BTreeMap<String, String>>,
        entries: usize,
    }

    impl Store for Small {
        fn set(&self, name: &str, text: &str) -> bool {
            let fits = text.encode_utf16().count() * 2 <= 2_560 && self.kept.borrow().len() < self.entries;
            if fits {
                self.kept.borrow_mut().insert(name.to_owned(), text.to_owned());
            }
            fits
        }

        fn get(&self, name: &str) -> Option<SecretString> {
            self.kept.borrow().get(name).cloned().map(SecretString::from)
        }

        fn delete(&self, name: &str) {
            self.kept.borrow_mut().remove(name);
        }
    }

    fn small(entries: usize) -> Small {
        Small { kept: RefCell::default(), entries }
    }

    fn token(characters: usize) -> SecretString {
        ('a'..='z').cycle().take(characters).collect::<String>().into()
    }

    #[test]
    fn a_token_of_any_length_comes_back_as_it_was() {
        for characters in [1, 1_199, 1_200, 1_280, 1_281, 2_400, 2_401, 9_000] {
            let store = small(100);
            assert!(keep(&store, "token", &token(characters)), "{characters}");
            let found = find(&store, "token").unwrap();
            assert_eq!(found.expose_secret(), token(characters).expose_secret());
            assert_eq!(store.kept.borrow().len() == 1, characters <= 1_280, "{characters}");
        }
    }

    #[test]
    fn a_shorter_token_leaves_no_piece_of_the_longer_one_and_forgetting_leaves_nothing() {
        let store = small(100);
        for characters in [9_000, 3_000, 20] {
            assert!(keep(&store, "token", &token(characters)));
            assert_eq!(find(&store, "token").unwrap().expose_secret().len(), characters);
        }
        assert_eq!(store.kept.borrow().len(), 1);
        assert!(keep(&store, "token", &token(3_000)));
        forget(&store, "token");
        assert!(store.kept.borrow().is_empty());
    }

    #[test]
    fn a_store_that_is_full_keeps_no_piece() {
        let store = small(3);
        assert!(!keep(&store, "token", &token(9_000)));
        assert!(store.kept.borrow().is_empty());
    }

    #[test]
    fn pieces_of_two_tokens_are_no_token() {
        let store = small(100);
        assert!(keep(&store, "token", &token(3_000)));
        assert!(store.set("token 2", "of another"));
        assert!(find(&store, "token").is_none());
        store.delete("token 2");
        assert!(find(&store, "token").is_none());
    }
}
