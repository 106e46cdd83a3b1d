/// What an endpoint has against a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Objection {
    /// It has it already.
    AlreadyKnown,
    /// The nonce is used up.
    NonceTooLow,
    /// It offers too little, mostly to replace another one.
    Underpriced,
    /// Anything else.
    Other,
}

/// Reads an endpoint's refusal: there is no standard, each client has its words.
pub(crate) fn objection(message: &str) -> Objection {
    const WORDS: [(Objection, &[&str]); 3] = [
        (
            Objection::AlreadyKnown,
            &[
                "already known",
                "known transaction",
                "already imported",
                "already exists",
            ],
        ),
        (
            Objection::NonceTooLow,
            &["nonce too low", "nonce is too low", "oldnonce"],
        ),
        (
            Objection::Underpriced,
            &["underpriced", "gas price too low to replace"],
        ),
    ];
    let message = message.to_lowercase();
    let is_in = |phrase: &&str| message.contains(phrase);
    WORDS
        .into_iter()
        .find(|(_, phrases)| phrases.iter().any(is_in))
        .map_or(Objection::Other, |(objection, _)| objection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_refusals_of_every_client() {
        for (message, objection) in [
            ("already known", Objection::AlreadyKnown),
            ("transaction already imported", Objection::AlreadyKnown),
            ("Known transaction", Objection::AlreadyKnown),
            ("ALREADY_EXISTS: already known", Objection::AlreadyKnown),
            (
                "nonce too low: next nonce 5, tx nonce 4",
                Objection::NonceTooLow,
            ),
            ("Nonce too low", Objection::NonceTooLow),
            (
                "OldNonce, Current nonce: 5, nonce of rejected tx: 4",
                Objection::NonceTooLow,
            ),
            (
                "replacement transaction underpriced",
                Objection::Underpriced,
            ),
            (
                "transaction underpriced: gas tip cap 1, minimum needed 2",
                Objection::Underpriced,
            ),
            (
                "Transaction gas price too low to replace",
                Objection::Underpriced,
            ),
            (
                "insufficient funds for gas * price + value",
                Objection::Other,
            ),
            ("", Objection::Other),
        ] {
            assert_eq!(super::objection(message), objection, "{message:?}");
        }
    }
}
