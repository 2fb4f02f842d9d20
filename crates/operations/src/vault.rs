//! The vault: tokens and app secrets are sealed before they are stored, and opened only to be used.
//!
//! XChaCha20-Poly1305 with a random nonce. What a secret belongs to is authenticated with it, so
//! that a sealed token copied to another row does not open there. Each blob names the key that
//! sealed it, so that keys can be rotated: new ones seal, old ones still open.

use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fmt, fs, io};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// How long a master key is, in bytes.
const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 8;
const NONCE_BYTES: usize = 24;
/// The first byte of every blob, should the form ever change.
const FORM: u8 = 1;

/// Why a secret could not be sealed or opened. None of these tells anything of the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// A master key is not 32 bytes in base64.
    #[error("a master key must be 32 bytes in base64, as `openssl rand -base64 32` prints them")]
    BadKey,
    /// The file of the master keys cannot be read or made.
    #[error("the file of the master key, {0}, cannot be used: {1}")]
    File(PathBuf, String),
    /// The blob was sealed by a key that is not here.
    #[error(
        "a secret was sealed with master key {0}, which this server does not have; give it with \
         master_key or master_key_file, after the current one"
    )]
    UnknownKey(String),
    /// The blob was changed, or belongs to something else.
    #[error("a sealed secret is damaged, or was moved from where it belongs")]
    Damaged,
    /// The system has no randomness.
    #[error("the system has no randomness")]
    NoRandomness,
}

/// A master key, by its id: what seals, and what marks.
type MasterKey = ([u8; KEY_ID_BYTES], XChaCha20Poly1305, Hmac<Sha256>);

/// Seals and opens secrets.
pub struct Vault {
    /// The first one seals; read when the first secret is sealed or opened.
    keys: OnceLock<Vec<MasterKey>>,
    /// Where they are kept, and made when there are none.
    file: Option<PathBuf>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.get().map_or(0, Vec::len);
        write!(f, "Vault({keys} keys)")
    }
}

impl Vault {
    /// Reads master keys, one a line or separated by commas; the first one seals.
    pub fn from_text(text: &str) -> Result<Self, VaultError> {
        let lines = text
            .split([',', '\n'])
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let keys: Vec<_> = lines.map(read_key).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(VaultError::BadKey);
        }
        Ok(Self {
            keys: OnceLock::from(keys),
            file: None,
        })
    }

    /// Returns a vault whose keys are in a file, which is made when the first secret is sealed and
    /// which only its owner can read.
    #[must_use]
    pub fn in_file(file: PathBuf) -> Self {
        Self {
            keys: OnceLock::new(),
            file: Some(file),
        }
    }

    fn keys(&self) -> Result<&[MasterKey], VaultError> {
        if let Some(keys) = self.keys.get() {
            return Ok(keys);
        }
        let file = self.file.as_deref().ok_or(VaultError::BadKey)?;
        let read = || fs::read_to_string(file).map_err(|error| VaultError::file(file, &error));
        let text = if file.exists() {
            read()?
        } else {
            keep(file, &Self::random_key()?).map_err(|error| VaultError::file(file, &error))?;
            read()?
        };
        let read = Self::from_text(&text)?;
        let keys = read.keys.into_inner().unwrap_or_default();
        Ok(self.keys.get_or_init(|| keys))
    }

    /// Returns a fresh master key as text.
    pub fn random_key() -> Result<String, VaultError> {
        let mut key = [0_u8; KEY_BYTES];
        getrandom::fill(&mut key).map_err(|_| VaultError::NoRandomness)?;
        Ok(STANDARD.encode(key))
    }

    /// Seals a secret for what it belongs to, such as `app/12/secret`.
    pub fn seal(&self, belongs_to: &str, secret: &str) -> Result<Vec<u8>, VaultError> {
        let (id, cipher, _) = self.keys()?.first().ok_or(VaultError::BadKey)?;
        let mut nonce = [0_u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
        let payload = Payload {
            msg: secret.as_bytes(),
            aad: belongs_to.as_bytes(),
        };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| VaultError::Damaged)?;
        Ok([&[FORM], id.as_slice(), &nonce, &sealed].concat())
    }

    /// Opens what [`Vault::seal`] sealed for the same thing.
    pub fn open(&self, belongs_to: &str, blob: &[u8]) -> Result<String, VaultError> {
        let rest = blob.strip_prefix(&[FORM]).ok_or(VaultError::Damaged)?;
        let (id, rest) = rest
            .split_first_chunk::<KEY_ID_BYTES>()
            .ok_or(VaultError::Damaged)?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(VaultError::Damaged)?;
        let key = self.keys()?.iter().find(|(known, ..)| known == id);
        let (_, cipher, _) = key.ok_or_else(|| VaultError::UnknownKey(name(id)))?;
        let payload = Payload {
            msg: sealed,
            aad: belongs_to.as_bytes(),
        };
        let secret = cipher.decrypt(&XNonce::from(*nonce), payload);
        let secret = secret.map_err(|_| VaultError::Damaged)?;
        String::from_utf8(secret).map_err(|_| VaultError::Damaged)
    }

    /// Returns the keyed hashes of a short secret for what it belongs to, one for each master key:
    /// the first is the one to keep. Without the keys nobody can try all secrets out.
    pub fn marks(&self, belongs_to: &str, secret: &str) -> Result<Vec<Vec<u8>>, VaultError> {
        let mark = |(_, _, mac): &MasterKey| {
            let mut mac = mac.clone();
            // Lengths apart, so that no other pair of texts has the same mark.
            mac.update(&(belongs_to.len() as u64).to_be_bytes());
            mac.update(belongs_to.as_bytes());
            mac.update(secret.as_bytes());
            mac.finalize().into_bytes().to_vec()
        };
        Ok(self.keys()?.iter().map(mark).collect())
    }
}

impl VaultError {
    fn file(file: &Path, error: &io::Error) -> Self {
        Self::File(file.into(), error.to_string())
    }
}

/// Makes the file whole or not at all, and leaves one that somebody else made meanwhile.
fn keep(file: &Path, key: &str) -> io::Result<()> {
    let directory = file.parent().unwrap_or(Path::new("."));
    let mut private = fs::DirBuilder::new();
    private.recursive(true).mode(0o700).create(directory)?;
    let mut made = tempfile::Builder::new().tempfile_in(directory)?;
    writeln!(made, "{key}")?;
    made.as_file().sync_all()?;
    match made.persist_noclobber(file) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        Ok(_) | Err(_) => fs::File::open(directory)?.sync_all(),
    }
}

fn read_key(line: &str) -> Result<MasterKey, VaultError> {
    let bytes = STANDARD.decode(line).map_err(|_| VaultError::BadKey)?;
    let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| VaultError::BadKey)?;
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let (id, _) = digest
        .split_first_chunk::<KEY_ID_BYTES>()
        .ok_or(VaultError::BadKey)?;
    // A key of its own, so that marking tells nothing of sealing.
    let marking = Sha256::digest([b"marks:", bytes.as_slice()].concat());
    let mac = Hmac::new_from_slice(&marking).map_err(|_| VaultError::BadKey)?;
    Ok((*id, XChaCha20Poly1305::new(&Key::from(bytes)), mac))
}

fn name(id: &[u8; KEY_ID_BYTES]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Vault, VaultError};

    #[test]
    fn a_mark_is_of_its_secret_its_place_and_its_key() {
        let keys = [Vault::random_key().unwrap(), Vault::random_key().unwrap()];
        let vault = Vault::from_text(&keys.join(",")).unwrap();
        let marks = vault.marks("otp/1", "123456").unwrap();
        assert_eq!(marks.len(), 2);
        assert_eq!(vault.marks("otp/1", "123456").unwrap(), marks);
        for (place, secret) in [
            ("otp/1", "123457"),
            ("otp/2", "123456"),
            ("otp/11", "23456"),
        ] {
            assert_ne!(vault.marks(place, secret).unwrap()[0], marks[0]);
        }
        assert_ne!(marks[0], marks[1]);
        // What the older key marked is still known once it is the second.
        let before = Vault::from_text(&keys[1]).unwrap();
        assert_eq!(before.marks("otp/1", "123456").unwrap()[0], marks[1]);
    }

    #[test]
    fn a_secret_opens_only_where_it_belongs() {
        let vault = Vault::from_text(&Vault::random_key().unwrap()).unwrap();
        let blob = vault.seal("app/1/secret", "hush").unwrap();
        assert_eq!(vault.open("app/1/secret", &blob).as_deref(), Ok("hush"));
        assert_eq!(vault.open("app/2/secret", &blob), Err(VaultError::Damaged));
        assert!(!blob.windows(4).any(|window| window == b"hush"));
        assert_ne!(blob, vault.seal("app/1/secret", "hush").unwrap());
    }

    #[test]
    fn a_changed_blob_does_not_open() {
        let vault = Vault::from_text(&Vault::random_key().unwrap()).unwrap();
        let blob = vault.seal("x", "hush").unwrap();
        for cut in 0..blob.len() {
            assert!(vault.open("x", &blob[..cut]).is_err());
            let mut changed = blob.clone();
            changed[cut] ^= 1;
            assert!(vault.open("x", &changed).is_err());
        }
    }

    #[test]
    fn old_keys_open_and_the_first_one_seals() {
        let (old, new) = (Vault::random_key().unwrap(), Vault::random_key().unwrap());
        let sealed = Vault::from_text(&old).unwrap().seal("x", "hush").unwrap();
        let both = Vault::from_text(&format!("{new}\n{old}\n")).unwrap();
        assert_eq!(both.open("x", &sealed).as_deref(), Ok("hush"));
        let only_new = Vault::from_text(&new).unwrap();
        assert!(matches!(
            only_new.open("x", &sealed),
            Err(VaultError::UnknownKey(_))
        ));
        assert_eq!(
            only_new
                .open("x", &both.seal("x", "hush").unwrap())
                .as_deref(),
            Ok("hush")
        );
    }

    #[test]
    fn a_file_is_made_with_the_first_secret_and_read_from_then_on() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("master.key");
        let vault = Vault::in_file(file.clone());
        assert!(!file.exists());
        let sealed = vault.seal("x", "hush").unwrap();
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = Vault::in_file(file);
        assert_eq!(again.open("x", &sealed).as_deref(), Ok("hush"));
        let elsewhere = Vault::in_file(directory.path().join("master.key/none"));
        assert!(matches!(
            elsewhere.seal("x", "hush"),
            Err(VaultError::File(..))
        ));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "abc", "AAAA"] {
            assert_eq!(Vault::from_text(text).unwrap_err(), VaultError::BadKey);
        }
    }
}
