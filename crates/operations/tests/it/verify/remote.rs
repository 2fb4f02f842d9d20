//! What is kept of answers, and how seldom anybody is asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use domain::phone::Country;
use domain::tenant::Slug;
use domain::verification::Verdict;
use domain::{Clock, Phone};
use futures_util::future::{BoxFuture, join_all};
use operations::{
    Ages, Gateway, NewTenant, RemoteVerifier, Unverified, Verifier as _, VerifierDown,
};
use storage::{Database, Evidence, Store};
use test_support::{Engine, TestDatabase};
use tokio::sync::Semaphore;

use super::{DIALLED, WA_ID, phone, yes};

on_both_engines! {
    an_answer_is_kept_as_long_as_it_is_good,
    what_nobody_knows_and_what_failed_is_asked_again,
    a_burst_about_one_number_asks_once,
    few_numbers_are_asked_about_at_a_time,
    who_was_reached_is_not_asked_about_and_who_was_not_is,
    an_answer_to_one_tenant_is_not_told_to_another,
    a_storage_that_fails_is_not_the_gateways_fault,
}

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

type Answer = Result<Verdict, VerifierDown>;

/// Somebody who answers what the test says, when the test says so.
struct Oracle {
    answer: Mutex<Answer>,
    asked: AtomicUsize,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    may_answer: Semaphore,
}

struct OracleGateway(Arc<Oracle>);

impl Gateway for OracleGateway {
    fn name(&self) -> &'static str {
        "oracle"
    }

    fn ask<'a>(&'a self, _: &'a Phone) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let oracle = &self.0;
            oracle.asked.fetch_add(1, Ordering::SeqCst);
            let under_way = oracle.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            oracle.most_under_way.fetch_max(under_way, Ordering::SeqCst);
            oracle.may_answer.acquire().await.unwrap().forget();
            oracle.under_way.fetch_sub(1, Ordering::SeqCst);
            oracle.answer.lock().unwrap().clone()
        })
    }
}

/// A verifier that asks an oracle, for one tenant.
struct Setting {
    oracle: Arc<Oracle>,
    verifier: RemoteVerifier,
    clock: Clock,
    store: Store,
    database: Database,
    _kept: TestDatabase,
}

impl Setting {
    /// Sets up an oracle that answers `turns` times without being told to.
    async fn of(engine: Engine, turns: usize) -> Self {
        let kept = TestDatabase::create(engine).await;
        let database = Database::open(kept.options()).await.unwrap();
        let oracle = Arc::new(Oracle {
            answer: Mutex::new(Ok(yes(Some(WA_ID)))),
            asked: AtomicUsize::new(0),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
            may_answer: Semaphore::new(turns),
        });
        let clock = Clock::fixed("2026-03-10T08:15:00Z".parse().unwrap());
        let gateway = Box::new(OracleGateway(Arc::clone(&oracle)));
        Self {
            verifier: RemoteVerifier::new(gateway, clock.clone(), Ages::default()),
            store: store(&database, "acme").await,
            oracle,
            clock,
            database,
            _kept: kept,
        }
    }

    fn answers(&self, answer: Answer) {
        *self.oracle.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.oracle.asked.load(Ordering::SeqCst)
    }

    async fn ask(&self, digits: &str) -> Answer {
        self.ask_for(&self.store, digits).await
    }

    async fn ask_for(&self, store: &Store, digits: &str) -> Answer {
        let answer = self.verifier.verify(&phone(digits), store).await;
        answer.map_err(|unverified| match unverified {
            Unverified::Down(down) => down,
            Unverified::Storage(error) => panic!("the storage failed: {error}"),
        })
    }
}

async fn store(database: &Database, slug: &str) -> Store {
    let new = NewTenant {
        slug: Slug::parse(slug).unwrap(),
        name: slug.into(),
        country: Country::south_africa(),
        contact_limit: None,
        assignee_id: None,
        source_name: "API".into(),
        status_name: "New".into(),
        at: "2026-03-10T08:15:00Z".parse().unwrap(),
    };
    let tenant = database.system().create_tenant(new).await.unwrap().tenant;
    database.store_for(tenant.id)
}

async fn an_answer_is_kept_as_long_as_it_is_good(engine: Engine) {
    let setting = Setting::of(engine, 100).await;
    for (answer, good_for) in [(yes(Some(WA_ID)), 30 * DAY), (Verdict::No, DAY)] {
        let before = setting.asked();
        setting.answers(Ok(answer.clone()));
        assert_eq!(setting.ask(DIALLED).await, Ok(answer.clone()));
        setting.answers(Ok(Verdict::Unknown));
        setting.clock.advance_seconds(good_for - 1);
        // The same person, spelled as WhatsApp does.
        assert_eq!(setting.ask(WA_ID).await, Ok(answer));
        assert_eq!(setting.asked(), before + 1);
        setting.clock.advance_seconds(1);
        assert_eq!(setting.ask(DIALLED).await, Ok(Verdict::Unknown));
        assert_eq!(setting.asked(), before + 2);
    }
}

async fn what_nobody_knows_and_what_failed_is_asked_again(engine: Engine) {
    let setting = Setting::of(engine, 100).await;
    let down = Err(VerifierDown("its log is full".into()));
    for (asked, answer) in [Ok(Verdict::Unknown), down.clone(), down, Ok(Verdict::No)]
        .into_iter()
        .enumerate()
    {
        setting.answers(answer.clone());
        assert_eq!(setting.ask(DIALLED).await, answer);
        assert_eq!(setting.asked(), asked + 1);
    }
}

async fn a_burst_about_one_number_asks_once(engine: Engine) {
    let setting = Setting::of(engine, 0).await;
    // Two spellings of one person, and somebody else.
    let burst = (0..60).map(|index| {
        setting.ask(match index % 3 {
            0 => DIALLED,
            1 => WA_ID,
            _ => "27821112233",
        })
    });
    let answering = async {
        while setting.oracle.under_way.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        setting.oracle.may_answer.add_permits(2);
    };
    let (answers, ()) = tokio::join!(join_all(burst), answering);
    for answer in answers {
        assert_eq!(answer, Ok(yes(Some(WA_ID))));
    }
    assert_eq!(setting.asked(), 2);
    // Those who come later find it kept.
    assert_eq!(setting.ask(DIALLED).await, Ok(yes(Some(WA_ID))));
    assert_eq!(setting.asked(), 2);
}

async fn few_numbers_are_asked_about_at_a_time(engine: Engine) {
    let setting = Setting::of(engine, 0).await;
    let numbers: Vec<String> = (0..40).map(|it| format!("278211122{it:02}")).collect();
    let burst = numbers.iter().map(|number| setting.ask(number));
    let answering = async {
        for done in 0..40 {
            while setting.asked() < (done + 8).min(40) {
                tokio::task::yield_now().await;
            }
            setting.oracle.may_answer.add_permits(1);
        }
    };
    let (answers, ()) = tokio::join!(join_all(burst), answering);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(setting.oracle.most_under_way.load(Ordering::SeqCst), 8);
    assert_eq!(setting.asked(), 40);
}

async fn who_was_reached_is_not_asked_about_and_who_was_not_is(engine: Engine) {
    let setting = Setting::of(engine, 100).await;
    let (key, at) = (phone(DIALLED).match_key(), setting.clock.now());
    let evidence = |evidence, at| setting.store.record_evidence(&key, evidence, at);
    let wa_id = Some(WA_ID.to_owned());
    evidence(Evidence::Reached { wa_id }, at).await.unwrap();
    assert_eq!(setting.ask(DIALLED).await, Ok(yes(Some(WA_ID))));
    assert_eq!(setting.asked(), 0);
    // A message that could not be delivered may have met a block: the gateway knows better.
    setting.clock.advance_seconds(HOUR);
    let at = setting.clock.now();
    evidence(Evidence::Undeliverable, at).await.unwrap();
    setting.clock.advance_seconds(1);
    assert_eq!(setting.ask(DIALLED).await, Ok(yes(Some(WA_ID))));
    assert_eq!(setting.ask(DIALLED).await, Ok(yes(Some(WA_ID))));
    assert_eq!(setting.asked(), 1);
}

async fn an_answer_to_one_tenant_is_not_told_to_another(engine: Engine) {
    let setting = Setting::of(engine, 100).await;
    let other = store(&setting.database, "other").await;
    assert_eq!(setting.ask(DIALLED).await, Ok(yes(Some(WA_ID))));
    setting.answers(Ok(Verdict::No));
    assert_eq!(setting.ask_for(&other, DIALLED).await, Ok(Verdict::No));
    assert_eq!(setting.asked(), 2);
}

async fn a_storage_that_fails_is_not_the_gateways_fault(engine: Engine) {
    let setting = Setting::of(engine, 100).await;
    let gone = "DROP TABLE verifications";
    storage::testing::execute(&setting.database, gone)
        .await
        .unwrap();
    let phone = phone(DIALLED);
    let answer = setting.verifier.verify(&phone, &setting.store).await;
    let failed = answer.unwrap_err();
    assert!(matches!(failed, Unverified::Storage(_)), "{failed:?}");
    assert_eq!(setting.asked(), 0);
}
