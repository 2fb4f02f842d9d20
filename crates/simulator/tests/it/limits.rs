//! How fast, and to whom.

use domain::Clock;
use serde_json::{Value, json};
use simulator::{Config, Fault, Line, Rules};

use crate::business::{Business, LINE, to_somebody};

struct Shop {
    business: Business,
    clock: Clock,
}

impl Shop {
    async fn start(rules: Rules) -> Self {
        let clock = Clock::fixed(Clock::system().now());
        let config = Config {
            rules,
            clock: clock.clone(),
            ..Config::default()
        };
        let business = Business::start_with(config).await;
        Self { business, clock }
    }

    /// Sends texts to somebody; returns the codes of those that were refused.
    async fn send(&self, to: &str, count: usize) -> Vec<Value> {
        let mut codes = Vec::new();
        for _ in 0..count {
            let mut message = to_somebody("text", json!({"body": "b"}));
            message["to"] = json!(to);
            let (status, answer) = self.business.send(&message).await;
            if status != 200 {
                codes.push(answer["error"]["code"].clone());
            }
        }
        codes
    }
}

#[tokio::test]
async fn a_line_sends_no_more_than_its_tier_in_a_second() {
    let shop = Shop::start(Rules {
        tier_per_second: 10,
        ..Rules::default()
    })
    .await;
    assert_eq!(shop.send("27821112233", 12).await, [130_429, 130_429]);
    shop.clock.advance_seconds(1);
    assert_eq!(shop.send("27821112233", 11).await, [130_429]);
    assert_eq!(shop.business.simulator.most_in_any_second(LINE), 10);

    // A tier of its own, and another line.
    let line = Line {
        phone_number_id: LINE.into(),
        tier_per_second: Some(0),
        ..Line::default()
    };
    shop.business.simulator.add_line(line).unwrap();
    assert!(shop.send("27821112233", 20).await.is_empty());
    let (_, rates) = shop.business.get("/simulator/rates").await;
    assert_eq!(rates["lines"][0]["taken"], 40);
    assert_eq!(rates["lines"][0]["most_in_any_second"], 30);
    let seconds: Vec<_> = rates["lines"][0]["seconds"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(
        (&seconds[0]["taken"], &seconds[1]["taken"]),
        (&json!(10), &json!(30))
    );
}

#[tokio::test]
async fn a_pair_has_45_at_once_and_one_in_6_seconds() {
    let shop = Shop::start(Rules {
        limits_pairs: true,
        ..Rules::default()
    })
    .await;
    assert_eq!(shop.send("+5541996910256", 46).await, [131_056]);
    // However the number is written; other people are other pairs.
    assert_eq!(shop.send("554196910256", 1).await, [131_056]);
    assert!(shop.send("27821112233", 1).await.is_empty());
    shop.clock.advance_seconds(5);
    assert_eq!(shop.send("554196910256", 1).await, [131_056]);
    shop.clock.advance_seconds(1);
    assert_eq!(shop.send("554196910256", 2).await, [131_056]);
}

#[tokio::test]
async fn a_message_over_the_limit_leaves_its_fault_to_the_next() {
    let shop = Shop::start(Rules {
        tier_per_second: 1,
        ..Rules::default()
    })
    .await;
    shop.send("27821112233", 1).await;
    shop.business.simulator.fault_next(Fault::HangUp);
    assert_eq!(shop.send("27821112233", 1).await, [130_429]);
    shop.clock.advance_seconds(1);
    let message = to_somebody("text", json!({"body": "b"}));
    shop.business.begin(&message).send().await.unwrap_err();
    assert_eq!(shop.business.simulator.sent().len(), 2);
}
