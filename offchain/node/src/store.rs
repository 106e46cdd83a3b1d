//! What must outlive the process: votes, the pacemaker's state, pending transmissions, the last config.
//!
//! A redb file with an exclusive lock. Every write is one transaction that is durable when it returns.

mod records;

use std::path::{Path, PathBuf};

use alloy_primitives::Address;
use ocr_protocol::config::ContractConfig;
use ocr_protocol::id::{ConfigDigest, EpochRound};
use ocr_protocol::oracle::{Persisted, Record};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Clock;
use records::{StoredConfig, StoredPacemaker, StoredPending, StoredVote};

/// Version of the records' layout.
const STORE_VERSION: u64 = 1;

/// How long a pending transmission is kept after its time.
const OVERDUE_MILLIS_MAX: u64 = 24 * 3_600 * 1_000;

/// `"version"` and `"owner"`.
const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");
/// The last configuration that ran, under `"last"`.
const CONFIG: TableDefinition<'_, &str, &str> = TableDefinition::new("config");
/// Pacemaker state by config digest.
const PACEMAKER: TableDefinition<'_, &[u8; 32], &str> = TableDefinition::new("pacemaker");
/// Highest (epoch, round) signed, by config digest and what was signed.
const SIGNED: TableDefinition<'_, (&[u8; 32], &str), &str> = TableDefinition::new("signed");
/// Pending transmissions by config digest, epoch and round.
const PENDING: TableDefinition<'_, (&[u8; 32], u32, u8), &str> = TableDefinition::new("pending");

const OBSERVATION: &str = "observation";
const REPORT: &str = "report";

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{}: in use by another process; one oracle, one node: stop the other `ocr run`", .0.display())]
    Locked(PathBuf),
    #[error(
        "{}: damaged ({reason}); it protects this oracle from signing twice, so it is not replaced: \
         restore a copy, or move it away and give the oracle new keys", path.display()
    )]
    Corrupt { path: PathBuf, reason: String },
    #[error("{}: written by another version ({given}, this node reads {STORE_VERSION}); see CHANGELOG.md", path.display())]
    Version { path: PathBuf, given: String },
    #[error("{}: belongs to {found}, this node is {expected}; correct store.path or keys.directory", path.display())]
    Owner {
        path: PathBuf,
        found: String,
        expected: String,
    },
    #[error("{}: {reason}", path.display())]
    Failed { path: PathBuf, reason: String },
}

/// Whose database it is: an oracle at one contract.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    /// Address of the on-chain key.
    pub(crate) signer: Address,
    /// Chain of the contract.
    pub(crate) chain_id: u64,
    /// The aggregator.
    pub(crate) aggregator: Address,
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "signer {} at {} on chain {}",
            self.signer, self.aggregator, self.chain_id
        )
    }
}

/// The open database.
#[derive(Debug)]
pub(crate) struct Store {
    database: Database,
    path: PathBuf,
}

impl Store {
    /// Opens `path`, or makes it, and takes its lock. [`claim`](Self::claim) it before use.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::Failed {
                path: path.into(),
                reason: error.to_string(),
            })?;
        }
        if path.metadata().is_ok_and(|file| file.len() == 0) {
            return Err(StoreError::Corrupt {
                path: path.into(),
                reason: "it is empty".to_owned(),
            });
        }
        let database = Database::builder()
            .set_check_integrity_on_open(true)
            .create(path)
            .map_err(|error| open_error(path, error))?;
        Ok(Self {
            database,
            path: path.to_owned(),
        })
    }

    /// Checks version and owner, or writes them into a new database.
    pub(crate) fn claim(&self, owner: &Owner) -> Result<(), StoreError> {
        let (version, expected) = (STORE_VERSION.to_string(), owner.to_string());
        let transaction = self.database.begin_write().map_err(|e| self.failed(e))?;
        {
            let mut meta = transaction.open_table(META).map_err(|e| self.failed(e))?;
            // Made here, so that reading never meets a missing table.
            transaction.open_table(CONFIG).map_err(|e| self.failed(e))?;
            transaction
                .open_table(PACEMAKER)
                .map_err(|e| self.failed(e))?;
            transaction.open_table(SIGNED).map_err(|e| self.failed(e))?;
            transaction
                .open_table(PENDING)
                .map_err(|e| self.failed(e))?;
            let mut found = |key, value: &str| -> Result<String, StoreError> {
                let stored = meta
                    .get(key)
                    .map_err(|e| self.failed(e))?
                    .map(|v| v.value().to_owned());
                match stored {
                    Some(stored) => Ok(stored),
                    None => {
                        meta.insert(key, value).map_err(|e| self.failed(e))?;
                        Ok(value.to_owned())
                    }
                }
            };
            let given = found("version", &version)?;
            if given != version {
                return Err(StoreError::Version {
                    path: self.path.clone(),
                    given,
                });
            }
            let found = found("owner", &expected)?;
            if found != expected {
                return Err(StoreError::Owner {
                    path: self.path.clone(),
                    found,
                    expected,
                });
            }
        }
        transaction.commit().map_err(|e| self.failed(e))
    }

    /// Makes `records` of configuration `digest` durable, all or none, in order.
    pub(crate) fn write(
        &self,
        digest: ConfigDigest,
        records: &[Record],
        clock: &Clock,
    ) -> Result<(), StoreError> {
        let transaction = self.database.begin_write().map_err(|e| self.failed(e))?;
        {
            let mut pacemaker = transaction
                .open_table(PACEMAKER)
                .map_err(|e| self.failed(e))?;
            let mut signed = transaction.open_table(SIGNED).map_err(|e| self.failed(e))?;
            let mut pending = transaction
                .open_table(PENDING)
                .map_err(|e| self.failed(e))?;
            let key = |at: &EpochRound| (&digest.0, at.epoch.get(), at.round.get());
            for record in records {
                match record {
                    Record::Pacemaker(state) => pacemaker
                        .insert(&digest.0, json(&StoredPacemaker::from(state)).as_str())
                        .map(drop),
                    Record::SignedObservation(at) => signed
                        .insert(
                            (&digest.0, OBSERVATION),
                            json(&StoredVote::from(*at)).as_str(),
                        )
                        .map(drop),
                    Record::SignedReport(at) => signed
                        .insert((&digest.0, REPORT), json(&StoredVote::from(*at)).as_str())
                        .map(drop),
                    Record::PendingInsert(item) => pending
                        .insert(
                            key(&item.report.at),
                            json(&StoredPending::new(item, clock)).as_str(),
                        )
                        .map(drop),
                    Record::PendingDelete(at) => pending.remove(key(at)).map(drop),
                }
                .map_err(|e| self.failed(e))?;
            }
        }
        transaction.commit().map_err(|e| self.failed(e))
    }

    /// Returns what is known of configuration `digest`.
    pub(crate) fn load(
        &self,
        digest: ConfigDigest,
        clock: &Clock,
    ) -> Result<Persisted, StoreError> {
        let transaction = self.database.begin_read().map_err(|e| self.failed(e))?;
        let pacemaker = transaction
            .open_table(PACEMAKER)
            .map_err(|e| self.failed(e))?;
        let signed = transaction.open_table(SIGNED).map_err(|e| self.failed(e))?;
        let pending = transaction
            .open_table(PENDING)
            .map_err(|e| self.failed(e))?;
        let vote = |what| -> Result<Option<EpochRound>, StoreError> {
            let text = signed.get((&digest.0, what)).map_err(|e| self.failed(e))?;
            text.map(|text| self.parse::<StoredVote>(text.value()).map(EpochRound::from))
                .transpose()
        };
        let mut items = Vec::new();
        let range = (&digest.0, 0, 0)..=(&digest.0, u32::MAX, u8::MAX);
        for entry in pending.range(range).map_err(|e| self.failed(e))? {
            let (_, text) = entry.map_err(|e| self.failed(e))?;
            items.push(self.parse::<StoredPending>(text.value())?);
        }
        let state = pacemaker.get(&digest.0).map_err(|e| self.failed(e))?;
        Ok(Persisted {
            pacemaker: state
                .map(|text| self.parse::<StoredPacemaker>(text.value()).map(Into::into))
                .transpose()?,
            signed_observation: vote(OBSERVATION)?,
            signed_report: vote(REPORT)?,
            pending: items
                .into_iter()
                .map(|item| item.restore(clock).map_err(|reason| self.corrupt(reason)))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Forgets pending transmissions, of any configuration, that are overdue by a day.
    ///
    /// Source: offchain-ocr2 7.5.
    pub(crate) fn forget_overdue(&self, clock: &Clock) -> Result<(), StoreError> {
        let kept_from = clock
            .unix_millis_at(clock.now())
            .saturating_sub(OVERDUE_MILLIS_MAX);
        let transaction = self.database.begin_write().map_err(|e| self.failed(e))?;
        {
            let mut pending = transaction
                .open_table(PENDING)
                .map_err(|e| self.failed(e))?;
            // What cannot be read is kept: loading it says what is wrong.
            pending
                .retain(|_, text| {
                    serde_json::from_str::<StoredPending>(text)
                        .map_or(true, |item| item.due_unix_millis() >= kept_from)
                })
                .map_err(|e| self.failed(e))?;
        }
        transaction.commit().map_err(|e| self.failed(e))
    }

    /// Returns the configuration that ran last.
    pub(crate) fn config(&self) -> Result<Option<ContractConfig>, StoreError> {
        let transaction = self.database.begin_read().map_err(|e| self.failed(e))?;
        let table = transaction.open_table(CONFIG).map_err(|e| self.failed(e))?;
        let text = table.get("last").map_err(|e| self.failed(e))?;
        text.map(|text| {
            let stored = self.parse::<StoredConfig>(text.value())?;
            stored.restore().map_err(|reason| self.corrupt(reason))
        })
        .transpose()
    }

    /// Remembers the configuration that runs.
    pub(crate) fn save_config(&self, config: &ContractConfig) -> Result<(), StoreError> {
        let transaction = self.database.begin_write().map_err(|e| self.failed(e))?;
        {
            let mut table = transaction.open_table(CONFIG).map_err(|e| self.failed(e))?;
            table
                .insert("last", json(&StoredConfig::from(config)).as_str())
                .map_err(|e| self.failed(e))?;
        }
        transaction.commit().map_err(|e| self.failed(e))
    }

    fn parse<T: DeserializeOwned>(&self, text: &str) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| self.corrupt(error.to_string()))
    }

    fn corrupt(&self, reason: String) -> StoreError {
        StoreError::Corrupt {
            path: self.path.clone(),
            reason,
        }
    }

    fn failed(&self, error: impl Into<redb::Error>) -> StoreError {
        match error.into() {
            redb::Error::Corrupted(reason) => self.corrupt(reason),
            other => StoreError::Failed {
                path: self.path.clone(),
                reason: other.to_string(),
            },
        }
    }
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("records have text keys and finite numbers")
}

fn open_error(path: &Path, error: DatabaseError) -> StoreError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            StoreError::Locked(path)
        }
        DatabaseError::UpgradeRequired(given) => StoreError::Version {
            path,
            given: format!("file format {given}"),
        },
        DatabaseError::Storage(redb::StorageError::Corrupted(reason)) => {
            StoreError::Corrupt { path, reason }
        }
        // A file that does not start as a redb file does, or ends within the header.
        DatabaseError::Storage(redb::StorageError::Io(error))
            if matches!(
                error.kind(),
                std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof
            ) =>
        {
            StoreError::Corrupt {
                path,
                reason: error.to_string(),
            }
        }
        other => StoreError::Failed {
            path,
            reason: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests;
