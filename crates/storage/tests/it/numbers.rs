use crate::place::Place;
use crate::shop::{Shop, created, known};

on_both_engines! {
    every_spelling_of_a_number_meets_the_same_contact,
    neighbours_in_the_numbering_plan_are_different_people,
    the_number_stays_as_it_was_first_given,
}

const PEOPLE: [&[&str]; 5] = [
    &[
        "+27 82 111 2233",
        "27821112233",
        "082 111 2233",
        "0027821112233",
        "+27(82)111-2233",
    ],
    &["+5541996910256", "554196910256", "+55 41 9 9691-0256"],
    &["+526693280415", "5216693280415"],
    &["+5491123456789", "541123456789", "+54 11 15 2345 6789"],
    &["+5492214567890", "542214567890", "54 221 15 456 7890"],
];

async fn every_spelling_of_a_number_meets_the_same_contact(place: &Place) {
    let shop = Shop::open(place).await;
    for spellings in PEOPLE {
        let made = created(shop.create(spellings[0]).await.unwrap());
        for spelling in spellings {
            let met = known(shop.create(spelling).await.unwrap());
            assert_eq!(met, made, "{spelling}");
            let found = shop.by_number(spelling).await;
            assert_eq!(found.as_ref(), Some(&made), "{spelling}");
        }
    }
    assert_eq!(shop.count().await, 5);
}

async fn neighbours_in_the_numbering_plan_are_different_people(place: &Place) {
    let shop = Shop::open(place).await;
    for number in [
        "+551133334444",
        "+5511933334444",
        "+5541996910256",
        "+5521996910256",
    ] {
        created(shop.create(number).await.unwrap());
    }
}

async fn the_number_stays_as_it_was_first_given(place: &Place) {
    let shop = Shop::open(place).await;
    let id = shop.made("+55 41 99691-0256").await;
    shop.create("554196910256").await.unwrap();
    let phone = shop.contact(id).await.phone.unwrap();
    assert_eq!(phone.as_given(), "+55 41 99691-0256");
    assert_eq!(phone.digits(), "5541996910256");
}
