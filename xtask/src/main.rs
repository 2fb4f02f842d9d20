//! The project's own commands. `cargo xtask` alone lists them.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool answers on standard output"
)]

mod bench;
mod ci;
mod install;
mod postgres;
mod program;
mod python;
mod run;
mod test;
mod tidy;
mod torture;
mod workspace;

use std::process::ExitCode;

/// One command: what the user types, what it is for, and what it does.
struct Command {
    name: &'static str,
    brief: &'static str,
    help: &'static str,
    run: fn(&[String]) -> anyhow::Result<ExitCode>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "run",
        brief: "Build Switchboard and start it here with demo data",
        help: run::HELP,
        run: run::run,
    },
    Command {
        name: "test",
        brief: "Run every test, on SQLite and on a private Postgres",
        help: test::HELP,
        run: test::run,
    },
    Command {
        name: "ci",
        brief: "Run all that CI runs: format, tidy, clippy, rustdoc, tests",
        help: ci::HELP,
        run: ci::run,
    },
    Command {
        name: "tidy",
        brief: "Check the conventions that no compiler knows",
        help: tidy::HELP,
        run: tidy::run,
    },
    Command {
        name: "bench",
        brief: "Measure speed and memory against what this machine can do",
        help: bench::HELP,
        run: bench::run,
    },
    Command {
        name: "torture",
        brief: "Kill a server under load again and again, and check its data",
        help: torture::HELP,
        run: torture::run,
    },
    Command {
        name: "postgres",
        brief: "Keep a throw-away Postgres running until Ctrl-C",
        help: postgres::HELP,
        run: postgres::run,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> anyhow::Result<ExitCode> {
    let Some((name, rest)) = args.split_first() else {
        println!("{}", overview());
        return Ok(ExitCode::FAILURE);
    };
    if is_help(name) || name == "help" {
        println!("{}", overview());
        return Ok(ExitCode::SUCCESS);
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        anyhow::bail!("there is no command `{name}`\n\n{}", overview());
    };
    // What stands after `--` belongs to the program that we start.
    if rest
        .iter()
        .take_while(|arg| *arg != "--")
        .any(|arg| is_help(arg))
    {
        println!("{}", command.help);
        return Ok(ExitCode::SUCCESS);
    }
    (command.run)(rest)
}

fn is_help(arg: &str) -> bool {
    arg == "--help" || arg == "-h"
}

fn overview() -> String {
    let mut text = String::from("Usage: cargo xtask COMMAND [ARGUMENTS]\n\n");
    for command in COMMANDS {
        text.push_str(&format!("  {:<10} {}\n", command.name, command.brief));
    }
    text.push_str("\nMore about one of them: cargo xtask COMMAND --help");
    text
}
