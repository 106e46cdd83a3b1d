//! What was written is there after a restart, and only for its owner and configuration.

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{Epoch, MAX_ORACLES, OracleId};
use ocr_protocol::pacemaker::PacemakerState;
use ocr_protocol::transmit::Pending;
use tempfile::TempDir;

use super::*;

const DIGEST: ConfigDigest = ConfigDigest([7; 32]);
const OTHER: ConfigDigest = ConfigDigest([8; 32]);

fn owner() -> Owner {
    Owner {
        signer: Address::repeat_byte(1),
        chain_id: 31_337,
        aggregator: Address::repeat_byte(2),
    }
}

fn report(at: EpochRound) -> AttestedReport {
    AttestedReport {
        at,
        extra_hash: [3; 32],
        report: vec![1, 2, 3],
        signatures: vec![(OracleId::new(30, MAX_ORACLES), vec![4; 65])],
    }
}

fn state(epoch: u32) -> PacemakerState {
    PacemakerState {
        epoch: Epoch::new(epoch),
        highest_sent: Epoch::new(epoch + 1),
        highest_received: vec![Epoch::new(epoch), Epoch::MAX, Epoch::ZERO],
    }
}

struct Place {
    directory: TempDir,
    clock: Clock,
}

impl Place {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            clock: Clock::start(),
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("sub").join("ocr.redb")
    }

    fn open(&self) -> Result<Store, StoreError> {
        let store = Store::open(&self.path())?;
        store.claim(&owner())?;
        Ok(store)
    }
}

#[test]
fn records_survive_a_restart_under_their_digest() {
    let place = Place::new();
    let due = place.clock.now() + std::time::Duration::from_secs(60);
    let at = EpochRound::new(3, 4);
    let store = place.open().unwrap();
    let records = [
        Record::Pacemaker(state(2)),
        Record::Pacemaker(state(3)),
        Record::SignedObservation(at),
        Record::SignedReport(EpochRound::new(3, 3)),
        Record::PendingInsert(Pending {
            due,
            report: report(at),
        }),
        Record::PendingInsert(Pending {
            due,
            report: report(EpochRound::new(3, 5)),
        }),
        Record::PendingDelete(EpochRound::new(3, 5)),
    ];
    store.write(DIGEST, &records, &place.clock).unwrap();
    drop(store);

    let store = place.open().unwrap();
    let persisted = store.load(DIGEST, &place.clock).unwrap();
    assert_eq!(persisted.pacemaker, Some(state(3)));
    assert_eq!(persisted.signed_observation, Some(at));
    assert_eq!(persisted.signed_report, Some(EpochRound::new(3, 3)));
    let [pending] = &persisted.pending[..] else {
        panic!("{:?}", persisted.pending)
    };
    assert_eq!(pending.report, report(at));
    // Stored in milliseconds.
    let drift = pending.due.as_nanos().abs_diff(due.as_nanos());
    assert!(drift <= 50_000_000, "{drift} ns");
    assert_eq!(
        store.load(OTHER, &place.clock).unwrap(),
        Persisted::default()
    );
}

#[test]
fn a_pending_transmission_that_is_overdue_is_due_at_once() {
    let place = Place::new();
    let stored = records::StoredPending::new(
        &Pending {
            due: ocr_protocol::time::Instant::START,
            report: report(EpochRound::new(1, 1)),
        },
        &place.clock,
    );
    std::thread::sleep(std::time::Duration::from_millis(20));
    let now = place.clock.now();
    let restored = stored.restore(&place.clock).unwrap();
    assert!(restored.due <= place.clock.now() && restored.due >= now);
}

#[test]
fn the_last_configuration_survives_a_restart() {
    let place = Place::new();
    let config = ContractConfig {
        digest: DIGEST,
        count: 9,
        signers: vec![Address::repeat_byte(5)],
        transmitters: vec![Address::repeat_byte(6)],
        f: 1,
        onchain_config: vec![1; 49],
        offchain_config_version: 2,
        offchain_config: vec![0xff; 300],
    };
    let store = place.open().unwrap();
    assert_eq!(store.config().unwrap(), None);
    store.save_config(&config).unwrap();
    drop(store);
    assert_eq!(place.open().unwrap().config().unwrap(), Some(config));
}

#[test]
fn a_second_process_another_owner_and_another_version_are_refused() {
    let place = Place::new();
    let store = place.open().unwrap();
    assert!(matches!(place.open(), Err(StoreError::Locked(_))));
    drop(store);

    let stranger = Owner {
        signer: Address::repeat_byte(9),
        ..owner()
    };
    let refused = Store::open(&place.path()).unwrap().claim(&stranger);
    assert!(
        matches!(refused, Err(StoreError::Owner { .. })),
        "{refused:?}"
    );

    let database = Database::create(place.path()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(META)
        .unwrap()
        .insert("version", "2")
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert!(matches!(place.open(), Err(StoreError::Version { .. })));
}

#[test]
fn a_damaged_file_is_refused_and_left_as_it_is() {
    let place = Place::new();
    drop(place.open().unwrap());
    let intact = std::fs::read(place.path()).unwrap();
    let damage = |bytes: Vec<u8>| {
        std::fs::write(place.path(), &bytes).unwrap();
        let refused = place.open();
        assert!(
            matches!(refused, Err(StoreError::Corrupt { .. })),
            "{refused:?}"
        );
        assert!(
            std::fs::read(place.path()).unwrap() == bytes,
            "the file was changed"
        );
    };
    damage(Vec::new());
    damage(b"not a database, and longer than a header would be".to_vec());
    for length in [1, 9, 64, 512, 4_096, intact.len() / 2, intact.len() - 1] {
        damage(intact[..length].to_vec());
    }
    // Everything behind the header.
    damage(
        intact[..4096]
            .iter()
            .copied()
            .chain(intact[4096..].iter().map(|b| b ^ 0x55))
            .collect(),
    );
}

#[test]
fn a_record_that_is_not_what_this_version_writes_is_damage() {
    let place = Place::new();
    let store = place.open().unwrap();
    let transaction = store.database.begin_write().unwrap();
    transaction
        .open_table(SIGNED)
        .unwrap()
        .insert((&DIGEST.0, REPORT), "{}")
        .unwrap();
    transaction.commit().unwrap();
    assert!(matches!(
        store.load(DIGEST, &place.clock),
        Err(StoreError::Corrupt { .. })
    ));
}

#[test]
fn transmissions_overdue_by_a_day_are_forgotten_whatever_their_configuration() {
    let place = Place::new();
    let store = place.open().unwrap();
    let now_millis = place.clock.unix_millis_at(place.clock.now());
    let item = |round, due_millis: u64| {
        let at = EpochRound::new(1, round);
        let pending = Pending {
            due: place.clock.now(),
            report: report(at),
        };
        let text = json(&StoredPending::new(&pending, &place.clock));
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value["due_unix_millis"] = due_millis.into();
        (round, value.to_string())
    };
    let transaction = store.database.begin_write().unwrap();
    for digest in [DIGEST, OTHER] {
        let mut table = transaction.open_table(PENDING).unwrap();
        for (round, text) in [
            item(1, now_millis - OVERDUE_MILLIS_MAX - 60_000),
            item(2, now_millis - OVERDUE_MILLIS_MAX + 60_000),
            item(3, now_millis + 60_000),
        ] {
            table.insert((&digest.0, 1, round), text.as_str()).unwrap();
        }
    }
    transaction.commit().unwrap();
    store.forget_overdue(&place.clock).unwrap();
    for digest in [DIGEST, OTHER] {
        let persisted = store.load(digest, &place.clock).unwrap();
        let rounds: Vec<u8> = persisted
            .pending
            .iter()
            .map(|pending| pending.report.at.round.get())
            .collect();
        assert_eq!(rounds, [2, 3]);
    }
}
