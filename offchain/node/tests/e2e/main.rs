//! Whole committees: real `ocr` processes, a real chain, sources that the test controls.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

/// Tests each of these, which take the version, for OCR1 and OCR2.
macro_rules! for_both_protocols {
    ($($test:ident),+ $(,)?) => {
        mod ocr1 {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(ocr_node::feed::ProtocolName::Ocr1).await;
            })+
        }
        mod ocr2 {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(ocr_node::feed::ProtocolName::Ocr2).await;
            })+
        }
    };
}

mod bad_input;
mod committee;
mod devnet;
mod faults;
mod feed;
mod peers;
mod restart;
mod set_config;
mod source;
