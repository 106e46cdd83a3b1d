//! Decoders of what is small: observations, the median's configuration, reports, numbers, signatures.

use alloy_primitives::{I256, U256, uint};
use arbitrary::{Arbitrary, Unstructured};
use ocr_protocol::id::{Committee, ConfigDigest, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::{
    recover_onchain_like_evm, verify_offchain_like_go, verify_onchain_like_evm,
};
use ocr_protocol::observation::Observation;
use ocr_protocol::report::{
    OnchainConfig, ParsedObservation, deviates, encode_report, max_report_bytes,
    median_from_report, ocr1,
};
use ocr_protocol::secret::{SharedSecret, SharedSecretEncryptions};
use ocr_wire::median::{decode_config, decode_observation, encode_config, encode_observation};

use crate::committee::keyring;

/// Bytes of the median: an observation, its configuration, the bounds of answers.
///
/// The first byte chooses which.
pub fn median(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    match choice % 3 {
        0 => observation(bytes),
        1 => median_config(bytes),
        _ => onchain_config(bytes),
    }
}

fn observation(bytes: &[u8]) {
    let Ok(decoded) = decode_observation(bytes) else {
        return;
    };
    let canonical = encode_observation(&decoded);
    assert!(canonical.len() <= bytes.len(), "bytes come from nowhere");
    assert_eq!(decode_observation(&canonical), Ok(decoded));
}

fn median_config(bytes: &[u8]) {
    let Ok(decoded) = decode_config(bytes) else {
        return;
    };
    let canonical = encode_config(&decoded);
    assert!(canonical.len() <= bytes.len(), "bytes come from nowhere");
    assert_eq!(decode_config(&canonical), Ok(decoded));
}

fn onchain_config(bytes: &[u8]) {
    if let Ok(decoded) = OnchainConfig::decode(bytes) {
        assert!(decoded.contains(decoded.min()) && decoded.contains(decoded.max()));
        assert_eq!(decoded.encode(), bytes, "there is one way to write it");
    }
}

/// Bytes of a report, a number, a digest, a signature, a secret; or numbers to decide on.
///
/// The first byte chooses which.
pub fn values(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    let u = &mut Unstructured::new(bytes);
    // Too few bytes say nothing.
    let _ = match choice % 8 {
        0 => {
            ocr1_report(bytes);
            Ok(())
        }
        1 => {
            ocr2_report(bytes);
            Ok(())
        }
        2 => made_report(u),
        3 => {
            texts(bytes);
            Ok(())
        }
        4 => int192(u),
        5 => signature(u),
        6 => deviation(u),
        _ => shared_secret(u),
    };
}

fn ocr1_report(bytes: &[u8]) {
    if let Some(decoded) = ocr1::decode_report(bytes) {
        let again = ocr1::encode_report(&decoded);
        assert_eq!(
            again.as_deref(),
            Some(bytes),
            "there is one way to write it"
        );
    }
}

fn ocr2_report(bytes: &[u8]) {
    if let Ok(median) = median_from_report(bytes) {
        assert!(bytes.len() >= 4 * 32, "a head has four words");
        let longer = [bytes, &[0xff; 33]].concat();
        assert_eq!(
            median_from_report(&longer),
            Ok(median),
            "what follows is ignored"
        );
    }
}

/// The report over a list has all of it, sorted, and the upper medians.
fn made_report(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let n = u.int_in_range(1..=31)?;
    let committee = Committee::new(n, 0).expect("at most 31");
    let list: Vec<_> = committee
        .oracles()
        .map(|observer| {
            let observation = few_values(u)?;
            Ok(ParsedObservation {
                observer,
                observation,
            })
        })
        .collect::<arbitrary::Result<_>>()?;
    let report = encode_report(list.clone());
    assert_eq!(report.len(), max_report_bytes(n));

    let values = |it: &ParsedObservation| it.observation.value;
    let median = upper_median(&list, values);
    assert_eq!(median_from_report(&report), Ok(median.into()));
    let timestamp = upper_median(&list, |it| it.observation.timestamp_seconds);
    assert_eq!(report[28..32], timestamp.to_be_bytes());
    let juels = upper_median(&list, |it| it.observation.juels_per_fee_coin);
    assert_eq!(report[96 + 8..128], juels.to_be_bytes());

    let value_of = |observer: u8| values(&list[usize::from(observer)]);
    let observers = &report[32..32 + n];
    assert!(observers.is_sorted_by_key(|&observer| value_of(observer)));
    let mut distinct = observers.to_vec();
    distinct.sort_unstable();
    assert!(
        distinct
            .iter()
            .copied()
            .eq(committee.oracles().map(OracleId::get))
    );
    let words = report[160..].as_chunks::<32>().0;
    let written = words.iter().map(|word| I256::from_be_bytes(*word));
    assert!(written.eq(observers.iter().map(|&observer| value_of(observer).into())));
    Ok(())
}

/// Equal values are what sorting is about.
fn few_values(u: &mut Unstructured<'_>) -> arbitrary::Result<Observation> {
    let choice: u8 = u.arbitrary()?;
    let extremes = [Int192::MIN, Int192::MAX, Int192::ZERO, Int192::from(-1)];
    Ok(Observation {
        timestamp_seconds: u32::from(choice & 3),
        value: match choice >> 5 {
            few @ 0..4 => extremes[usize::from(few)],
            _ => i64::from(u.arbitrary::<i8>()?).into(),
        },
        juels_per_fee_coin: i64::from(choice >> 2 & 7).into(),
        gas_price_subunits: None,
    })
}

fn upper_median<T: Ord>(list: &[ParsedObservation], of: impl Fn(&ParsedObservation) -> T) -> T {
    let mut sorted: Vec<_> = list.iter().map(of).collect();
    sorted.sort_unstable();
    sorted.swap_remove(list.len() / 2)
}

fn texts(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    if let Ok(number) = text.parse::<Int192>() {
        assert_eq!(number.to_string().parse(), Ok(number));
    }
    if let Ok(digest) = text.parse::<ConfigDigest>() {
        assert_eq!(digest.to_string(), text.to_lowercase());
    }
}

fn int192(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let wide = I256::from_be_bytes(u.arbitrary::<[u8; 32]>()?);
    let low = Int192::decode(&wide.to_be_bytes::<32>()[8..]).expect("24 bytes");
    let widened: I256 = low.into();
    match Int192::try_from(wide) {
        Ok(number) => assert!(number == low && widened == wide),
        Err(_) => assert_ne!(widened, wide),
    }
    assert_eq!(low.to_string(), widened.to_string());
    assert_eq!(low.to_string().parse(), Ok(low));
    let rest = u.bytes(u.len())?;
    let decoded = Int192::decode(rest);
    assert_eq!(decoded.is_some(), rest.len() == 24);
    assert!(decoded.is_none_or(|number| number.to_be_bytes() == rest));
    Ok(())
}

/// Order of secp256k1.
const ORDER: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);

/// Whoever signed, verifies; and signed with the other s as well.
fn signature(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let hash: [u8; 32] = u.arbitrary()?;
    let signature = if u.arbitrary()? {
        keyring(u.int_in_range(0..=3)?).sign_onchain(&hash).to_vec()
    } else {
        u.bytes(u.len())?.to_vec()
    };
    assert!(!verify_offchain_like_go(&hash, &hash, &signature) || signature.len() == 64);
    let Some(signer) = recover_onchain_like_evm(&hash, &signature) else {
        return Ok(());
    };
    assert!(verify_onchain_like_evm(signer, &hash, &signature));
    let [rs @ .., v] = signature.as_slice() else {
        panic!("no signature is empty");
    };
    let s = U256::from_be_slice(&rs[32..]);
    let twin = [&rs[..32], &(ORDER - s).to_be_bytes::<32>(), &[v ^ 1]].concat();
    assert!(verify_onchain_like_evm(signer, &hash, &twin));
    Ok(())
}

/// What deviates by so much deviates by less, on either side of zero.
fn deviation(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let ppb: u64 = u.arbitrary()?;
    let [old, new] = [wide(u)?, wide(u)?];
    let answer = deviates(ppb, old, new);
    if answer && ppb > 0 {
        assert!(deviates(ppb / 2, old, new));
    }
    if old != I256::MIN && new != I256::MIN {
        assert_eq!(deviates(ppb, -old, -new), answer);
    }
    if old == new {
        assert_eq!(answer, ppb == 0 && !old.is_zero());
    }
    Ok(())
}

fn wide(u: &mut Unstructured<'_>) -> arbitrary::Result<I256> {
    Ok(if u.arbitrary()? {
        I256::from_be_bytes(u.arbitrary::<[u8; 32]>()?)
    } else {
        Int192::from(i64::arbitrary(u)?).into()
    })
}

/// A secret that was dealt is read; one that was not is refused.
fn shared_secret(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let me = Committee::new(4, 1)
        .expect("3f < n")
        .oracle(2)
        .expect("of four");
    let keyring = keyring(2);
    let secret = SharedSecret::new(u.arbitrary()?);
    let keys = [u.arbitrary()?, u.arbitrary()?, keyring.config_key()];
    if let Ok(dealt) = secret.encrypt(&keys, u.arbitrary()?) {
        let read = SharedSecret::decrypt(&dealt, me, &keyring);
        assert!(read.is_ok_and(|read| read == secret));
    }
    let found = SharedSecretEncryptions {
        diffie_hellman_point: u.arbitrary()?,
        hash: u.arbitrary()?,
        encryptions: u.arbitrary()?,
    };
    assert!(SharedSecret::decrypt(&found, me, &keyring).is_err());
    Ok(())
}
