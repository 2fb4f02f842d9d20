//! Which number a message goes out from.

use cloud_api::{DEFAULT_VERSION, Line, Token};
use storage::{Channel, NewChannel};

use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::operations::Operations;

/// What the simulator takes for a token: anything that is one.
const SANDBOX_TOKEN: &str = "sandbox";

impl Operations {
    /// Returns the tenant's channel; in a sandbox, a tenant without one gets a simulated one.
    pub(crate) async fn channel_of(&self, caller: &Caller) -> Result<Channel> {
        let store = self.store(caller);
        if let Some(channel) = store.default_channel().await? {
            return Ok(channel);
        }
        if self.sandbox().is_none() {
            return Err(Error::ChannelMissing);
        }
        let _making = self.sandbox_channel().lock().await;
        if let Some(channel) = store.default_channel().await? {
            return Ok(channel);
        }
        // Of the range that is kept for fiction, and different for every tenant.
        let tenant = caller.tenant().id.get();
        let new = NewChannel {
            number: format!("1555{:07}", tenant % 10_000_000),
            phone_number_id: format!("1{tenant:014}"),
            waba_id: format!("2{tenant:014}"),
            is_simulated: true,
            at: self.clock().now(),
        };
        Ok(store.create_channel(new).await?)
    }

    /// Returns how Meta is reached for a channel.
    pub(crate) fn line_of(&self, channel: &Channel) -> Result<Line> {
        let sandbox = self.sandbox().filter(|_| channel.is_simulated);
        let sandbox = sandbox.ok_or(Error::ChannelMissing)?;
        Ok(Line {
            graph_url: sandbox.graph_url.clone(),
            version: DEFAULT_VERSION.into(),
            phone_number_id: channel.phone_number_id.clone(),
            token: Token::new(SANDBOX_TOKEN.into()),
        })
    }
}
