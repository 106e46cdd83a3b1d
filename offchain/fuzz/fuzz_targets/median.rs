//! See `ocr_fuzz::median`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ocr_fuzz::median(bytes));
