use domain::otp::Otp;
use futures_util::future::join_all;
use jiff::SignedDuration;
use storage::{Guessed, NewOtp, OtpGuess, OtpLimit, OtpName};

use crate::place::Place;
use crate::shop::{Shop, at, key, number};

on_both_engines! {
    the_right_code_works_once_and_for_its_purpose_alone,
    of_many_right_guesses_at_once_one_succeeds,
    of_many_wrong_guesses_at_once_each_is_counted,
    five_wrong_codes_end_a_code_and_a_new_one_begins_anew,
    a_code_that_expired_does_not_work,
    requests_are_counted_from_the_first_on,
    a_code_that_was_not_sent_is_dropped_unless_another_took_its_place,
    codes_are_forgotten_when_they_are_long_over,
}

const LIMIT: OtpLimit = OtpLimit {
    kind: "verify",
    most: 10,
    within: SignedDuration::from_secs(60),
};

const UNLIMITED: OtpLimit = OtpLimit {
    most: i64::MAX,
    ..LIMIT
};

fn name(person: usize, purpose: &str) -> OtpName {
    OtpName {
        phone: key(&number(person)),
        purpose: purpose.into(),
    }
}

fn mark(code: &str) -> Vec<u8> {
    code.as_bytes().to_vec()
}

impl Shop {
    async fn code_sent(&self, name: &OtpName, code: &str, seconds: i64) {
        let new = NewOtp {
            name: name.clone(),
            mark: mark(code),
            expires_at: at(seconds + 600),
            at: at(seconds),
        };
        self.store.put_otp(new).await.unwrap();
    }

    async fn guess(&self, name: &OtpName, code: &str, seconds: i64, limit: OtpLimit) -> Guessed {
        let guess = OtpGuess {
            name: name.clone(),
            // One mark for each key there is.
            marks: vec![mark("another key's"), mark(code)],
            limit,
            at: at(seconds),
        };
        self.store.guess_otp(guess).await.unwrap()
    }

    async fn otp(&self, name: &OtpName) -> Option<Otp> {
        self.store.otp(name).await.unwrap()
    }
}

async fn the_right_code_works_once_and_for_its_purpose_alone(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    let login = name(0, "login");
    shop.code_sent(&login, "123456", 0).await;
    for wrong in [name(0, "payment"), name(1, "login")] {
        assert_eq!(
            shop.guess(&wrong, "123456", 1, LIMIT).await,
            Guessed::NoCode
        );
    }
    assert_eq!(
        other.guess(&login, "123456", 1, LIMIT).await,
        Guessed::NoCode
    );
    let expected = Otp {
        attempts: 0,
        expires_at: at(600),
        created_at: at(0),
    };
    assert_eq!(shop.otp(&login).await, Some(expected));
    assert_eq!(shop.guess(&login, "123456", 1, LIMIT).await, Guessed::Right);
    assert_eq!(shop.otp(&login).await, None);
    assert_eq!(
        shop.guess(&login, "123456", 1, LIMIT).await,
        Guessed::NoCode
    );
}

async fn of_many_right_guesses_at_once_one_succeeds(place: &Place) {
    let shop = Shop::open(place).await;
    let login = name(0, "login");
    shop.code_sent(&login, "123456", 0).await;
    let guesses = (0..100).map(|_| shop.guess(&login, "123456", 1, UNLIMITED));
    let guessed = join_all(guesses).await;
    let right = guessed.iter().filter(|it| **it == Guessed::Right).count();
    let none = guessed.iter().filter(|it| **it == Guessed::NoCode).count();
    assert_eq!((right, none), (1, 99));
}

async fn of_many_wrong_guesses_at_once_each_is_counted(place: &Place) {
    let shop = Shop::open(place).await;
    let login = name(0, "login");
    shop.code_sent(&login, "123456", 0).await;
    let guesses = (0..100).map(|_| shop.guess(&login, "000000", 1, LIMIT));
    let guessed = join_all(guesses).await;
    let count = |wanted: &dyn Fn(&Guessed) -> bool| guessed.iter().filter(|it| wanted(it)).count();
    let mut left: Vec<i64> = guessed
        .iter()
        .filter_map(|it| match it {
            Guessed::Wrong { attempts_left } => Some(*attempts_left),
            _ => None,
        })
        .collect();
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2, 3, 4]);
    assert_eq!(count(&|it| *it == Guessed::TooManyAttempts), 5);
    assert_eq!(count(&|it| *it == Guessed::TooOften { until: at(61) }), 90);
    assert_eq!(shop.otp(&login).await.unwrap().attempts, 5);
    let sql = "SELECT CAST(count AS TEXT) FROM otp_requests";
    assert_eq!(place.raw().await.rows(sql).await, [["100"]]);
}

async fn five_wrong_codes_end_a_code_and_a_new_one_begins_anew(place: &Place) {
    let shop = Shop::open(place).await;
    let login = name(0, "login");
    shop.code_sent(&login, "123456", 0).await;
    for attempts_left in [4, 3, 2, 1, 0] {
        let wrong = Guessed::Wrong { attempts_left };
        assert_eq!(shop.guess(&login, "000000", 1, UNLIMITED).await, wrong);
    }
    for code in ["000000", "123456"] {
        let guessed = shop.guess(&login, code, 1, UNLIMITED).await;
        assert_eq!(guessed, Guessed::TooManyAttempts);
    }
    shop.code_sent(&login, "654321", 2).await;
    assert_eq!(shop.otp(&login).await.unwrap().attempts, 0);
    let old = shop.guess(&login, "123456", 3, UNLIMITED).await;
    assert_eq!(old, Guessed::Wrong { attempts_left: 4 });
    assert_eq!(
        shop.guess(&login, "654321", 3, UNLIMITED).await,
        Guessed::Right
    );
}

async fn a_code_that_expired_does_not_work(place: &Place) {
    let shop = Shop::open(place).await;
    let login = name(0, "login");
    shop.code_sent(&login, "123456", 0).await;
    assert_eq!(
        shop.guess(&login, "123456", 600, LIMIT).await,
        Guessed::Expired
    );
    // The record lasts, and a guess too late is none.
    assert_eq!(shop.otp(&login).await.unwrap().attempts, 0);
    assert_eq!(
        shop.guess(&login, "123456", 599, LIMIT).await,
        Guessed::Right
    );
}

async fn requests_are_counted_from_the_first_on(place: &Place) {
    let shop = Shop::open(place).await;
    let limit = OtpLimit {
        kind: "resend",
        most: 3,
        within: SignedDuration::from_secs(300),
    };
    let ask = async |person: usize, seconds: i64| {
        let phone = key(&number(person));
        let asked = shop.store.count_otp_request(&phone, limit, at(seconds));
        asked.await.unwrap()
    };
    for seconds in [0, 100, 299] {
        assert_eq!(ask(0, seconds).await, None);
    }
    assert_eq!(ask(0, 299).await, Some(at(300)));
    assert_eq!(ask(1, 299).await, None);
    for seconds in [300, 301, 302] {
        assert_eq!(ask(0, seconds).await, None);
    }
    assert_eq!(ask(0, 303).await, Some(at(600)));
    // A code that was right clears the guesses, not these.
    let login = name(0, "login");
    for _ in 0..10 {
        shop.guess(&login, "1", 304, LIMIT).await;
    }
    let until = at(364);
    assert_eq!(
        shop.guess(&login, "1", 304, LIMIT).await,
        Guessed::TooOften { until }
    );
    shop.code_sent(&login, "1", 304).await;
    assert_eq!(shop.guess(&login, "1", 364, LIMIT).await, Guessed::Right);
    assert_eq!(shop.guess(&login, "1", 365, LIMIT).await, Guessed::NoCode);
    assert_eq!(ask(0, 365).await, Some(at(600)));
}

async fn a_code_that_was_not_sent_is_dropped_unless_another_took_its_place(place: &Place) {
    let shop = Shop::open(place).await;
    let login = name(0, "login");
    shop.code_sent(&login, "123456", 0).await;
    shop.code_sent(&login, "654321", 1).await;
    shop.store.drop_otp(&login, &mark("123456")).await.unwrap();
    assert!(shop.otp(&login).await.is_some());
    shop.store.drop_otp(&login, &mark("654321")).await.unwrap();
    assert_eq!(shop.otp(&login).await, None);
}

async fn codes_are_forgotten_when_they_are_long_over(place: &Place) {
    let shop = Shop::open(place).await;
    shop.code_sent(&name(0, "login"), "1", 0).await;
    shop.code_sent(&name(1, "login"), "1", 100).await;
    shop.guess(&name(0, "login"), "2", 0, LIMIT).await;
    let pruned = shop.database.system().prune_otps(at(650)).await.unwrap();
    assert_eq!(pruned, 2);
    assert_eq!(shop.otp(&name(0, "login")).await, None);
    assert!(shop.otp(&name(1, "login")).await.is_some());
}
