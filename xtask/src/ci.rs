//! `cargo xtask ci`: what `.ci/run` does, with the time of each step.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::{test, tidy, workspace};

pub(crate) const HELP: &str = "\
Runs all that CI runs, cheapest first, and stops at the first failure: format, tidy, clippy,
rustdoc (both with warnings denied), tests. Prints how long each took.

Usage: cargo xtask ci";

type Step = fn() -> anyhow::Result<bool>;

const STEPS: &[(&str, Step)] = &[
    ("format", || cargo(&["fmt", "--all", "--", "--check"])),
    ("tidy", || Ok(tidy::run(&[])? == ExitCode::SUCCESS)),
    ("clippy", || {
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])
    }),
    ("rustdoc", rustdoc),
    ("tests", || Ok(test::run(&[])? == ExitCode::SUCCESS)),
];

pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(args.is_empty(), "`ci` takes no arguments\n\n{HELP}");
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for (name, step) in STEPS {
        println!("\n== {name}");
        let started = Instant::now();
        let passed = step()?;
        times.push((name, started.elapsed()));
        if !passed {
            report(&times);
            println!("\n{name} failed");
            return Ok(ExitCode::FAILURE);
        }
    }
    report(&times);
    Ok(ExitCode::SUCCESS)
}

fn rustdoc() -> anyhow::Result<bool> {
    let mut command = workspace::cargo();
    command
        .args(["doc", "--workspace", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings");
    Ok(workspace::status(&mut command)?.success())
}

fn cargo(args: &[&str]) -> anyhow::Result<bool> {
    Ok(workspace::status(workspace::cargo().args(args))?.success())
}

fn report(times: &[(&str, Duration)]) {
    println!();
    for (name, time) in times {
        println!("{name:<8} {:>7.1} s", time.as_secs_f64());
    }
}
