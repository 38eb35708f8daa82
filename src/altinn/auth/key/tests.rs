//! Keys in every form that people have them in, made by openssl, and everything that is no key for this.

#[path = "../../../../tests/common/openssl.rs"]
mod openssl;

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::*;
use crate::sandbox::CLIENT_KEY;

const PASSWORD: &str = "hemmelig æøå";

fn parse(bytes: &[u8], kid: Option<&str>) -> Result<SigningKey, Wrong> {
    let passwords = Passwords::asked_by(|| Some(PASSWORD.into()));
    let password = Password { variable: None, passwords: &passwords };
    forms::read(bytes, &password).and_then(|found| SigningKey::new(found, kid))
}

#[track_caller]
fn refused(bytes: &[u8], kid: Option<&str>) -> Wrong {
    parse(bytes, kid).map(drop).unwrap_err()
}

fn signed(key: &SigningKey) -> String {
    key.sign(&json!({ "a": 1 })).unwrap().expose_secret().to_owned()
}

/// A file, as openssl reads it.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// A certificate authority's key and certificate, and the certificate that it has given to `key`.
fn enterprise_certificate(files: &Files, key: &str) -> (String, String) {
    let ca_key = files.with("ca.key", openssl::run(&["genpkey", "-quiet", "-algorithm", "RSA"], b""));
    let ca = openssl::run(&["req", "-x509", "-key", &ca_key, "-subj", "/CN=Intermediate", "-days", "9"], b"");
    // An intermediate of which the root is not there.
    let ca_file = files.with("ca.pem", &ca);
    let key_file = files.with("own.key", key);
    let request =
        openssl::run(&["req", "-new", "-key", &key_file, "-subj", "/O=FJORD REGNSKAP AS/CN=314250052"], b"");
    let own = openssl::run(&["x509", "-req", "-CA", &ca_file, "-CAkey", &ca_key, "-days", "2"], &request);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(ca), text(own))
}

#[test]
fn a_key_is_the_same_key_in_every_form_that_people_have_it_in() {
    let pem = openssl::rsa_key();
    let files = Files::new();
    let (ca, own) = enterprise_certificate(&files, &pem);
    let pass = format!("pass:{PASSWORD}");
    let convert = |arguments: &[&str]| openssl::run(arguments, pem.as_bytes());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let whole = files.with("whole.pem", format!("{own}{pem}{ca}"));
    let p12 = |more: &[&str]| {
        let mut arguments = vec!["pkcs12", "-export", "-in", &whole, "-passout"];
        arguments.extend(more);
        openssl::run(&arguments, b"")
    };
    let modern = p12(&[&pass]);
    let bag_attributes =
        openssl::run(&["pkcs12", "-nodes", "-passin", &pass, "-in", &files.with("modern.p12", &modern)], b"");
    let pkcs1 = text(convert(&["rsa", "-traditional"]));
    let der = convert(&["pkey", "-outform", "DER"]);
    let utf_16: Vec<u8> = pem.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark = [b"\xff\xfe".as_slice(), &utf_16].concat();
    let old = text(convert(&["rsa", "-traditional", "-aes256", "-passout", &pass]));
    let on_one_line = old.replace('\n', "").into_bytes();
    let forms: Vec<(&str, Vec<u8>)> = vec![
        ("PKCS#1 PEM", pkcs1.clone().into()),
        ("CRLF", pem.replace('\n', "\r\n").into()),
        ("a byte order mark", format!("\u{feff}{pem}").into()),
        ("on one line", pem.replace('\n', "").into()),
        ("\\n written out", pem.replace('\n', "\\n").into()),
        ("indented", pem.replace('\n', "\n    ").into()),
        ("a JSON text", format!("{pem:?}").into()),
        ("in quotes", format!("'{pem}'").into()),
        ("UTF-16 with its mark", with_mark),
        ("UTF-16 without its mark", utf_16),
        ("PKCS#8 DER", der.clone()),
        ("PKCS#1 DER", convert(&["rsa", "-traditional", "-outform", "DER"])),
        ("DER in base64", STANDARD.encode(&der).into()),
        ("PEM in base64", STANDARD.encode(&pem).into()),
        ("key and certificates", format!("{pem}{own}{ca}").into()),
        ("certificates and key", format!("{ca}{own}{pkcs1}").into()),
        ("openssl pkcs12 -nodes, with its bag attributes", bag_attributes),
        ("encrypted PEM", convert(&["pkey", "-aes256", "-passout", &pass])),
        (
            "encrypted PEM, triple DES and SHA-1",
            convert(&["pkcs8", "-topk8", "-v2", "des3", "-v2prf", "hmacWithSHA1", "-passout", &pass]),
        ),
        ("encrypted PEM, scrypt", convert(&["pkcs8", "-topk8", "-scrypt", "-passout", &pass])),
        ("old encrypted PEM, AES-256", convert(&["rsa", "-traditional", "-aes256", "-passout", &pass])),
        ("old encrypted PEM, AES-128", convert(&["rsa", "-traditional", "-aes128", "-passout", &pass])),
        ("old encrypted PEM, AES-192", convert(&["rsa", "-traditional", "-aes192", "-passout", &pass])),
        ("old encrypted PEM, triple DES", convert(&["rsa", "-traditional", "-des3", "-passout", &pass])),
        ("old encrypted PEM on one line", on_one_line),
        ("encrypted DER", convert(&["pkcs8", "-topk8", "-outform", "DER", "-passout", &pass])),
        ("PKCS#12", modern.clone()),
        ("PKCS#12 in base64", STANDARD.encode(&modern).into()),
        ("PKCS#12 of old", p12(&[&pass, "-legacy"])),
        (
            "PKCS#12 as Windows writes it",
            p12(&[&pass, "-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"]),
        ),
        ("PKCS#12 with an empty password", p12(&["pass:"])),
    ];
    let expected = signed(&parse(pem.as_bytes(), Some("k")).unwrap());
    for (form, bytes) in forms {
        let key = parse(&bytes, Some("k")).unwrap_or_else(|wrong| panic!("{form}: {wrong:?}"));
        assert_eq!(signed(&key), expected, "{form}");
        assert_eq!(key.in_words(), "the key k");
    }
}

#[test]
fn a_jwk_is_the_same_key_in_base64_as_a_text_and_without_its_primes() {
    let expected = signed(&parse(CLIENT_KEY.as_bytes(), None).unwrap());
    let mut bare: Value = serde_json::from_str(CLIENT_KEY).unwrap();
    bare.as_object_mut().unwrap().retain(|name, _| ["kty", "kid", "n", "e", "d"].contains(&name.as_str()));
    let bare = bare.to_string();
    let forms = [
        STANDARD.encode(CLIENT_KEY),
        format!("{:?}", CLIENT_KEY.replace('\n', " ")),
        STANDARD.encode(&bare),
        bare,
    ];
    for form in forms {
        assert_eq!(signed(&parse(form.as_bytes(), None).unwrap()), expected);
    }
    let utf_16: Vec<u8> = CLIENT_KEY.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(signed(&parse(&utf_16, None).unwrap()), expected);
}

#[test]
fn a_jwk_says_which_of_the_three_algorithms_it_is_for() {
    for name in ["RS256", "RS384", "RS512"] {
        let jwk = CLIENT_KEY.replace("\"RS256\"", &format!("\"{name}\""));
        let header = jsonwebtoken::decode_header(signed(&parse(jwk.as_bytes(), None).unwrap())).unwrap();
        assert_eq!(
            (format!("{:?}", header.alg), header.kid.as_deref()),
            (name.to_owned(), Some("sandbox-key"))
        );
        assert_eq!(header.typ, None, "no header too many");
    }
}

#[test]
fn a_key_with_its_certificate_and_no_id_signs_with_the_chain_and_with_no_kid() {
    let pem = openssl::rsa_key();
    let files = Files::new();
    let (ca, own) = enterprise_certificate(&files, &pem);
    let of = |pem: &str| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    for order in [format!("{pem}{own}"), format!("{ca}{own}{pem}"), format!("{own}{pem}{ca}")] {
        let key = parse(order.as_bytes(), None).unwrap();
        let header = jsonwebtoken::decode_header(signed(&key)).unwrap();
        assert_eq!(header.kid, None);
        assert_eq!(header.x5c, Some(vec![of(&own)]), "the root is left out");
        let named =
            jsonwebtoken::decode_header(signed(&parse(order.as_bytes(), Some("k")).unwrap())).unwrap();
        assert_eq!((named.kid.as_deref(), named.x5c), (Some("k"), None), "an id goes before the certificate");
    }
    let (problem, _) = refused(format!("{pem}{ca}").as_bytes(), None);
    assert!(problem.said().contains("certificates of other keys"), "{problem}");
    assert!(refused(pem.as_bytes(), None).0.said().contains("which key"));
    let request = openssl::run(&["req", "-new", "-key", &files.with("k", &pem), "-subj", "/CN=x"], b"");
    let signer = files.with("signer", &pem);
    let past = openssl::run(&["x509", "-req", "-signkey", &signer, "-days", "-1"], &request);
    let (problem, _) = refused(format!("{pem}{}", String::from_utf8(past).unwrap()).as_bytes(), None);
    assert!(problem.said().contains("ran out on 20"), "{problem}");
}

#[test]
fn what_is_no_private_rsa_key_is_told_for_what_it_is() {
    let pem = openssl::rsa_key();
    let run = |arguments: &[&str]| openssl::run(arguments, pem.as_bytes());
    let make = |arguments: &[&str]| openssl::run(arguments, b"");
    let files = Files::new();
    let (ca, own) = enterprise_certificate(&files, &pem);
    let certificates = files.with("certificates", &own);
    let jwk = |from: &str, to: &str| CLIENT_KEY.replace(from, to).into_bytes();
    let two = make(&["genpkey", "-quiet", "-algorithm", "RSA"]);
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (make(&["ecparam", "-name", "prime256v1", "-genkey"]), "an EC key", "genrsa"),
        (
            make(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
            "an EC key",
            "genrsa",
        ),
        (
            make(&["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER"]),
            "an EC key",
            "genrsa",
        ),
        (make(&["genpkey", "-algorithm", "ED25519"]), "an Ed25519 key", "genrsa"),
        (make(&["genpkey", "-quiet", "-algorithm", "RSA-PSS"]), "RSA-PSS only", "genrsa"),
        (
            make(&["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]),
            "1024 bits",
            "2048",
        ),
        (
            run(&["rsa", "-traditional", "-aes256", "-passout", "pass:another"]),
            "does not open with this password",
            "check",
        ),
        (
            run(&["rsa", "-traditional", "-camellia256", "-passout", "pass:x"]),
            "OpenSSL's old way",
            "openssl pkey -in",
        ),
        (
            run(&["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-passout", "pass:x"]),
            "an old way",
            "-aes256 -out",
        ),
        (run(&["pkey", "-aes256", "-passout", "pass:another"]), "does not open with this password", "check"),
        (run(&["pkey", "-pubout"]), "a public key", "private key"),
        (run(&["pkey", "-pubout", "-outform", "DER"]), "a public key", "private key"),
        (own.clone().into(), "a certificate", "private key"),
        (openssl::run(&["x509", "-outform", "DER"], ca.as_bytes()), "a certificate", "private key"),
        (
            make(&[
                "pkcs12",
                "-export",
                "-nokeys",
                "-in",
                &certificates,
                "-passout",
                &format!("pass:{PASSWORD}"),
            ]),
            "without a private key",
            "export",
        ),
        (
            make(&[
                "pkcs12",
                "-export",
                "-in",
                &files.with("both", format!("{own}{pem}")),
                "-passout",
                "pass:another",
            ]),
            "does not open",
            "password",
        ),
        ([pem.as_bytes(), &two].concat(), "2 private keys", "only the one"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02".to_vec(), "a Java key store", "keytool"),
        (
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----".to_vec(),
            "OpenSSH",
            "ssh-keygen",
        ),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----".to_vec(), "holds no key", "give"),
        (b"-----BEGIN PRIVATE KEY-----\nAA".to_vec(), "broken", "cut"),
        (b"".to_vec(), "neither a JWK nor PEM", "give"),
        (b"\0\x01\x02".to_vec(), "holds no key", "give"),
        (jwk("\"d\"", "\"x\""), "not a whole private key", "public key"),
        (jwk("\"RSA\"", "\"EC\""), "an EC key", "genrsa"),
        (jwk("\"RSA\"", "\"OKP\""), "Ed25519", "genrsa"),
        (jwk("\"RS256\"", "\"PS256\""), "another algorithm", "register it"),
        (jwk("\"p\": \"", "\"p\": \"BBBB"), "no RSA key", "cut"),
        (b"{\"keys\":[]}".to_vec(), "not a JWK", "take one out"),
    ];
    for (bytes, problem, hint) in cases {
        let (said, what_to_do) = refused(&bytes, Some("k"));
        assert!(said.said().contains(problem), "{problem}: {said}");
        assert!(what_to_do.said().contains(hint), "{said}: {what_to_do}");
    }
}

#[test]
fn a_password_that_nobody_can_give_is_told_with_the_key_of_the_job_file_that_names_it() {
    let encrypted = openssl::run(&["pkey", "-aes256", "-passout", "pass:x"], openssl::rsa_key().as_bytes());
    let passwords = Passwords::default();
    let read = |variable| {
        let password = Password { variable, passwords: &passwords };
        forms::read(&encrypted, &password).map(drop).unwrap_err()
    };
    assert!(read(None).1.said().contains("key_password_env = "), "{:?}", read(None));
    let (problem, _) = read(Some("FULLMAKT_TEST_NO_SUCH_VARIABLE"));
    assert!(problem.said().contains("FULLMAKT_TEST_NO_SUCH_VARIABLE is not set"), "{problem}");
    let (problem, _) = read(Some("hunter2hunter2"));
    assert!(!problem.said().contains("hunter2"), "a password in place of the name: {problem}");
}

#[test]
fn a_key_file_that_only_a_shell_would_find_is_told_so() {
    let hint = |path: &str| {
        let key = Key { from: KeyFrom::File(path.into()), kid: None, password_env: None };
        SigningKey::open(&key, &Passwords::default()).unwrap_err().hint.said().into_owned()
    };
    assert!(hint("~/no-key.pem").contains("$HOME and other variables are not replaced"));
    assert!(hint("no-key.pem").contains("check key_file"));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    fs::write(&path, CLIENT_KEY).unwrap();
    let read = |mode| {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let key = Key { from: KeyFrom::File(path.clone()), kid: None, password_env: None };
        SigningKey::open(&key, &Passwords::default())
    };
    for mode in [0o644, 0o640, 0o440, 0o604] {
        let error = read(mode).unwrap_err();
        assert!(error.to_string().contains(&format!("(mode {mode:03o})")), "{error}");
        assert!(error.hint.said().starts_with("chmod 600 /"), "{}", error.hint);
    }
    assert!(read(0o600).is_ok() && read(0o400).is_ok());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn no_damage_to_a_key_makes_its_reader_panic_and_no_error_shows_any_of_it(
        which in 0usize..4,
        damage in proptest::collection::vec((proptest::prelude::any::<proptest::sample::Index>(), proptest::prelude::any::<u8>()), 1..6),
        cut in proptest::prelude::any::<proptest::sample::Index>(),
    ) {
        let pem = openssl::rsa_key();
        let der = STANDARD.decode(pem.lines().filter(|line| !line.starts_with("--")).collect::<String>()).unwrap();
        let flat = pem.replace('\n', "").into_bytes();
        let mut bytes = [pem.into_bytes(), flat, der, CLIENT_KEY.as_bytes().to_vec()][which].clone();
        for (at, value) in &damage {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
        if damage.len() > 3 {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Err((problem, hint)) = parse(&bytes, Some("k")) {
            let said = format!("{problem} {hint}");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let pieces = text.as_bytes().windows(16).filter_map(|piece| std::str::from_utf8(piece).ok());
            let secret = pieces.filter(|piece| !piece.contains(' ') && !piece.contains("-----")).find(|piece| said.contains(piece));
            proptest::prop_assert!(secret.is_none(), "{said}");
        }
    }
}
