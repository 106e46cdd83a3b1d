//! See `ocr_fuzz::ocr1_config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ocr_fuzz::ocr1_config(bytes));
