//! What was said with a contact, and the list of conversations.

use domain::conversation::{Conversation, ConversationStatus};
use domain::ids::{ChannelId, ContactId, MessageId};
use domain::message::content::Reaction;
use domain::message::{Content, Direction, Status};
use storage::testing::PastMessage;
use storage::{ConversationPlace, Inbound, MessageSearch, Outcome, TalkPage, testing};

use crate::merges::{merge, unmerge};
use crate::place::Place;
use crate::shop::{Shop, at, new_send, number, words};

on_both_engines! {
    messages_are_counted_as_they_come_and_go,
    pages_of_all_channels_are_in_one_order_from_either_end,
    what_was_said_with_a_contact_is_searched,
    a_long_talk_is_searched_by_the_index,
    conversations_are_listed_by_their_last_message,
    a_conversation_that_is_done_opens_when_somebody_writes,
    contacts_are_paged_from_either_end,
    the_last_reaction_of_each_side_counts,
    conversations_of_a_tenant_are_nobody_elses,
    messages_of_long_ago_leave_behind_what_new_ones_do,
}

/// What the plans of hot statements are made of.
pub(crate) async fn fill(shop: &Shop, contact: ContactId, channel: ChannelId) {
    let talk = talk(shop, contact).await;
    let messages = page(shop, &talk, (0, 10), false).await;
    assert!(!messages.is_empty());
    let search = MessageSearch {
        texts: vec!["hello".into()],
    };
    let part = TalkPage {
        offset: 0,
        limit: 10,
        is_ascending: false,
    };
    shop.store.search_talk(&talk, &search, part).await.unwrap();
    let found = shop.store.messages_of_contact(contact, 5).await.unwrap();
    react(shop, contact, channel, ("wamid.X", "👍", 99)).await;
    shop.store.reactions_to(&found).await.unwrap();
    shop.store
        .conversations_after(None, None, 10)
        .await
        .unwrap();
    shop.store.conversation(talk[0].id).await.unwrap();
    shop.store.contacts_page((0, 10)).await.unwrap();
    shop.store.contacts_page((2900, 10)).await.unwrap();
}

async fn talk(shop: &Shop, contact: ContactId) -> Vec<Conversation> {
    shop.store.conversations_of_contact(contact).await.unwrap()
}

async fn count(shop: &Shop, contact: ContactId) -> i64 {
    let talk = talk(shop, contact).await;
    talk.iter().map(|it| it.message_count).sum()
}

async fn page(
    shop: &Shop,
    talk: &[Conversation],
    (offset, limit): (usize, usize),
    is_ascending: bool,
) -> Vec<MessageId> {
    let page = TalkPage {
        offset,
        limit,
        is_ascending,
    };
    let messages = shop.store.talk_page(talk, page).await.unwrap();
    messages.iter().map(|it| it.id).collect()
}

async fn wrote(
    shop: &Shop,
    contact_id: ContactId,
    channel_id: ChannelId,
    (text, seconds): (&str, i64),
) -> MessageId {
    let inbound = Inbound {
        contact_id,
        channel_id,
        content: words(text),
        wamid: format!("wamid.{seconds}"),
        at: at(seconds),
    };
    shop.store.receive(inbound).await.unwrap()
}

async fn react(
    shop: &Shop,
    contact_id: ContactId,
    channel_id: ChannelId,
    (message_id, emoji, seconds): (&str, &str, i64),
) {
    let reaction = Reaction {
        message_id: message_id.into(),
        emoji: emoji.into(),
    };
    let inbound = Inbound {
        contact_id,
        channel_id,
        content: Content::Reaction(reaction),
        wamid: format!("wamid.r{seconds}"),
        at: at(seconds),
    };
    shop.store.receive(inbound).await.unwrap();
}

async fn messages_are_counted_as_they_come_and_go(place: &Place) {
    let shop = Shop::open(place).await;
    let (keep, gone) = (shop.made(&number(1)).await, shop.made(&number(2)).await);
    let channel = shop.channel().await;
    let sends = (0..20).map(|_| shop.send(keep, channel));
    futures_util::future::join_all(sends).await;
    wrote(&shop, keep, channel, ("Hi", 20)).await;
    wrote(&shop, gone, channel, ("Ho", 21)).await;
    assert_eq!(
        (count(&shop, keep).await, count(&shop, gone).await),
        (21, 1)
    );
    let merged = merge(&shop, keep, gone).await;
    assert_eq!(count(&shop, keep).await, 22);
    wrote(&shop, keep, channel, ("Since", 22)).await;
    unmerge(&shop, merged).await;
    assert_eq!(
        (count(&shop, keep).await, count(&shop, gone).await),
        (22, 1)
    );
}

async fn pages_of_all_channels_are_in_one_order_from_either_end(place: &Place) {
    let shop = Shop::open(place).await;
    let contact = shop.made(&number(1)).await;
    let channels = [shop.channel().await, shop.channel().await];
    let mut ids = vec![];
    for second in 0..23 {
        let channel = channels[usize::try_from(second % 3 % 2).unwrap()];
        ids.push(wrote(&shop, contact, channel, ("Hi", second)).await);
    }
    let both = talk(&shop, contact).await;
    assert_eq!(both.len(), 2);
    let one = &both[..1];
    let of_one: Vec<_> = (0..23)
        .filter(|second| second % 3 % 2 == 0)
        .map(|second| ids[second])
        .collect();
    for (talk, oldest_first) in [(&both[..], &ids), (one, &of_one)] {
        for is_ascending in [true, false] {
            let mut all = oldest_first.clone();
            if !is_ascending {
                all.reverse();
            }
            for offset in (0..30).step_by(5) {
                let expected: Vec<_> = all.iter().skip(offset).take(5).copied().collect();
                let page = page(&shop, talk, (offset, 5), is_ascending).await;
                assert_eq!(page, expected, "{offset} {is_ascending}");
            }
        }
    }
}

async fn search(
    shop: &Shop,
    contact: ContactId,
    texts: &[&str],
    page: TalkPage,
) -> (Vec<MessageId>, i64) {
    let search = MessageSearch {
        texts: texts.iter().map(|&text| text.into()).collect(),
    };
    let talk = talk(shop, contact).await;
    let found = shop.store.search_talk(&talk, &search, page).await.unwrap();
    assert!(found.total.is_exact);
    (
        found.page.iter().map(|it| it.id).collect(),
        found.total.count,
    )
}

const FIRST: TalkPage = TalkPage {
    offset: 0,
    limit: 10,
    is_ascending: false,
};

async fn what_was_said_with_a_contact_is_searched(place: &Place) {
    let shop = Shop::open(place).await;
    let (ana, bia) = (shop.made(&number(1)).await, shop.made(&number(2)).await);
    let channels = [shop.channel().await, shop.channel().await];
    let first = wrote(&shop, ana, channels[0], ("Order #1001?", 1)).await;
    wrote(&shop, ana, channels[1], ("Hello", 2)).await;
    let second = wrote(&shop, ana, channels[1], ("It is URGENT", 3)).await;
    wrote(&shop, bia, channels[0], ("Order #1001 too", 4)).await;
    let either = search(&shop, ana, &["#1001", "urgent"], FIRST).await;
    assert_eq!(either, (vec![second, first], 2));
    let oldest = TalkPage {
        limit: 1,
        is_ascending: true,
        ..FIRST
    };
    let page = search(&shop, ana, &["#1001", "urgent"], oldest).await;
    assert_eq!(page, (vec![first], 2));
    assert_eq!(search(&shop, ana, &["bye"], FIRST).await, (vec![], 0));
    let sql = "UPDATE messages SET revoked_at = 1 WHERE wamid = 'wamid.1'";
    testing::execute(&shop.database, sql).await.unwrap();
    assert_eq!(search(&shop, ana, &["#1001"], FIRST).await, (vec![], 0));
}

/// Its count is written, so that ten thousand messages need not be.
async fn a_long_talk_is_searched_by_the_index(place: &Place) {
    let shop = Shop::open(place).await;
    let (ana, bia) = (shop.made(&number(1)).await, shop.made(&number(2)).await);
    let channel = shop.channel().await;
    let mine = wrote(&shop, ana, channel, ("Order #1001?", 1)).await;
    wrote(&shop, bia, channel, ("Order #1001 too", 2)).await;
    let sql = "UPDATE conversations SET message_count = 10001";
    testing::execute(&shop.database, sql).await.unwrap();
    for _ in 0..2 {
        let found = search(&shop, ana, &["#1001"], FIRST).await;
        assert_eq!(found, (vec![mine], 1));
        crate::search::file(&shop).await;
    }
}

async fn conversations_are_listed_by_their_last_message(place: &Place) {
    let shop = Shop::open(place).await;
    let channel = shop.channel().await;
    let mut order = vec![];
    for person in 0..7 {
        let contact = shop.made(&number(person)).await;
        let seconds = i64::try_from((person * 5) % 7).unwrap();
        wrote(&shop, contact, channel, ("Hi", seconds)).await;
        order.push((seconds, contact));
    }
    order.sort_unstable();
    let newest_first: Vec<_> = order.iter().rev().map(|(_, contact)| *contact).collect();
    let done = talk(&shop, newest_first[3]).await[0].id;
    let sql = format!("UPDATE conversations SET status = 'closed' WHERE id = {done}");
    testing::execute(&shop.database, &sql).await.unwrap();

    let (mut place, mut listed) = (None, vec![]);
    loop {
        let part = shop
            .store
            .conversations_after(place, None, 3)
            .await
            .unwrap();
        let Some((last, _)) = part.last() else {
            break;
        };
        place = Some(ConversationPlace {
            last_message_at: last.last_message_at,
            id: last.id,
        });
        for (conversation, contact) in part {
            assert_eq!(conversation.contact_id, contact.id);
            listed.push(contact.id);
        }
    }
    assert_eq!(listed, newest_first);
    let of = async |status| {
        let found = shop.store.conversations_after(None, Some(status), 10).await;
        found.unwrap().len()
    };
    assert_eq!(of(ConversationStatus::Open).await, 6);
    assert_eq!(of(ConversationStatus::Closed).await, 1);
    assert_eq!(of(ConversationStatus::Snoozed).await, 0);
}

async fn a_conversation_that_is_done_opens_when_somebody_writes(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(1)).await, shop.channel().await);
    wrote(&shop, contact, channel, ("Hi", 1)).await;
    let sql = "UPDATE conversations SET status = 'closed'";
    testing::execute(&shop.database, sql).await.unwrap();
    shop.store
        .claim_send(new_send(contact, channel))
        .await
        .unwrap();
    let status = talk(&shop, contact).await[0].status;
    assert_eq!(status, ConversationStatus::Closed);
    wrote(&shop, contact, channel, ("Again", 20)).await;
    let talk = talk(&shop, contact).await;
    assert_eq!(talk[0].status, ConversationStatus::Open);
    assert_eq!(talk[0].message_count, 3);
}

async fn contacts_are_paged_from_either_end(place: &Place) {
    let shop = Shop::open(place).await;
    let mut ids = vec![];
    for person in 0..13 {
        ids.push(shop.made(&number(person)).await);
    }
    ids.sort_unstable_by(|one, other| other.cmp(one));
    for offset in [0, 5, 10, 15] {
        let (page, count) = shop.store.contacts_page((offset, 5)).await.unwrap();
        let page: Vec<_> = page.iter().map(|it| it.id).collect();
        let expected: Vec<_> = ids.iter().skip(offset).take(5).copied().collect();
        assert_eq!((page, count), (expected, 13), "{offset}");
    }
}

async fn the_last_reaction_of_each_side_counts(place: &Place) {
    let shop = Shop::open(place).await;
    let (contact, channel) = (shop.made(&number(1)).await, shop.channel().await);
    let sent = shop.sent(contact, channel).await;
    let outcome = Outcome {
        due_at: None,
        message_id: sent.id,
        status: Status::Accepted,
        wamid: Some("wamid.OUT".into()),
        failure: None,
        at: at(11),
    };
    shop.store.record_outcome(outcome).await.unwrap();
    let of = async || {
        let sent = shop.store.message(sent.id).await.unwrap().unwrap();
        let found = shop.store.reactions_to(&[sent]).await.unwrap();
        let pair = |it: &storage::Reacted| (it.emoji.clone(), it.direction);
        found[0].iter().map(pair).collect::<Vec<_>>()
    };
    react(&shop, contact, channel, ("wamid.OUT", "👍", 20)).await;
    react(&shop, contact, channel, ("wamid.OUT", "❤", 22)).await;
    // It comes late.
    react(&shop, contact, channel, ("wamid.OUT", "😮", 21)).await;
    let mut send = new_send(contact, channel);
    send.content = Content::Reaction(Reaction {
        message_id: "wamid.OUT".into(),
        emoji: "🙏".into(),
    });
    shop.store.claim_send(send).await.unwrap();
    let both = [
        ("❤".to_owned(), Direction::Inbound),
        ("🙏".to_owned(), Direction::Outbound),
    ];
    assert_eq!(of().await, both);
    react(&shop, contact, channel, ("wamid.OUT", "", 23)).await;
    assert_eq!(of().await, both[1..]);
}

async fn conversations_of_a_tenant_are_nobody_elses(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    let (contact, channel) = (shop.made(&number(1)).await, shop.channel().await);
    wrote(&shop, contact, channel, ("Hi", 1)).await;
    let mine = talk(&shop, contact).await;
    assert_eq!(talk(&other, contact).await, []);
    assert_eq!(other.store.conversation(mine[0].id).await.unwrap(), None);
    assert_eq!(page(&other, &mine, (0, 10), false).await, []);
    let listed = other
        .store
        .conversations_after(None, None, 10)
        .await
        .unwrap();
    assert_eq!(listed.len(), 0);
}

/// The benchmark writes them so.
async fn messages_of_long_ago_leave_behind_what_new_ones_do(place: &Place) {
    let shop = Shop::open(place).await;
    let (ana, ben) = (shop.made(&number(0)).await, shop.made(&number(1)).await);
    let channel = shop.channel().await;
    let past = |contact_id, direction, status, seconds| PastMessage {
        contact_id,
        channel_id: channel,
        direction,
        content: words("Half past ten"),
        status,
        at: at(seconds),
    };
    let messages = vec![
        past(ana, Direction::Inbound, Status::Received, 20),
        past(ana, Direction::Outbound, Status::Delivered, 30),
        past(ben, Direction::Outbound, Status::Failed, 40),
    ];
    testing::keep_messages(&shop.store, messages).await.unwrap();
    let of_ana = talk(&shop, ana).await;
    assert_eq!(
        (of_ana[0].message_count, of_ana[0].last_message_at),
        (2, at(30))
    );
    assert_eq!(of_ana[0].window_expires_at, Some(at(20 + 24 * 60 * 60)));
    assert_eq!(talk(&shop, ben).await[0].window_expires_at, None);
    let search = MessageSearch {
        texts: vec!["past".into()],
    };
    let found = shop.store.search_messages(&search, (0, 10)).await.unwrap();
    assert_eq!(found.page.len(), 3);
    assert!(testing::has_unfiled(&shop.database).await.unwrap());
    let tally = shop.store.tally(at(-20), at(100)).await.unwrap();
    assert_eq!((tally.delivered, tally.failed, tally.total()), (1, 1, 2));
}
