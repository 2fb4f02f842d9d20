use domain::ids::TenantId;
use domain::key::{Api, Scope, Scopes};
use storage::{KeyHash, NewKey};

use crate::place::Place;
use crate::shop::{Shop, at};

on_both_engines! {
    a_key_is_found_by_its_hash_with_its_tenant,
    a_revoked_key_says_since_when,
    a_key_is_revoked_by_its_own_tenant_only,
    a_tenant_sees_its_own_keys_oldest_first,
    a_key_remembers_when_it_was_last_used,
    a_hash_is_kept_once,
}

fn new_key(tenant_id: TenantId, byte: u8) -> NewKey {
    NewKey {
        hash: KeyHash([byte; 32]),
        tenant_id,
        api: Api::WaCr,
        scopes: Scopes::from_iter([Scope::ContactsRead, Scope::MessagesSend]),
        rate_per_minute: Some(0),
        expires_at: Some(at(3600)),
        at: at(0),
    }
}

async fn a_key_is_found_by_its_hash_with_its_tenant(place: &Place) {
    let shop = Shop::open(place).await;
    let system = shop.database.system();
    let new = new_key(shop.tenant.id, 200);
    let made = system.create_key(new.clone()).await.unwrap();
    assert_eq!((made.tenant_id, made.api), (shop.tenant.id, Api::WaCr));
    assert_eq!((made.scopes, made.rate_per_minute), (new.scopes, Some(0)));
    assert_eq!(made.expires_at, new.expires_at);
    assert_eq!((made.revoked_at, made.last_used_at), (None, None));
    assert_eq!(made.created_at, at(0));
    let found = system.key_by_hash(new.hash).await.unwrap();
    assert_eq!(found, Some((made, shop.tenant)));
    let nobodys = KeyHash([0; 32]);
    assert_eq!(system.key_by_hash(nobodys).await.unwrap(), None);
}

async fn a_revoked_key_says_since_when(place: &Place) {
    let shop = Shop::open(place).await;
    let system = shop.database.system();
    let new = new_key(shop.tenant.id, 1);
    let id = system.create_key(new.clone()).await.unwrap().id.get();
    let revoke = |seconds| system.revoke_key(shop.tenant.id, id, at(seconds));
    assert!(revoke(5).await.unwrap());
    // The second time changes nothing.
    assert!(!revoke(9).await.unwrap());
    let (key, _) = system.key_by_hash(new.hash).await.unwrap().unwrap();
    assert_eq!(
        (key.revoked_at, key.expires_at),
        (Some(at(5)), Some(at(3600)))
    );
}

async fn a_key_is_revoked_by_its_own_tenant_only(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    let system = shop.database.system();
    let new = new_key(shop.tenant.id, 1);
    let id = system.create_key(new.clone()).await.unwrap().id.get();
    assert!(!system.revoke_key(other.tenant.id, id, at(5)).await.unwrap());
    let (key, _) = system.key_by_hash(new.hash).await.unwrap().unwrap();
    assert_eq!(key.revoked_at, None);
}

async fn a_tenant_sees_its_own_keys_oldest_first(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    let system = shop.database.system();
    let mut made = vec![];
    for byte in [9, 3, 7] {
        made.push(
            system
                .create_key(new_key(shop.tenant.id, byte))
                .await
                .unwrap(),
        );
        let theirs = new_key(other.tenant.id, byte + 100);
        system.create_key(theirs).await.unwrap();
    }
    assert_eq!(system.keys_of(shop.tenant.id).await.unwrap(), made);
    assert_eq!(system.keys_of(other.tenant.id).await.unwrap().len(), 3);
}

async fn a_key_remembers_when_it_was_last_used(place: &Place) {
    let shop = Shop::open(place).await;
    let system = shop.database.system();
    let new = new_key(shop.tenant.id, 1);
    system.create_key(new.clone()).await.unwrap();
    let uses = vec![(new.hash, at(60)), (KeyHash([99; 32]), at(61))];
    system.touch_keys(uses).await.unwrap();
    let (key, _) = system.key_by_hash(new.hash).await.unwrap().unwrap();
    assert_eq!(key.last_used_at, Some(at(60)));
}

async fn a_hash_is_kept_once(place: &Place) {
    let shop = Shop::open(place).await;
    let system = shop.database.system();
    system.create_key(new_key(shop.tenant.id, 1)).await.unwrap();
    assert!(system.create_key(new_key(shop.tenant.id, 1)).await.is_err());
    assert_eq!(system.keys_of(shop.tenant.id).await.unwrap().len(), 1);
}
