//! Signatures, against ones computed elsewhere: `hmac.new(secret, body, sha256).hexdigest()` of
//! Python, and RFC 4231.

use cloud_api::signature::{sign, verify};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const BODY: &[u8] = br#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"text":"caf\u00e9 \ud83d\ude00"}}]}]}"#;
const SIGNATURE: &str = "sha256=8860361592d175a40500f1b73895ea0be3efa8656c521d2edce501eb8e0e2377";

#[test]
fn signatures_are_those_that_others_compute() {
    assert_eq!(sign(SECRET, BODY), SIGNATURE);
    assert_eq!(
        sign("Jefe", b"what do ya want for nothing?"),
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    assert_eq!(
        sign(&"s".repeat(200), b""),
        "sha256=b3c9ed534df3b8f880dd91aa5e8fcee8a7ffb360979491349f3d9e3b3b8e802d"
    );
}

#[test]
fn what_meta_signed_is_taken() {
    assert!(verify(SECRET, BODY, SIGNATURE));
    let upper = SIGNATURE.to_uppercase().replace("SHA", "sha");
    assert!(verify(SECRET, BODY, &upper));
}

#[test]
fn what_anybody_else_signed_is_not() {
    let changed = [BODY, b" "].concat();
    assert!(!verify(SECRET, &changed, SIGNATURE));
    assert!(!verify("another secret", BODY, SIGNATURE));
    assert!(!verify("", BODY, &sign("", BODY)));
    let (digits, sha1) = (&SIGNATURE[7..], SIGNATURE.replace("sha256", "sha1"));
    let (short, long) = (&SIGNATURE[..69], format!("{SIGNATURE}00"));
    let strange = SIGNATURE.replace('8', "g");
    for header in [
        "",
        "sha256=",
        "sha256",
        digits,
        &sha1,
        short,
        &long,
        &strange,
        "sha256=é",
    ] {
        assert!(!verify(SECRET, BODY, header), "{header}");
    }
    let odd = &SIGNATURE[..SIGNATURE.len() - 1];
    assert!(!verify(SECRET, BODY, odd));
}

#[test]
fn the_same_words_written_otherwise_have_another_signature() {
    let value: serde_json::Value = serde_json::from_slice(BODY).unwrap();
    let again = serde_json::to_vec(&value).unwrap();
    assert!(!verify(SECRET, &again, SIGNATURE));
}
