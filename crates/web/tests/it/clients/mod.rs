//! Programs that nobody here wrote, run against a server on a socket.

mod examples;
mod schemathesis;

use std::process::{Command, Output, Stdio};

use test_support::TestServer;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Runs what `command` makes of the server's address, while the server answers.
async fn beside(server: &TestServer, command: impl FnOnce(&str) -> Command) -> Output {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut command = command(&format!("http://{}", listener.local_addr().unwrap()));
    let (stop, stopped) = oneshot::channel::<()>();
    let web = server.web().clone();
    let serving = web::serve(listener, web, web::Limits::default(), stopped);
    let running = async {
        command.stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output());
        let output = output.await.unwrap().unwrap();
        drop(stop);
        output
    };
    let ((), output) = tokio::join!(serving, running);
    server.settle().await;
    output
}

/// Returns what a program said that had to succeed.
fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaint}");
    said
}
