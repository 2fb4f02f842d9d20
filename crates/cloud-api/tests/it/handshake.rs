//! The handshake before the first webhook.

use cloud_api::signature::Handshake;

#[test]
fn the_right_word_gets_the_challenge_back() {
    let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=open%20sesame%21";
    let handshake = Handshake::of_query(query).unwrap();
    assert_eq!(handshake.answer("open sesame!"), Some("1158201444"));
    assert_eq!(handshake.answer("open sesame"), None);
    assert_eq!(handshake.answer(""), None);
}

#[test]
fn no_word_is_never_the_right_one() {
    let query = "hub.mode=subscribe&hub.challenge=1&hub.verify_token=";
    assert_eq!(Handshake::of_query(query).unwrap().answer(""), None);
}

#[test]
fn anything_else_is_no_handshake() {
    for query in [
        "",
        "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=w",
        "hub.mode=subscribe&hub.verify_token=w",
        "hub.mode=subscribe&hub.challenge=1",
        "hub_mode=subscribe&hub_challenge=1&hub_verify_token=w",
    ] {
        assert!(Handshake::of_query(query).is_none(), "{query}");
    }
}
