//! Writes protobuf byte for byte as the committee's other members do.
//!
//! Fields are written in the order of the calls; what has its default is left out, except messages
//! and elements of lists. Source: offchain-ocr2 3.3.

/// The bytes of a message being written.
#[derive(Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Returns what `write` writes.
    pub(crate) fn write(write: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut writer = Self::default();
        write(&mut writer);
        writer.bytes
    }

    /// Writes a number unless it is zero.
    pub(crate) fn uint(&mut self, number: u32, value: impl Into<u64>) {
        let value = value.into();
        if value != 0 {
            self.present_uint(number, value);
        }
    }

    /// Writes a number, zero too.
    pub(crate) fn present_uint(&mut self, number: u32, value: u64) {
        self.tag(number, 0);
        self.varint(value);
    }

    /// Writes bytes unless there are none.
    pub(crate) fn bytes(&mut self, number: u32, value: &[u8]) {
        if !value.is_empty() {
            self.element(number, value);
        }
    }

    /// Writes bytes, none too: an element of a list.
    pub(crate) fn element(&mut self, number: u32, value: &[u8]) {
        self.tag(number, 2);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    /// Writes a message within, an empty one too.
    pub(crate) fn message(&mut self, number: u32, write: impl FnOnce(&mut Self)) {
        self.element(number, &Self::write(write));
    }

    /// Writes a packed list unless it is empty.
    pub(crate) fn packed(&mut self, number: u32, values: impl IntoIterator<Item = u32>) {
        let list = Self::write(|list| values.into_iter().for_each(|v| list.varint(v.into())));
        self.bytes(number, &list);
    }

    fn tag(&mut self, number: u32, wire_type: u64) {
        self.varint(u64::from(number) << 3 | wire_type);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80); // the low seven bits
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reader::{Fields, Value, read_packed};

    #[test]
    fn leaves_out_what_is_default_except_messages_and_elements() {
        let bytes = Writer::write(|w| {
            w.uint(1, 0_u32);
            w.bytes(2, b"");
            w.packed(3, []);
            w.element(4, b"");
            w.message(5, |_| {});
            w.present_uint(6, 0);
        });
        assert_eq!(hex::encode(bytes), "22002a003000");
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            number in 1_u32..1 << 29,
            uint in 1_u64..,
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            list in proptest::collection::vec(any::<u32>(), 1..50),
        ) {
            let written = Writer::write(|w| {
                w.uint(number, uint);
                w.message(number, |w| w.element(number, &bytes));
                w.packed(number, list.iter().copied());
            });
            let fields = Fields::new(&written).collect::<Result<Vec<_>, _>>()?;
            prop_assert_eq!(fields[0], (number, Value::Varint(uint)));
            let (Value::Bytes(message), Value::Bytes(packed)) = (fields[1].1, fields[2].1) else {
                panic!("two fields with bytes: {fields:?}");
            };
            let inner = Fields::new(message).collect::<Result<Vec<_>, _>>()?;
            prop_assert_eq!(inner, vec![(number, Value::Bytes(&bytes))]);
            let mut read = vec![];
            read_packed(packed, &mut read)?;
            prop_assert_eq!(read, list);
        }
    }
}
