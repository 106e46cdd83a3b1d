//! Reads protobuf as tolerantly as the committee's other members do.
//!
//! What one oracle reads and another refuses splits the committee, so the leniency is part of the
//! protocol. Each rule has its heading in `docs/wire.md`. Source: offchain-ocr2 3.6.

/// Most groups that may stand inside each other, the outermost counted.
const MAX_GROUP_DEPTH: usize = 10_001;

/// Highest field number of a message.
const MAX_FIELD_NUMBER: u64 = (1 << 29) - 1;

/// Highest field number inside a group.
const MAX_FIELD_NUMBER_IN_GROUP: u64 = (1 << 31) - 1;

/// Why bytes are not a protobuf message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtobufError {
    /// The bytes end inside a field.
    #[error("the bytes end inside a field")]
    Truncated,
    /// A varint has more than 64 bits.
    #[error("a varint has more than 64 bits")]
    VarintTooLong,
    /// A field number is zero or too high.
    #[error("{given} is not a field number")]
    FieldNumber {
        /// The number read.
        given: u64,
    },
    /// Wire types 6 and 7 do not exist.
    #[error("field {number} has wire type {wire_type}, which does not exist")]
    WireType {
        /// The field.
        number: u64,
        /// The wire type read.
        wire_type: u8,
    },
    /// A group ends that is not the innermost open one.
    #[error("group {number} ends but is not the one open")]
    GroupEnd {
        /// The field that ends.
        number: u64,
    },
    /// Groups stand inside each other too deep.
    #[error("more than {MAX_GROUP_DEPTH} groups inside each other")]
    GroupsTooDeep,
    /// A string is not UTF-8.
    #[error("field {number} is not UTF-8 text")]
    NotUtf8 {
        /// The field.
        number: u32,
    },
}

/// What a field holds, as far as a schema of ours can use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 2: bytes, text, a message or a packed list.
    Bytes(&'a [u8]),
    /// A fixed-width number or a group: well formed, and no field of ours.
    Skipped,
}

/// The fields of one message in the order they stand.
///
/// A match on number *and* value reads known fields; its `_ => {}` arm then skips unknown fields and
/// known fields of another wire type alike. Ends after the first error.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn read(&mut self) -> Result<(u32, Value<'a>), ProtobufError> {
        let (number, wire_type) = self.tag(MAX_FIELD_NUMBER)?;
        let value = match wire_type {
            0 => Value::Varint(self.varint()?),
            2 => Value::Bytes(self.bytes()?),
            3 => {
                self.skip_group(number)?;
                Value::Skipped
            }
            _ => {
                self.skip_fixed(number, wire_type)?;
                Value::Skipped
            }
        };
        Ok((number as u32, value)) // below 2^29, `tag` checked it
    }

    /// Skips to the end of group `outermost`. Keeps its own stack, so depth costs no call frames.
    fn skip_group(&mut self, outermost: u64) -> Result<(), ProtobufError> {
        let mut open = vec![outermost];
        while let Some(&innermost) = open.last() {
            let (number, wire_type) = self.tag(MAX_FIELD_NUMBER_IN_GROUP)?;
            match wire_type {
                0 => drop(self.varint()?),
                2 => drop(self.bytes()?),
                3 if open.len() == MAX_GROUP_DEPTH => return Err(ProtobufError::GroupsTooDeep),
                3 => open.push(number),
                4 if number == innermost => drop(open.pop()),
                _ => self.skip_fixed(number, wire_type)?,
            }
        }
        Ok(())
    }

    /// Skips a fixed-width number, and refuses what is none.
    fn skip_fixed(&mut self, number: u64, wire_type: u8) -> Result<(), ProtobufError> {
        match wire_type {
            1 => self.take(8).map(drop),
            5 => self.take(4).map(drop),
            4 => Err(ProtobufError::GroupEnd { number }),
            _ => Err(ProtobufError::WireType { number, wire_type }),
        }
    }

    fn tag(&mut self, max_number: u64) -> Result<(u64, u8), ProtobufError> {
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 || number > max_number {
            return Err(ProtobufError::FieldNumber { given: number });
        }
        Ok((number, (tag & 7) as u8))
    }

    fn varint(&mut self) -> Result<u64, ProtobufError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            if shift == 63 && byte > 1 {
                return Err(ProtobufError::VarintTooLong);
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        unreachable!("the tenth byte ended the varint or was refused")
    }

    fn bytes(&mut self) -> Result<&'a [u8], ProtobufError> {
        let len = self.varint()?;
        self.take(usize::try_from(len).unwrap_or(usize::MAX))
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], ProtobufError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or(ProtobufError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Value<'a>), ProtobufError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// Adds the elements of a packed list of uint32 to `list`.
pub(crate) fn read_packed(bytes: &[u8], list: &mut Vec<u32>) -> Result<(), ProtobufError> {
    let mut fields = Fields::new(bytes);
    while !fields.rest.is_empty() {
        list.push(fields.varint()? as u32); // low 32 bits
    }
    Ok(())
}

/// Reads field `number` as text.
pub(crate) fn read_text(number: u32, bytes: &[u8]) -> Result<&str, ProtobufError> {
    str::from_utf8(bytes).map_err(|_| ProtobufError::NotUtf8 { number })
}

/// A message that can be read in pieces: a field that stands again replaces the earlier one, a
/// repeated field grows, a message within is merged.
pub(crate) trait Merge<'a> {
    /// Takes one field; leaves unknown ones and those of another wire type alone.
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError>;

    /// Takes every field of `bytes`.
    fn merge(&mut self, bytes: &'a [u8]) -> Result<(), ProtobufError> {
        for field in Fields::new(bytes) {
            let (number, value) = field?;
            self.merge_field(number, value)?;
        }
        Ok(())
    }
}

/// Reads a message from its default.
pub(crate) fn read<'a, M: Merge<'a> + Default>(bytes: &'a [u8]) -> Result<M, ProtobufError> {
    let mut message = M::default();
    message.merge(bytes)?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(hex: &str) -> Result<Vec<(u32, Value<'static>)>, ProtobufError> {
        Fields::new(hex::decode(hex).unwrap().leak()).collect()
    }

    fn varint(number: u32, value: u64) -> Result<Vec<(u32, Value<'static>)>, ProtobufError> {
        Ok(vec![(number, Value::Varint(value))])
    }

    fn nested_groups(depth: usize) -> Vec<u8> {
        [vec![0x0b; depth], vec![0x0c; depth]].concat()
    }

    #[test]
    fn reads_nothing_from_nothing() {
        assert_eq!(all(""), Ok(vec![]));
    }

    #[test]
    fn reads_each_wire_type() {
        let fields = vec![
            (1, Value::Varint(150)),
            (2, Value::Bytes(b"hi")),
            (3, Value::Skipped),
            (4, Value::Skipped),
            (5, Value::Skipped),
        ];
        assert_eq!(
            all("0896011202686919000000000000000025000000002b2c"),
            Ok(fields)
        );
    }

    #[test]
    fn refuses_wire_types_6_and_7() {
        assert_eq!(
            all("2e00"),
            Err(ProtobufError::WireType {
                number: 5,
                wire_type: 6
            })
        );
        assert_eq!(
            all("2f00"),
            Err(ProtobufError::WireType {
                number: 5,
                wire_type: 7
            })
        );
        assert_eq!(
            all("0b0e00"),
            Err(ProtobufError::WireType {
                number: 1,
                wire_type: 6
            })
        );
    }

    #[test]
    fn refuses_a_group_end_that_is_not_the_innermost() {
        assert_eq!(all("2c"), Err(ProtobufError::GroupEnd { number: 5 }));
        assert_eq!(all("2b34"), Err(ProtobufError::GroupEnd { number: 6 }));
        assert_eq!(all("0b130c14"), Err(ProtobufError::GroupEnd { number: 1 }));
    }

    #[test]
    fn skips_groups_with_everything_in_them() {
        // A varint, eight bytes, text, a group within, four bytes.
        let group = "0b0801090000000000000000120268691b1c2d000000000c";
        assert_eq!(all(group), Ok(vec![(1, Value::Skipped)]));
        assert_eq!(all("0b"), Err(ProtobufError::Truncated));
        assert_eq!(all("0b08"), Err(ProtobufError::Truncated));
    }

    #[test]
    fn tolerates_10_001_groups_inside_each_other_and_no_more() {
        let deepest = nested_groups(10_001);
        let fields: Result<Vec<_>, _> = Fields::new(&deepest).collect();
        assert_eq!(fields, Ok(vec![(1, Value::Skipped)]));

        for depth in [10_002, 1_000_000] {
            let too_deep = nested_groups(depth);
            let mut fields = Fields::new(&too_deep);
            assert_eq!(fields.next(), Some(Err(ProtobufError::GroupsTooDeep)));
            assert_eq!(fields.next(), None);
        }
    }

    #[test]
    fn limits_field_numbers_to_29_bits_outside_groups_and_31_inside() {
        assert_eq!(all("0000"), Err(ProtobufError::FieldNumber { given: 0 }));
        assert_eq!(all("f8ffffff0f00"), varint((1 << 29) - 1, 0));
        assert_eq!(
            all("808080801000"),
            Err(ProtobufError::FieldNumber { given: 1 << 29 })
        );
        // The tag wraps to field 1 in 32 bits.
        assert_eq!(
            all("888080808001"),
            Err(ProtobufError::FieldNumber {
                given: (1 << 32) + 1
            })
        );

        assert_eq!(
            all("0b00000c"),
            Err(ProtobufError::FieldNumber { given: 0 })
        );
        assert_eq!(all("0bf8ffffff3f000c"), Ok(vec![(1, Value::Skipped)]));
        assert_eq!(
            all("0b8080808040000c"),
            Err(ProtobufError::FieldNumber { given: 1 << 31 })
        );
    }

    #[test]
    fn reads_varints_that_are_longer_than_needed_in_tags_too() {
        assert_eq!(all("08e400"), varint(1, 100));
        assert_eq!(all("88800064"), varint(1, 100));
        assert_eq!(all("1282006869"), Ok(vec![(2, Value::Bytes(b"hi"))]));
    }

    #[test]
    fn refuses_varints_above_64_bits() {
        assert_eq!(all("08ffffffffffffffffff01"), varint(1, u64::MAX));
        assert_eq!(
            all("08ffffffffffffffffff02"),
            Err(ProtobufError::VarintTooLong)
        );
        assert_eq!(
            all("0880808080808080808002"),
            Err(ProtobufError::VarintTooLong)
        );
        assert_eq!(
            all("088080808080808080808000"),
            Err(ProtobufError::VarintTooLong)
        );
        assert_eq!(
            all("80808080808080808002"),
            Err(ProtobufError::VarintTooLong)
        );
    }

    #[test]
    fn refuses_truncated_bytes_and_claims_of_length() {
        for hex in [
            "08", "08ff", "80", "12", "1202", "120268", "0900", "2d000000",
        ] {
            assert_eq!(all(hex), Err(ProtobufError::Truncated), "{hex}");
        }
        // Claims 2^63 and 2^64 - 1 bytes.
        assert_eq!(all("1280808080808080808001"), Err(ProtobufError::Truncated));
        assert_eq!(all("12ffffffffffffffffff01"), Err(ProtobufError::Truncated));
    }

    #[test]
    fn reads_packed_lists_by_their_low_32_bits() {
        let mut list = vec![7];
        read_packed(&[0x01, 0xc8, 0x01, 0x85, 0x80, 0x80, 0x80, 0x10], &mut list).unwrap();
        assert_eq!(list, [7, 1, 200, 5]);
        assert_eq!(
            read_packed(&[0x80], &mut list),
            Err(ProtobufError::Truncated)
        );
    }

    #[test]
    fn refuses_text_that_is_not_utf8() {
        assert_eq!(read_text(9, "péer".as_bytes()), Ok("péer"));
        assert_eq!(
            read_text(9, b"p\xff"),
            Err(ProtobufError::NotUtf8 { number: 9 })
        );
    }

    proptest! {
        #[test]
        fn survives_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            // Every field takes at least a byte, so nothing can grow beyond the input.
            prop_assert!(Fields::new(&bytes).count() <= bytes.len());
        }

        #[test]
        fn survives_what_looks_like_fields(
            bytes in proptest::collection::vec(0_u8..48, 0..200),
        ) {
            prop_assert!(Fields::new(&bytes).count() <= bytes.len());
        }
    }
}
