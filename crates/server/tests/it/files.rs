//! What lies in the data directory, and who may read it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::place::Place;
use crate::shop::Shop;

on_sqlite![
    data_is_for_its_owner_alone,
    a_directory_that_cannot_be_made_is_told,
    a_mistyped_directory_does_not_become_a_new_one,
];

async fn data_is_for_its_owner_alone(place: Place) {
    let server = place.sandbox().await;
    let shop = Shop::open(&place, "acme");
    assert_eq!(shop.create(&server, "+27820000401").await.status, 201);
    assert_eq!(mode(&place.data_dir()), 0o700);
    let files = std::fs::read_dir(place.data_dir()).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn a_directory_that_cannot_be_made_is_told(place: Place) {
    std::fs::write(place.data_dir(), "a file").unwrap();
    for words in [
        &["serve"][..],
        &["demo"],
        &["tenant", "create", "--slug", "a", "--name", "A"],
    ] {
        let failed = place.run(words);
        let complaint = failed.complaint();
        assert!(
            complaint.contains("cannot make the data directory"),
            "{complaint}"
        );
        assert!(complaint.contains("--data-dir"), "{complaint}");
    }
}

async fn a_mistyped_directory_does_not_become_a_new_one(place: Place) {
    let failed = place.run(&["key", "list", "--tenant", "acme"]);
    let complaint = failed.complaint();
    assert!(
        complaint.contains("there is no data directory"),
        "{complaint}"
    );
    assert!(!place.data_dir().exists());
}
