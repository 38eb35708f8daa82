//! The operating system's keyring: Credential Manager on Windows, the Keychain on macOS, the Secret Service elsewhere.

use std::sync::{Arc, LazyLock};

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(all(unix, not(target_os = "macos")))]
use dbus_secret_service_keyring_store::Store;
use keyring_core::{CredentialStore, Entry};
#[cfg(windows)]
use windows_native_keyring_store::Store;

/// The name under which the keyring shows what is kept.
const SERVICE: &str = "fullmakt";

static KEYRING: LazyLock<Option<Arc<CredentialStore>>> =
    LazyLock::new(|| Store::new().ok().map(|store| store as Arc<CredentialStore>));

/// The place that has this name; `None` where the system has no keyring.
pub(super) fn entry(name: &str) -> Option<Entry> {
    KEYRING.as_ref()?.build(SERVICE, name, None).ok()
}
