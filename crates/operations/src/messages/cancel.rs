//! Taking a message back.

use domain::ids::MessageId;

use crate::caller::Caller;
use crate::error::Result;
use crate::operations::Operations;

impl Operations {
    /// Takes a message back that has not left; `false` where it has, or the tenant has none such.
    pub async fn cancel_message(&self, caller: &Caller, message: MessageId) -> Result<bool> {
        let at = self.clock().now();
        Ok(self.store(caller).cancel_message(message, at).await?)
    }
}
