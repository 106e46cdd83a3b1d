//! See `ocr_fuzz::ocr2_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ocr_fuzz::ocr2_message(bytes));
