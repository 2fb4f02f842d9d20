//! `/docs`: what each API can do, for people and for programs.

use http::Method;
use test_support::TestServer;

#[tokio::test]
async fn each_api_describes_itself_to_whoever_asks() {
    let server = TestServer::start().await;
    let stranger = server.stranger();
    for (dialect, title) in [
        ("flowiq", "FlowIQ"),
        ("flowella", "Flowella"),
        ("wacr", "WA.cr API v2"),
    ] {
        let path = format!("/docs/{dialect}");
        let page = stranger.get(&path).await;
        assert_eq!(page.status, 200);
        page.assert_header("content-type", "text/html; charset=utf-8");
        page.assert_header(
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'",
        );
        assert!(page.text().contains(&format!("<title>{title}</title>")));
        let document = stranger.get(&format!("{path}/openapi.json")).await;
        assert_eq!(document.status, 200);
        document.assert_header("content-type", "application/json");
        let document = document.json();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["info"]["title"], title);
        let head = stranger.request(Method::HEAD, &path, "").await;
        assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
        assert_eq!(stranger.request(Method::POST, &path, "").await.status, 405);
    }
}

#[tokio::test]
async fn what_nobody_wrote_is_not_found() {
    let server = TestServer::start().await;
    for path in [
        "/docs",
        "/docs/",
        "/docs/flowiq/",
        "/docs/nobody",
        "/docs/flowiq/openapi.yaml",
    ] {
        server.stranger().get(path).await.assert(
            404,
            r#"{"error":"Not found","message":"There is no such endpoint"}"#,
        );
    }
}
