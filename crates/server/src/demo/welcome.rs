//! What the demo says: where it is, its keys, and calls to paste.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;

use domain::tenant::Tenant;

use super::FRIEND;
use super::keys::Keys;
use crate::place;

/// What there is to say.
pub(super) struct Welcome<'a> {
    pub(super) address: SocketAddr,
    pub(super) file: &'a Path,
    pub(super) tenant: &'a Tenant,
    pub(super) keys: &'a Keys,
    /// Numbers that nobody has yet.
    pub(super) numbers: [String; 3],
}

impl fmt::Display for Welcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = format!("http://{}", place::reachable(self.address));
        let file = self.file.display();
        let Keys {
            flowiq,
            flowella,
            wacr,
        } = self.keys;
        let [first, second, third] = &self.numbers;
        let defaults = self.tenant.defaults;
        let (source, status) = (defaults.source_id, defaults.status_id);
        let slug = self.tenant.slug.as_str();
        let friend = FRIEND.trim_start_matches('+');
        let json = "-H 'Content-Type: application/json'";
        write!(
            f,
            r#"
Switchboard is at {base}, with a WhatsApp simulator inside. Ctrl-C stops it.

Keys (kept in {file})
  FlowIQ    {flowiq}
  Flowella  {flowella}
  WA.cr     {wacr}

Paste any of these into another terminal:

# 1. FlowIQ: create a contact
curl -X POST {base}/contact -H 'Authorization: Bearer {flowiq}' {json} \
  -d '{{"phone_number":"{first}","name":"Sipho Dlamini","tags":"lead,web"}}'

# 2. FlowIQ: get a contact (this one wrote just now)
curl -H 'Authorization: Bearer {flowiq}' \
  '{base}/contact?tenantId={slug}&phone_number={friend}'

# 3. FlowIQ: answer it
curl -X POST {base}/send-whatsapp -H 'Authorization: Bearer {flowiq}' {json} \
  -d '{{"phone_number":"{FRIEND}","message_type":"text","text":"Hello from Switchboard"}}'

# 4. Flowella: create or update a contact
curl -X POST {base}/api/v1/contacts -H 'Authorization: Bearer {flowella}' {json} \
  -d '{{"phone":"{second}","name":"Ada Lovelace","email":"ada@example.com"}}'

# 5. WA.cr: create a contact
curl -X POST {base}/api/v2/contacts -H 'Authorization: Bearer {wacr}' {json} \
  -d '{{"firstname":"Mara","lastname":"Lind","phone":"{third}","type":"lead","source_id":{source},"status_id":{status}}}'
"#,
        )
    }
}
