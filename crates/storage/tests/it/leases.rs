use storage::LeaseName;

use crate::place::Place;
use crate::shop::Shop;

on_both_engines! {
    a_lease_is_taken_renewed_and_given_back,
}

mod waiting {
    use super::a_lease_is_one_holders_until_it_ends;

    on_postgres! {
        a_lease_is_one_holders_until_it_ends,
    }
}

fn name() -> LeaseName {
    LeaseName {
        tenant: 0,
        name: "inbound".into(),
    }
}

async fn a_lease_is_taken_renewed_and_given_back(place: &Place) {
    let shop = Shop::open(place).await;
    let system = shop.database.system();
    let first = system.take_lease(&name(), "one", 10).await.unwrap();
    let first = first.unwrap();
    assert!(system.renew_lease(&first, 10).await.unwrap());
    // The same holder after a restart of its own.
    let again = system.take_lease(&name(), "one", 10).await.unwrap();
    let again = again.unwrap();
    assert_eq!(again.epoch, first.epoch + 1);
    assert!(!system.renew_lease(&first, 10).await.unwrap());
    system.release_lease(&again).await.unwrap();
    let other = system.take_lease(&name(), "two", 10).await.unwrap();
    assert_eq!(other.unwrap().epoch, again.epoch + 1);
}

async fn a_lease_is_one_holders_until_it_ends(place: &Place) {
    let shop = Shop::open(place).await;
    let system = shop.database.system();
    let first = system.take_lease(&name(), "one", 10).await.unwrap();
    assert_eq!(system.take_lease(&name(), "two", 10).await.unwrap(), None);
    // One that ended in the past.
    assert!(system.renew_lease(&first.unwrap(), -1).await.unwrap());
    let second = system.take_lease(&name(), "two", 10).await.unwrap();
    assert_eq!(second.unwrap().epoch, 2);
}
