//! See `ocr_fuzz::ocr1_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ocr_fuzz::ocr1_message(bytes));
