//! Templates: made what Meta's list says, and changed by what Meta says in between.

use domain::event::EventKind;
use domain::template::{Template, Variables};
use storage::{
    Change, DueAccount, InboundChange, NewTemplate, TemplateChange, TemplateName, TemplateNews,
    TemplateSync, TemplatesSynced,
};

use crate::inbound::Line;
use crate::place::Place;
use crate::shop::{Shop, at};

on_both_engines! {
    templates_become_what_the_list_says,
    a_list_says_how_much_it_changed,
    a_list_of_many_templates_is_kept_whole,
    a_list_that_was_asked_for_earlier_changes_nothing,
    accounts_and_tenants_are_apart,
    a_new_channel_makes_its_account_due,
    what_was_due_meanwhile_stays_due,
    an_account_may_be_forgotten,
    news_of_a_template_are_written_down_and_ask_for_the_list,
    news_reach_every_tenant_of_the_account_and_no_other,
    a_status_is_told_when_it_is_another_whoever_says_so,
}

const WABA: &str = "102290129340398";

fn listed(name: &str, language: &str) -> NewTemplate {
    NewTemplate {
        meta_id: format!("{name}/{language}"),
        name: name.into(),
        language: language.into(),
        category: "UTILITY".into(),
        status: "APPROVED".into(),
        parameter_format: "NAMED".into(),
        quality: None,
        rejected_reason: None,
        send_ttl_seconds: Some(600),
        components: r#"[{"type":"BODY","text":"Olá {{name}} 👋"}]"#.into(),
    }
}

fn list(templates: Vec<NewTemplate>, seconds: i64) -> TemplateSync {
    TemplateSync {
        waba_id: WABA.into(),
        templates,
        asked_at: at(seconds),
        was_due_at: None,
        due_at: at(seconds + 3600),
    }
}

async fn named(shop: &Shop, name: &str) -> Vec<Template> {
    let name = TemplateName {
        waba_id: WABA,
        name,
    };
    shop.store.templates_of_name(name).await.unwrap()
}

async fn due(shop: &Shop, seconds: i64) -> Vec<DueAccount> {
    let system = shop.database.system();
    system.due_template_accounts(at(seconds)).await.unwrap()
}

async fn templates_become_what_the_list_says(place: &Place) {
    let shop = Shop::open(place).await;
    let all = vec![listed("hello", "pt_BR"), listed("hello", "en")];
    shop.store.sync_templates(list(all, 10)).await.unwrap();
    let found = named(&shop, "hello").await;
    let languages: Vec<&str> = found.iter().map(|it| &*it.language).collect();
    assert_eq!(languages, ["en", "pt_BR"]);
    let it = &found[0];
    assert_eq!((&*it.meta_id, &*it.waba_id), ("hello/en", WABA));
    assert_eq!((&*it.category, &*it.status), ("UTILITY", "APPROVED"));
    assert_eq!(
        (it.variables, it.send_ttl_seconds),
        (Variables::Named, Some(600))
    );
    assert_eq!(it.components[0]["text"], "Olá {{name}} 👋");
    assert_eq!((it.created_at, it.updated_at), (at(10), at(10)));
    let store = &shop.store;
    assert_eq!(store.template(it.id).await.unwrap().as_ref(), Some(it));
    let by_meta_id = store.template_by_meta_id("hello/en").await.unwrap();
    assert_eq!(by_meta_id.as_ref(), Some(it));
    assert_eq!(store.template_by_meta_id("hello").await.unwrap(), None);
    let ids = [found[1].id, found[0].id];
    let both = store.templates_of_ids(&ids).await.unwrap();
    assert_eq!(both.iter().map(|it| it.id).collect::<Vec<_>>(), ids);
    assert_eq!(named(&shop, "bye").await, []);
}

async fn a_list_says_how_much_it_changed(place: &Place) {
    let shop = Shop::open(place).await;
    let sync = |templates, seconds| shop.store.sync_templates(list(templates, seconds));
    let counts = |total, created, updated, deleted| TemplatesSynced {
        total,
        created,
        updated,
        deleted,
    };
    let all = || vec![listed("a", "en"), listed("b", "en"), listed("c", "en")];
    assert_eq!(sync(all(), 10).await.unwrap(), counts(3, 3, 0, 0));
    let ids = shop.store.template_heads().await.unwrap();
    assert_eq!(sync(all(), 20).await.unwrap(), counts(3, 0, 0, 0));
    assert_eq!(shop.store.template_heads().await.unwrap(), ids);
    let mut changed = all();
    changed.pop();
    changed[1].status = "PAUSED".into();
    changed[1].quality = Some("RED".into());
    changed.push(listed("d", "en"));
    assert_eq!(sync(changed, 30).await.unwrap(), counts(3, 1, 1, 1));
    let paused = named(&shop, "b").await.remove(0);
    assert_eq!((paused.id, &*paused.status), (ids[1].id, "PAUSED"));
    assert_eq!(paused.quality.as_deref(), Some("RED"));
    assert_eq!((paused.created_at, paused.updated_at), (at(10), at(30)));
    assert_eq!(named(&shop, "a").await[0].updated_at, at(10));
    assert_eq!(named(&shop, "c").await, []);
    assert_eq!(sync(vec![], 40).await.unwrap(), counts(0, 0, 0, 3));
}

async fn a_list_of_many_templates_is_kept_whole(place: &Place) {
    let shop = Shop::open(place).await;
    let all = |count: usize| {
        let templates = (0..count).map(|n| listed(&format!("t{n}"), "en"));
        templates.collect::<Vec<_>>()
    };
    let sync = |count, seconds| shop.store.sync_templates(list(all(count), seconds));
    let synced = sync(700, 10).await.unwrap();
    assert_eq!((synced.total, synced.created), (700, 700));
    let heads = shop.store.template_heads().await.unwrap();
    assert_eq!(heads.len(), 700);
    let ids: Vec<_> = heads.iter().rev().map(|it| it.id).collect();
    let found = shop.store.templates_of_ids(&ids).await.unwrap();
    assert!(found.iter().map(|it| it.id).eq(ids));
    assert_eq!(sync(100, 20).await.unwrap().deleted, 600);
    assert_eq!(shop.store.template_heads().await.unwrap().len(), 100);
}

async fn a_list_that_was_asked_for_earlier_changes_nothing(place: &Place) {
    let shop = Shop::open(place).await;
    let new = list(vec![listed("new", "en")], 20);
    shop.store.sync_templates(new).await.unwrap();
    let old = list(vec![listed("old", "en")], 19);
    let synced = shop.store.sync_templates(old).await.unwrap();
    assert_eq!((synced.created, synced.deleted), (0, 0));
    assert_eq!(named(&shop, "old").await, []);
    assert_eq!(named(&shop, "new").await.len(), 1);
    let turn = shop.store.template_turn(WABA).await.unwrap().unwrap();
    assert_eq!((turn.synced_at, turn.due_at), (Some(at(20)), at(3620)));
}

async fn accounts_and_tenants_are_apart(place: &Place) {
    let shop = Shop::open(place).await;
    let other = Shop::in_database(&shop.database, "other").await;
    let all = || vec![listed("hello", "en")];
    for store in [&shop.store, &other.store] {
        store.sync_templates(list(all(), 10)).await.unwrap();
    }
    let theirs = named(&other, "hello").await.remove(0);
    let mut elsewhere = list(vec![listed("hello", "en"), listed("bye", "en")], 10);
    elsewhere.waba_id = "2".into();
    shop.store.sync_templates(elsewhere).await.unwrap();
    assert_eq!(named(&shop, "hello").await.len(), 1);
    assert_eq!(named(&shop, "bye").await, []);
    // Nothing of one account is gone because another's list is empty.
    shop.store.sync_templates(list(vec![], 20)).await.unwrap();
    assert_eq!(shop.store.template_heads().await.unwrap().len(), 2);
    assert_eq!(named(&other, "hello").await.len(), 1);
    assert_eq!(shop.store.template(theirs.id).await.unwrap(), None);
    assert_eq!(shop.store.templates_of_ids(&[theirs.id]).await.unwrap(), []);
    let by_meta_id = shop.store.template_by_meta_id("hello/en").await.unwrap();
    assert_eq!(by_meta_id.unwrap().waba_id, "2");
}

async fn a_new_channel_makes_its_account_due(place: &Place) {
    let shop = Shop::open(place).await;
    assert_eq!(due(&shop, 100).await, []);
    shop.channel().await;
    let [account] = &due(&shop, 100).await[..] else {
        panic!("no account is due");
    };
    assert_eq!(account.tenant_id, shop.tenant.id);
    let turn = shop.store.template_turn(&account.waba_id).await.unwrap();
    assert_eq!(turn.unwrap().synced_at, None);
    let system = shop.database.system();
    system.put_off_templates(account, at(200)).await.unwrap();
    assert_eq!(due(&shop, 199).await, []);
    assert_eq!(due(&shop, 200).await.len(), 1);
}

async fn what_was_due_meanwhile_stays_due(place: &Place) {
    let line = Line::open(place).await;
    let turn = async || line.shop.store.template_turn(WABA).await.unwrap().unwrap();
    let sync = async |was_due_at, seconds| {
        let mut list = list(vec![], seconds);
        list.was_due_at = Some(was_due_at);
        line.shop.store.sync_templates(list).await.unwrap();
    };
    sync(turn().await.due_at, 10).await;
    assert_eq!(turn().await.due_at, at(3610));
    // Somebody asks, and before the answer is written Meta tells of a template.
    let was_due_at = turn().await.due_at;
    line.tell("hello/en", TemplateNews::Other, 20).await;
    assert_eq!(turn().await.due_at, at(25));
    sync(was_due_at, 19).await;
    assert_eq!(turn().await.due_at, at(25));
    // The same where the account was due already.
    line.tell("hello/en", TemplateNews::Other, 30).await;
    assert_eq!(turn().await.due_at, at(35));
    sync(at(25), 29).await;
    assert_eq!(turn().await.due_at, at(35));
    // News that come together ask once.
    line.tell("hello/en", TemplateNews::Other, 32).await;
    assert_eq!(turn().await.due_at, at(35));
    sync(at(35), 36).await;
    assert_eq!(turn().await.due_at, at(3636));
}

async fn an_account_may_be_forgotten(place: &Place) {
    let shop = Shop::open(place).await;
    let all = vec![listed("hello", "en")];
    shop.store.sync_templates(list(all, 10)).await.unwrap();
    shop.store.forget_templates(WABA).await.unwrap();
    assert_eq!(named(&shop, "hello").await, []);
    assert_eq!(shop.store.template_turn(WABA).await.unwrap(), None);
}

impl Line {
    /// Applies news of a template.
    async fn tell(&self, meta_id: &str, news: TemplateNews, seconds: i64) {
        let change = TemplateChange {
            meta_id: Some(meta_id.into()),
            name: None,
            language: None,
            news,
        };
        self.apply_template(change, seconds).await;
    }

    async fn apply_template(&self, change: TemplateChange, seconds: i64) {
        let key = format!("template {seconds}");
        self.keep(&[&key]).await;
        let waiting = self.system.waiting_events(at(seconds), 1).await.unwrap();
        let change = InboundChange {
            event_id: waiting[0].id,
            app_id: self.app,
            waba_id: self.channel.waba_id.clone(),
            phone_number_id: None,
            at: at(seconds),
            change: Change::Template(Box::new(change)),
        };
        let applied = self
            .system
            .apply_events(&self.lease, vec![change], at(seconds));
        applied.await.unwrap();
    }
}

async fn news_of_a_template_are_written_down_and_ask_for_the_list(place: &Place) {
    let line = Line::open(place).await;
    let all = vec![listed("hello", "en"), listed("hello", "pt_BR")];
    line.shop.store.sync_templates(list(all, 10)).await.unwrap();
    let status = |status: &str| TemplateNews::Status {
        status: status.into(),
        reason: Some("SCAM".into()),
    };
    line.tell("hello/en", status("REJECTED"), 20).await;
    line.tell("hello/en", TemplateNews::Quality("RED".into()), 21)
        .await;
    line.tell("hello/en", TemplateNews::Category("MARKETING".into()), 22)
        .await;
    line.tell("nobody's", status("REJECTED"), 23).await;
    let found = named(&line.shop, "hello").await;
    let it = &found[0];
    assert_eq!((&*it.status, &*it.category), ("REJECTED", "MARKETING"));
    assert_eq!(it.rejected_reason.as_deref(), Some("SCAM"));
    assert_eq!(
        (it.quality.as_deref(), it.updated_at),
        (Some("RED"), at(22))
    );
    assert_eq!(
        (&*found[1].status, found[1].updated_at),
        ("APPROVED", at(10))
    );
    assert_eq!(due(&line.shop, 24).await, []);
    assert_eq!(due(&line.shop, 25).await.len(), 1);
    let by_name = TemplateChange {
        meta_id: None,
        name: Some("hello".into()),
        language: Some("pt_BR".into()),
        news: TemplateNews::Deleted,
    };
    line.apply_template(by_name, 30).await;
    assert_eq!(named(&line.shop, "hello").await.len(), 1);
}

async fn news_reach_every_tenant_of_the_account_and_no_other(place: &Place) {
    let line = Line::open(place).await;
    let other = Shop::in_database(&line.shop.database, "other").await;
    for store in [&line.shop.store, &other.store] {
        let all = list(vec![listed("hello", "en")], 10);
        store.sync_templates(all).await.unwrap();
    }
    let gone = || TemplateNews::Deleted;
    line.tell("hello/en", gone(), 20).await;
    assert_eq!(named(&line.shop, "hello").await, []);
    // The other tenant has no number of the account under this app.
    assert_eq!(named(&other, "hello").await.len(), 1);
    let turn = other.store.template_turn(WABA).await.unwrap().unwrap();
    assert_eq!(turn.due_at, at(3610));
    let mut channel = line.channel.clone();
    channel.id = other.store.take_channel_id().await.unwrap();
    channel.phone_number_id = "another".into();
    let new = storage::NewChannel {
        channel,
        at: at(20),
    };
    other.store.create_channel(new).await.unwrap();
    line.tell("hello/en", gone(), 30).await;
    assert_eq!(named(&other, "hello").await, []);
}

async fn a_status_is_told_when_it_is_another_whoever_says_so(place: &Place) {
    let line = Line::open(place).await;
    let shop = &line.shop;
    shop.webhook().await;
    let mut all = vec![listed("hello", "en"), listed("hello", "pt_BR")];
    shop.store
        .sync_templates(list(all.clone(), 10))
        .await
        .unwrap();
    assert_eq!(shop.happened().await, []);
    let paused = || TemplateNews::Status {
        status: "PAUSED".into(),
        reason: None,
    };
    line.tell("hello/en", paused(), 20).await;
    line.tell("hello/en", paused(), 21).await;
    line.tell("hello/en", TemplateNews::Quality("RED".into()), 22)
        .await;
    let told = shop.store.untold(10).await.unwrap();
    assert_eq!(told.len(), 1);
    let templates = named(shop, "hello").await;
    assert_eq!(told[0].kind, EventKind::TemplateStatusUpdated);
    assert_eq!(
        (told[0].subject_id, told[0].at),
        (templates[0].id.get(), at(20))
    );
    shop.forget().await;
    // The list knows of one that nobody spoke of, and of a third.
    all[0].status = "PAUSED".into();
    all[1].status = "REJECTED".into();
    all.push(listed("bye", "en"));
    shop.store
        .sync_templates(list(all.clone(), 30))
        .await
        .unwrap();
    shop.store.sync_templates(list(all, 40)).await.unwrap();
    let told = shop.store.untold(10).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].subject_id, told[0].at),
        (templates[1].id.get(), at(30))
    );
}
