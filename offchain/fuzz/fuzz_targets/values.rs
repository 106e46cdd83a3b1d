//! See `ocr_fuzz::values`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ocr_fuzz::values(bytes));
