//! `ocr run`

use std::path::PathBuf;

use clap::Args;

use crate::config::NodeConfig;
use crate::keystore::{self, Keys};
use crate::manager::Node;
use crate::signals;

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The node's configuration.
    #[arg(long, default_value = "node.toml", env = "OCR_CONFIG")]
    config: PathBuf,
    /// Overrides one value of the configuration; stronger than the environment's OCR_SECTION__KEY.
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    overrides: Vec<String>,
    /// Stop when standard input ends, so that whatever started this node and dies leaves none behind.
    #[arg(long)]
    leash: bool,
}

impl RunArgs {
    pub(crate) async fn run(self) -> eyre::Result<()> {
        let config = NodeConfig::load(&self.config, &self.overrides)?;
        let password = keystore::read_password(&config.keys.password_file)?;
        let keys = Keys::open(&config.keys.directory, &password)?;
        let shutdown = signals::shutdown(self.leash)?;
        tokio::pin!(shutdown);
        let node = tokio::select! {
            node = Node::open(config, keys) => node?,
            signal = &mut shutdown => {
                tracing::info!(signal, "stopped before it had started");
                return Ok(());
            }
        };
        node.run(async {
            let signal = shutdown.await;
            tracing::info!(signal, "stopping");
        })
        .await?;
        tracing::info!("stopped");
        Ok(())
    }
}
