//! Jobs during which contacts become one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use storage::{Fate, Fed, UnmergeOutcome};
use tokio::task::JoinSet;

use crate::jobs::Bulk;
use crate::merges::{merge, unmerge};
use crate::place::Place;

on_both_engines! {
    who_is_merged_during_a_job_is_written_to_once,
    who_is_merged_while_their_turn_comes_has_it_again,
    merges_and_a_job_at_once_leave_nobody_out_and_nobody_twice,
}

async fn who_is_merged_during_a_job_is_written_to_once(place: &Place) {
    let bulk = Bulk::begin(place, 3).await;
    let [first, second, third] = [0, 1, 2].map(|person| bulk.contacts[person]);
    bulk.feed(vec![(1, bulk.send(0))]).await.unwrap();
    // Whoever was written to goes into one whose turn is still to come, and on into another.
    let undone = merge(&bulk.shop, second, first).await;
    let last = merge(&bulk.shop, third, second).await;
    let fates = vec![(2, bulk.send(2)), (3, bulk.send(2))];
    assert_eq!(bulk.feed(fates).await.unwrap(), Fed::Queued(0));
    let job = bulk.job().await;
    assert_eq!((job.queued, job.duplicates, job.failed), (1, 2, 0));
    assert_eq!(bulk.message(2).await.author.job_id, Some(bulk.job));
    // Taken apart again, each has their own.
    for merge in [last, undone] {
        assert!(matches!(
            unmerge(&bulk.shop, merge).await,
            UnmergeOutcome::Restored(_)
        ));
    }
    let raw = place.raw().await;
    let sql = "SELECT contact_id, state FROM job_recipients WHERE contact_id IS NOT NULL \
         OR brought_by IS NOT NULL ORDER BY n";
    assert_eq!(raw.rows(sql).await, [[&first.get().to_string(), "queued"]]);
}

async fn who_is_merged_while_their_turn_comes_has_it_again(place: &Place) {
    let bulk = Bulk::begin(place, 3).await;
    let turn = vec![(1, bulk.send(0)), (2, bulk.send(1))];
    merge(&bulk.shop, bulk.contacts[2], bulk.contacts[0]).await;
    assert_eq!(bulk.feed(turn.clone()).await.unwrap(), Fed::Merged);
    let job = bulk.job().await;
    assert_eq!((job.queued, job.failed, job.reached), (0, 0, 0));
    let waiting = bulk.shop.store.waiting_recipients(&job, 9).await.unwrap();
    assert_eq!(waiting.len(), 3);
    // Whoever is gone for good is told of, not waited for.
    let gone = vec![bulk.contacts[1]];
    bulk.shop.store.delete_contacts(gone).await.unwrap();
    let turn = vec![(1, bulk.send(2)), (2, bulk.send(1))];
    assert_eq!(bulk.feed(turn).await.unwrap(), Fed::Queued(1));
    assert_eq!(bulk.job().await.failed, 1);
}

/// Everybody was written to under one number and is found to have another while the job gets to it.
async fn merges_and_a_job_at_once_leave_nobody_out_and_nobody_twice(place: &Place) {
    const PEOPLE: usize = 24;
    let bulk = Arc::new(Bulk::begin(place, PEOPLE * 2).await);
    let first: Vec<(i64, Fate)> = (1..).zip((0..PEOPLE).map(|it| bulk.send(it))).collect();
    bulk.feed(first).await.unwrap();
    let is_merged: Arc<[AtomicBool; PEOPLE]> = Arc::default();
    let mut merging = JoinSet::new();
    for person in 0..PEOPLE {
        let (bulk, is_merged) = (Arc::clone(&bulk), Arc::clone(&is_merged));
        merging.spawn(async move {
            let [one, other] = [person, PEOPLE + person].map(|it| bulk.contacts[it]);
            let merging = if person % 2 == 0 {
                (one, other)
            } else {
                (other, one)
            };
            merge(&bulk.shop, merging.0, merging.1).await;
            is_merged[person].store(true, Ordering::SeqCst);
        });
    }
    let job = bulk.job().await;
    let store = &bulk.shop.store;
    let waiting = store.waiting_recipients(&job, PEOPLE).await.unwrap();
    for (recipient, is_merged) in waiting.iter().zip(is_merged.iter()) {
        let is_one = is_merged.load(Ordering::SeqCst);
        let fed = loop {
            let key = recipient.phone.as_ref().unwrap().match_key();
            let contact = store.contact_by_number(&key).await.unwrap().unwrap();
            let fate = bulk.send_to(contact.id);
            match bulk.feed(vec![(recipient.n, fate)]).await.unwrap() {
                Fed::Merged => {}
                fed => break fed,
            }
        };
        assert!(!is_one || fed == Fed::Queued(0), "{}", recipient.n);
    }
    merging.join_all().await;
    let job = bulk.job().await;
    let sizes = (job.queued + job.duplicates, job.failed);
    assert_eq!(sizes, (job.recipients, 0));
}
