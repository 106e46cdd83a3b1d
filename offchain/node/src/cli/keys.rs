//! `ocr keys new|show`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::print_line;
use crate::card::OracleCard;
use crate::keystore::{self, Keys};

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make an oracle's five keys and print its card.
    New(KeysArgs),
    /// Print the card: what the feed's owner needs to know of this oracle.
    Show(KeysArgs),
}

#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    /// Directory of the key files.
    #[arg(long, default_value = "keys", env = "OCR_KEYS_DIR")]
    dir: PathBuf,
    /// File whose first line is the password.
    #[arg(long, env = "OCR_PASSWORD_FILE")]
    password_file: PathBuf,
    /// Print JSON instead of TOML.
    #[arg(long)]
    json: bool,
}

impl KeysCommand {
    pub(crate) fn run(self) -> eyre::Result<()> {
        let (args, keys) = match self {
            Self::New(args) => {
                let password = keystore::read_password(&args.password_file)?;
                let keys = Keys::create(&args.dir, &password)?;
                (args, keys)
            }
            Self::Show(args) => {
                let password = keystore::read_password(&args.password_file)?;
                let keys = Keys::open(&args.dir, &password)?;
                (args, keys)
            }
        };
        let card = OracleCard::of(&keys);
        if args.json {
            print_line(&serde_json::to_string_pretty(&card)?)
        } else {
            print_line(card.to_toml().trim_end())
        }
    }
}
