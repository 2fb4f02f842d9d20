//! Lists of contacts: whatever is asked for, the page is the one that looking at every contact finds.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Bound;

use domain::Contact;
use domain::contact::{ContactField, ContactType};
use domain::ids::{GroupId, SourceId, StatusId};
use domain::listing::{Filter, Listing, Operand, Order, Span, Test};
use domain::name::Name;
use storage::testing::statement_of_contacts;
use storage::{
    BatchItem, BatchOut, BatchRules, ContactUpdate, LeaseName, NewContact, UniqueFields,
};

use crate::place::Place;
use crate::plans::{plan_of_postgres, plan_of_sqlite};
use crate::shop::{Shop, at, number};

on_both_engines! {
    a_page_is_what_looking_at_everybody_finds,
    what_waits_to_be_filed_is_listed_all_the_same,
    lists_of_many_are_read_by_an_index,
}

/// A shop with many contacts, as they are kept, and who is in the group.
struct Many {
    shop: Shop,
    contacts: Vec<Contact>,
    groups: HashMap<i64, GroupId>,
    group: GroupId,
    sources: [SourceId; 2],
    statuses: [StatusId; 2],
}

const ALL: usize = 7_000;

impl Many {
    async fn open(place: &Place) -> Self {
        let shop = Shop::open(place).await;
        let (source, status) = (
            shop.store
                .create_label::<SourceId>("Web", None, at(0))
                .await,
            shop.store
                .create_label::<StatusId>("Won", None, at(0))
                .await,
        );
        let group = shop.store.create_label::<GroupId>("VIP", None, at(0)).await;
        let group = group.unwrap().id;
        let defaults = shop.tenant.defaults;
        let sources = [defaults.source_id, source.unwrap().id];
        let statuses = [defaults.status_id, status.unwrap().id];
        let mut contacts = Vec::new();
        for first in (0..ALL).step_by(1000) {
            let items = (first..first + 1000).map(|index| {
                let new = nth(&shop, index, sources, statuses);
                BatchItem {
                    fields: UniqueFields {
                        phone: Some(new.phone.match_key()),
                        ..UniqueFields::default()
                    },
                    new: Some(new),
                }
            });
            let rules = BatchRules {
                skips_known: false,
                makes_others: true,
            };
            let outs = shop.store.create_contacts(items.collect(), rules).await;
            contacts.extend(outs.unwrap().into_iter().map(|out| match out {
                BatchOut::Created(contact) => contact,
                other => panic!("{other:?}"),
            }));
        }
        let members = contacts.iter().step_by(9).map(|it| it.id.get());
        let members: Vec<i64> = members.collect();
        let groups = members.iter().map(|id| (*id, group)).collect();
        shop.store.join_group(group, members).await.unwrap();
        Self {
            shop,
            contacts,
            groups,
            group,
            sources,
            statuses,
        }
    }

    async fn file(&self) {
        let name = LeaseName {
            tenant: self.shop.tenant.id.get(),
            name: "filing".into(),
        };
        let system = self.shop.database.system();
        let lease = system
            .take_lease(&name, "test", 600)
            .await
            .unwrap()
            .unwrap();
        while self.shop.store.file_for_search(&lease, 500).await.unwrap() > 0 {}
    }

    fn filters(&self) -> Vec<Filter<ContactField>> {
        let one = |field, value: Operand| filter(field, vec![Span::of(value)]);
        let within = |from: i64, to: i64| Span {
            from: Bound::Included(at(from).into()),
            to: Bound::Excluded(at(to).into()),
        };
        let above = |least: i64| Span {
            from: Bound::Included(least.into()),
            to: Bound::Unbounded,
        };
        let not = |filter: Filter<ContactField>| Filter {
            is_negated: true,
            ..filter
        };
        let null = |is_negated| Filter {
            field: ContactField::AssigneeId,
            test: Test::IsNull,
            is_negated,
        };
        vec![
            one(ContactField::Kind, "lead".into()),
            one(ContactField::Kind, "guest".into()),
            one(ContactField::Kind, "nothing".into()),
            one(ContactField::SourceId, self.sources[0].get().into()),
            one(ContactField::SourceId, self.sources[1].get().into()),
            not(one(ContactField::SourceId, self.sources[0].get().into())),
            one(ContactField::StatusId, self.statuses[1].get().into()),
            one(ContactField::AssigneeId, 3.into()),
            not(one(ContactField::AssigneeId, 3.into())),
            null(false),
            null(true),
            one(ContactField::GroupId, self.group.get().into()),
            not(one(ContactField::GroupId, self.group.get().into())),
            filter(ContactField::CreatedAt, vec![within(100, 200)]),
            filter(ContactField::CreatedAt, vec![within(0, 1_000_000)]),
            not(filter(ContactField::CreatedAt, vec![within(100, 6000)])),
            filter(ContactField::SourceId, vec![]),
            Filter {
                field: ContactField::Kind,
                test: Test::Contains("ES".into()),
                is_negated: false,
            },
            // Those that are greater than all there are, or than some.
            filter(ContactField::StatusId, vec![above(1 << 40)]),
            filter(ContactField::AssigneeId, vec![above(3)]),
            // Too many to sort at once; by the order of their changes they stand at one end.
            filter(ContactField::CreatedAt, vec![within(1_500, 1_000_000)]),
        ]
    }

    /// Returns what looking at everybody finds.
    fn expected(&self, listing: &Listing<ContactField>) -> (Vec<i64>, usize) {
        let passes = |contact: &&Contact| {
            listing.filters.iter().all(|filter| {
                let value = match filter.field {
                    ContactField::Kind => Some(contact.kind.as_str().into()),
                    ContactField::SourceId => Some(contact.source_id.get().into()),
                    ContactField::StatusId => Some(contact.status_id.get().into()),
                    ContactField::AssigneeId => contact.assignee_id.map(Operand::from),
                    ContactField::CreatedAt => Some(contact.created_at.into()),
                    ContactField::GroupId => {
                        let group = self.groups.get(&contact.id.get());
                        Some(group.map_or(0, |it| it.get()).into())
                    }
                    other => panic!("{other:?}"),
                };
                filter.passes(value.as_ref())
            })
        };
        let mut found: Vec<&Contact> = self.contacts.iter().filter(passes).collect();
        found.sort_by(|one, other| {
            let (field, order) = listing.sort[0];
            // Of one name by the other one, and last by the id, all of it one way.
            let then = match field {
                ContactField::FirstName => ContactField::LastName,
                ContactField::LastName => ContactField::FirstName,
                other => other,
            };
            let fields = [field, then, ContactField::Id].into_iter();
            let ordering = fields.fold(Ordering::Equal, |ordering, field| {
                ordering.then_with(|| sort_key(one, field).cmp(&sort_key(other, field)))
            });
            match order {
                Order::Ascending => ordering,
                Order::Descending => ordering.reverse(),
            }
        });
        let offset = usize::try_from(listing.offset()).unwrap();
        let limit = usize::try_from(listing.per_page).unwrap();
        let page = found.iter().skip(offset).take(limit);
        (page.map(|it| it.id.get()).collect(), found.len())
    }

    async fn assert_listed(&self, listing: &Listing<ContactField>) {
        let page = self.shop.store.page_of_contacts(listing).await.unwrap();
        let ids: Vec<i64> = page.items.iter().map(|it| it.id.get()).collect();
        let (expected, total) = self.expected(listing);
        assert_eq!(ids, expected, "{listing:?}");
        assert_eq!(page.total, i64::try_from(total).unwrap(), "{listing:?}");
    }
}

fn sort_key(contact: &Contact, field: ContactField) -> Operand {
    let text = |name: &Option<String>| name.clone().unwrap_or_default().to_lowercase();
    match field {
        ContactField::Id => contact.id.get().into(),
        ContactField::FirstName => Operand::Text(text(&contact.name.first)),
        ContactField::LastName => Operand::Text(text(&contact.name.last)),
        ContactField::CreatedAt => contact.created_at.into(),
        ContactField::UpdatedAt => contact.updated_at.into(),
        other => panic!("{other:?}"),
    }
}

fn filter(field: ContactField, spans: Vec<Span>) -> Filter<ContactField> {
    Filter {
        field,
        test: Test::Within(spans),
        is_negated: false,
    }
}

/// Everything about a contact follows from its number, in no order that is like another.
fn nth(shop: &Shop, index: usize, sources: [SourceId; 2], statuses: [StatusId; 2]) -> NewContact {
    let mixed = index * 7919 % 10_007;
    let kinds = [ContactType::Lead, ContactType::Lead, ContactType::Guest];
    let first = ["Ana", "bia", "Caio", "Davi", "Élio"][mixed % 5];
    let last = format!("Silva {}", mixed % 97);
    NewContact {
        name: Name::from_parts(first, &last),
        kind: kinds[mixed % 3],
        // The second one is rare.
        source_id: sources[usize::from(mixed.is_multiple_of(50))],
        status_id: statuses[mixed % 2],
        assignee_id: (!mixed.is_multiple_of(4)).then_some(i64::try_from(mixed % 7).unwrap()),
        at: at(i64::try_from(mixed).unwrap()),
        ..shop.new_contact(&number(index))
    }
}

fn listing(
    filters: Vec<Filter<ContactField>>,
    (field, order): (ContactField, Order),
    page: i64,
) -> Listing<ContactField> {
    Listing {
        page,
        per_page: 15,
        sort: vec![(field, order)],
        search: None,
        filters,
    }
}

const SORTS: [(ContactField, Order); 10] = [
    (ContactField::Id, Order::Ascending),
    (ContactField::Id, Order::Descending),
    (ContactField::FirstName, Order::Ascending),
    (ContactField::FirstName, Order::Descending),
    (ContactField::LastName, Order::Ascending),
    (ContactField::LastName, Order::Descending),
    (ContactField::CreatedAt, Order::Ascending),
    (ContactField::CreatedAt, Order::Descending),
    (ContactField::UpdatedAt, Order::Ascending),
    (ContactField::UpdatedAt, Order::Descending),
];

async fn a_page_is_what_looking_at_everybody_finds(place: &Place) {
    let many = Many::open(place).await;
    many.file().await;
    for sort in SORTS {
        for page in [1, 7, 467, 468] {
            many.assert_listed(&listing(vec![], sort, page)).await;
        }
        for filter in many.filters() {
            many.assert_listed(&listing(vec![filter.clone()], sort, 1))
                .await;
            many.assert_listed(&listing(vec![filter], sort, 3)).await;
        }
    }
    let filters = many.filters();
    for (one, other) in [(0, 4), (3, 6), (11, 0), (12, 9), (14, 13), (8, 2)] {
        let both = vec![filters[one].clone(), filters[other].clone()];
        for sort in [SORTS[2], SORTS[7]] {
            many.assert_listed(&listing(both.clone(), sort, 2)).await;
        }
    }
}

async fn what_waits_to_be_filed_is_listed_all_the_same(place: &Place) {
    let mut many = Many::open(place).await;
    many.file().await;
    // Some change, some go, some come, and nothing of it is filed.
    for index in (0..ALL).step_by(211) {
        let update = ContactUpdate {
            first_name: Some("Zoë".into()),
            source_id: Some(many.sources[1].get()),
            ..ContactUpdate::default()
        };
        let id = many.contacts[index].id;
        many.shop
            .store
            .update_contact(id, update, at(20_000))
            .await
            .unwrap();
        many.contacts[index] = many.shop.contact(id).await;
    }
    let gone: Vec<_> = (100..140).map(|index| many.contacts[index].id).collect();
    many.contacts.retain(|it| !gone.contains(&it.id));
    many.shop.store.delete_contacts(gone).await.unwrap();
    for index in 0..20 {
        let mut new = nth(&many.shop, index, many.sources, many.statuses);
        new.phone = crate::shop::phone(&number(ALL + index));
        let made = crate::shop::created(many.shop.create_as(new).await.unwrap());
        many.contacts.push(made);
    }
    for is_filed in [false, true] {
        for sort in [SORTS[0], SORTS[3], SORTS[7], SORTS[9]] {
            for filter in many.filters() {
                for page in [1, 2] {
                    many.assert_listed(&listing(vec![filter.clone()], sort, page))
                        .await;
                }
            }
            many.assert_listed(&listing(vec![], sort, 1)).await;
            many.assert_listed(&listing(vec![], sort, 450)).await;
        }
        if !is_filed {
            many.file().await;
        }
    }
}

async fn lists_of_many_are_read_by_an_index(place: &Place) {
    let many = Many::open(place).await;
    many.file().await;
    place.raw().await.run("ANALYZE").await;
    for sort in SORTS {
        let mut asked = vec![vec![]];
        asked.extend(many.filters().into_iter().map(|filter| vec![filter]));
        for filters in asked {
            let listing = listing(filters, sort, 1);
            let asked = statement_of_contacts(&many.shop.store, &listing).await;
            let (sql, is_in_order) = asked.unwrap();
            let plan = if place.is_sqlite() {
                plan_of_sqlite(&place.raw().await, &sql).await
            } else {
                plan_of_postgres(&place.raw().await, &sql).await
            };
            let is_bad = |line: &String| {
                // What is walked is the table `w`, of which `l` is the beginning.
                let is_walk = sql.contains("listed_contacts w");
                let reads_all = [
                    if is_walk { "SCAN w" } else { "SCAN l" },
                    "SCAN m",
                    "Seq Scan",
                ];
                let sorts_all = ["USE TEMP B-TREE FOR ORDER BY", "->  Sort", "Sort  (cost"];
                let sorts = sorts_all.iter().any(|it| line.contains(it));
                let is_partial = line.contains("Incremental Sort");
                reads_all.iter().any(|it| line.contains(it)) || is_in_order && sorts && !is_partial
            };
            assert!(
                !plan.iter().any(is_bad),
                "{listing:?}\n{sql}\n{}",
                plan.join("\n")
            );
        }
    }
}
