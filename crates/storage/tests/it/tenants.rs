use domain::contact::ContactType;
use domain::phone::Country;
use domain::tenant::Slug;
use storage::Error;

use crate::place::Place;
use crate::shop::new_tenant;

on_both_engines! {
    a_tenant_is_found_by_its_slug_as_it_was_made,
    a_slug_belongs_to_one_tenant,
    of_two_who_want_a_slug_at_once_one_gets_it,
}

async fn a_tenant_is_found_by_its_slug_as_it_was_made(place: &Place) {
    let system = place.open().await.system();
    let mut new = new_tenant("acme");
    new.contact_limit = Some(500);
    new.country = Country::parse("BR").unwrap();
    new.assignee_id = Some(7);
    let made = system.create_tenant(new.clone()).await.unwrap().tenant;
    assert_eq!((&made.slug, &made.name), (&new.slug, &new.name));
    assert_eq!((made.country, made.contact_limit), (new.country, Some(500)));
    assert!(made.is_active);
    assert_eq!(made.defaults.kind, ContactType::Lead);
    assert_eq!(made.defaults.assignee_id, Some(7));
    let found = system.tenant_by_slug(&new.slug).await.unwrap();
    assert_eq!(found, Some(made));
    let nobody = Slug::parse("nobody").unwrap();
    assert_eq!(system.tenant_by_slug(&nobody).await.unwrap(), None);
}

async fn a_slug_belongs_to_one_tenant(place: &Place) {
    let system = place.open().await.system();
    system.create_tenant(new_tenant("acme")).await.unwrap();
    let again = system.create_tenant(new_tenant("acme")).await;
    assert!(matches!(again, Err(Error::Conflict("slug"))), "{again:?}");
    system.create_tenant(new_tenant("acme-2")).await.unwrap();
}

async fn of_two_who_want_a_slug_at_once_one_gets_it(place: &Place) {
    let system = place.open().await.system();
    let tries = (0..10).map(|_| system.create_tenant(new_tenant("acme")));
    let tries = futures_util::future::join_all(tries).await;
    let (made, refused): (Vec<_>, Vec<_>) = tries.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 9));
    for refusal in refused {
        assert!(
            matches!(refusal, Err(Error::Conflict("slug"))),
            "{refusal:?}"
        );
    }
}
