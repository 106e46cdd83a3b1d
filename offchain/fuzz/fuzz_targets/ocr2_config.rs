//! See `ocr_fuzz::ocr2_config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ocr_fuzz::ocr2_config(bytes));
