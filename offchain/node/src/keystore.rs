//! The oracle's keys: Web3 Secret Storage v3 files, the format of geth and foundry, and one password file.

use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use alloy_primitives::Address;
use eth_keystore::KeystoreError as V3Error;
use ocr_net::PeerId;
use ocr_protocol::keyring::Keyring;
use serde::Deserialize;
use zeroize::Zeroizing;

/// A secret of 32 bytes, wiped when dropped.
pub(crate) type Secret = Zeroizing<[u8; 32]>;

/// What a key is for; its file is named after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// secp256k1: signs reports; the contract knows its address.
    Onchain,
    /// ed25519: signs observations.
    Offchain,
    /// x25519: decrypts the committee's shared secret.
    Config,
    /// ed25519: the node's identity in the network.
    Peer,
    /// secp256k1: pays for and sends transactions; the same file works with `cast` and `forge`.
    Transmitter,
}

impl KeyKind {
    /// Every kind an oracle needs.
    pub(crate) const ALL: [Self; 5] = [
        Self::Onchain,
        Self::Offchain,
        Self::Config,
        Self::Peer,
        Self::Transmitter,
    ];

    fn is_secp256k1(self) -> bool {
        matches!(self, Self::Onchain | Self::Transmitter)
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Onchain => "onchain.json",
            Self::Offchain => "offchain.json",
            Self::Config => "config.json",
            Self::Peer => "peer.json",
            Self::Transmitter => "transmitter.json",
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file_name().trim_end_matches(".json"))
    }
}

/// Why keys could not be made or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeystoreError {
    #[error("{}: {source}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{}: {source}; the first line of a text file is the password: correct keys.password_file or --password-file",
        path.display()
    )]
    Password {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: a key is there already; it is never overwritten, choose another directory", .0.display())]
    Exists(PathBuf),
    #[error("{}: no such key file; make keys with `ocr keys new`, or correct keys.directory", .0.display())]
    Missing(PathBuf),
    #[error("{}: the password is wrong; it is the first line of keys.password_file", .0.display())]
    WrongPassword(PathBuf),
    #[error("{}: not a Web3 Secret Storage v3 file: {reason}", path.display())]
    NotV3 { path: PathBuf, reason: String },
    #[error("{}: holds {given} bytes, a key has 32", path.display())]
    WrongLength { path: PathBuf, given: usize },
    #[error("{}: not a valid {kind} key", path.display())]
    InvalidKey { path: PathBuf, kind: KeyKind },
    #[error("{}: the password is empty", .0.display())]
    EmptyPassword(PathBuf),
    #[error("no entropy from the operating system: {0}")]
    Entropy(getrandom::Error),
}

/// The secrets of one oracle.
pub(crate) struct Keys {
    onchain: Secret,
    offchain: Secret,
    config: Secret,
    /// ed25519 secret of the network identity.
    pub(crate) peer: Secret,
    /// secp256k1 secret of the sending account.
    pub(crate) transmitter: Secret,
}

impl Keys {
    /// Makes new keys in `directory`, which may exist but must not hold any of them.
    pub(crate) fn create(directory: &Path, password: &str) -> Result<Self, KeystoreError> {
        for kind in KeyKind::ALL {
            let path = directory.join(kind.file_name());
            if path.exists() {
                return Err(KeystoreError::Exists(path));
            }
        }
        // The mode is for what is made here; a directory that exists keeps its own.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(|source| file_error(directory, source))?;
        for kind in KeyKind::ALL {
            write_key(directory, kind, &random_secret()?, password)?;
        }
        Self::open(directory, password)
    }

    /// Reads the keys of `directory`.
    pub(crate) fn open(directory: &Path, password: &str) -> Result<Self, KeystoreError> {
        let read = |kind| read_key(directory, kind, password);
        Ok(Self {
            onchain: read(KeyKind::Onchain)?,
            offchain: read(KeyKind::Offchain)?,
            config: read(KeyKind::Config)?,
            peer: read(KeyKind::Peer)?,
            transmitter: read(KeyKind::Transmitter)?,
        })
    }

    /// Returns the identity in the network.
    pub(crate) fn peer_id(&self) -> PeerId {
        let key = ed25519_dalek::SigningKey::from_bytes(&self.peer);
        PeerId::from_public_key(key.verifying_key().to_bytes())
    }

    /// Makes the keys of the protocol ready to use.
    pub(crate) fn keyring(&self) -> Keyring {
        Keyring::new(&self.onchain, &self.offchain, &self.config)
            .expect("secp256k1 keys are checked when read")
    }
}

/// Returns the address of a secp256k1 secret; nothing when it is zero or too great.
pub(crate) fn account(secret: &Secret) -> Option<Address> {
    k256::ecdsa::SigningKey::from_slice(secret.as_slice())
        .ok()
        .map(|key| Address::from_public_key(key.verifying_key()))
}

/// Reads a password: the first line of the file, as `cast --password-file` does.
pub(crate) fn read_password(path: &Path) -> Result<Zeroizing<String>, KeystoreError> {
    let text = fs::read_to_string(path).map_err(|source| KeystoreError::Password {
        path: path.to_owned(),
        source,
    })?;
    let text = Zeroizing::new(text);
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Zeroizing::new(line.to_owned())),
        _ => Err(KeystoreError::EmptyPassword(path.to_owned())),
    }
}

/// Writes a new random password to `path`, readable by its owner only.
pub(crate) fn create_password(path: &Path) -> Result<(), KeystoreError> {
    let password = Zeroizing::new(hex::encode(random_secret()?));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| file_error(path, source))?;
    writeln!(file, "{}", password.as_str()).map_err(|source| file_error(path, source))
}

/// Takes 32 bytes from the operating system.
pub(crate) fn random_secret() -> Result<Secret, KeystoreError> {
    let mut secret = Secret::default();
    getrandom::fill(secret.as_mut_slice()).map_err(KeystoreError::Entropy)?;
    Ok(secret)
}

fn write_key(
    directory: &Path,
    kind: KeyKind,
    secret: &Secret,
    password: &str,
) -> Result<(), KeystoreError> {
    let path = directory.join(kind.file_name());
    let mut rng = rand::rngs::OsRng;
    eth_keystore::encrypt_key(
        directory,
        &mut rng,
        secret.as_slice(),
        password,
        Some(kind.file_name()),
    )
    .map_err(|error| v3_error(&path, error))?;
    set_mode(&path, 0o600)
}

fn read_key(directory: &Path, kind: KeyKind, password: &str) -> Result<Secret, KeystoreError> {
    let path = directory.join(kind.file_name());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(KeystoreError::Missing(path));
        }
        Err(source) => return Err(file_error(&path, source)),
    };
    check_v3(&text).map_err(|reason| KeystoreError::NotV3 {
        path: path.clone(),
        reason,
    })?;
    let bytes = Zeroizing::new(
        eth_keystore::decrypt_key(&path, password).map_err(|error| v3_error(&path, error))?,
    );
    let mut secret = Secret::default();
    if bytes.len() != secret.len() {
        return Err(KeystoreError::WrongLength {
            path,
            given: bytes.len(),
        });
    }
    secret.copy_from_slice(&bytes);
    if kind.is_secp256k1() && account(&secret).is_none() {
        return Err(KeystoreError::InvalidKey { path, kind });
    }
    Ok(secret)
}

/// The sizes that the keystore library takes for granted.
#[derive(Deserialize)]
struct V3 {
    version: u8,
    crypto: V3Crypto,
}

#[derive(Deserialize)]
struct V3Crypto {
    cipherparams: V3CipherParams,
    kdfparams: V3KdfParams,
}

#[derive(Deserialize)]
struct V3CipherParams {
    iv: String,
}

#[derive(Deserialize)]
struct V3KdfParams {
    dklen: u64,
    n: Option<u64>,
    r: Option<u64>,
    p: Option<u64>,
    c: Option<u64>,
}

/// Most iterations of the key derivation: no file may keep the node busy for minutes.
const KDF_ITERATIONS_MAX: u64 = 1 << 22;

fn check_v3(text: &str) -> Result<(), String> {
    let v3: V3 = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let kdf = &v3.crypto.kdfparams;
    let (n, r, p) = (kdf.n.unwrap_or(2), kdf.r.unwrap_or(1), kdf.p.unwrap_or(1));
    if v3.version != 3 {
        return Err(format!("version {} instead of 3", v3.version));
    }
    if v3.crypto.cipherparams.iv.len() != 32 {
        return Err("crypto.cipherparams.iv must have 16 bytes".to_owned());
    }
    if kdf.dklen != 32 {
        return Err(format!(
            "crypto.kdfparams.dklen is {} instead of 32",
            kdf.dklen
        ));
    }
    if !n.is_power_of_two() || n < 2 {
        return Err(format!("crypto.kdfparams.n is {n}, not a power of two"));
    }
    let work = n
        .saturating_mul(r)
        .saturating_mul(p)
        .max(kdf.c.unwrap_or(0));
    if work > KDF_ITERATIONS_MAX {
        return Err(format!(
            "crypto.kdfparams ask for {work} iterations, more than is sensible"
        ));
    }
    Ok(())
}

fn v3_error(path: &Path, error: V3Error) -> KeystoreError {
    let path = path.to_owned();
    match error {
        V3Error::MacMismatch => KeystoreError::WrongPassword(path),
        other => KeystoreError::NotV3 {
            path,
            reason: other.to_string(),
        },
    }
}

fn set_mode(path: &Path, mode: u32) -> Result<(), KeystoreError> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: std::io::Error) -> KeystoreError {
    KeystoreError::File {
        path: path.to_owned(),
        source,
    }
}
