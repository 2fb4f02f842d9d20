//! What Linux says of processes: CPU time and memory.

use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;

/// `USER_HZ`, which is 100 on every Linux that Rust's standard library runs on here.
const TICKS_PER_SECOND: f64 = 100.0;

/// The processes that are measured beside this one, by their ids.
#[derive(Clone, Copy)]
pub(crate) struct Processes {
    pub(crate) server: u32,
    pub(crate) simulator: Option<u32>,
}

/// CPU seconds used since the start: of the load generator, of the others, of the machine.
pub(crate) struct CpuTimes {
    load: f64,
    server: f64,
    simulator: Option<f64>,
    machine: f64,
}

/// How many cores were busy on average.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Cores {
    pub(crate) load: f64,
    pub(crate) server: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) simulator: Option<f64>,
    /// All there was, the database server and strangers included.
    pub(crate) machine: f64,
}

/// Resident memory of a process.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Memory {
    pub(crate) now_megabytes: f64,
    pub(crate) peak_megabytes: f64,
}

impl Processes {
    pub(crate) fn cpu_times(self) -> anyhow::Result<CpuTimes> {
        let of_machine = read("/proc/stat")?;
        let fields = of_machine.lines().next().context("/proc/stat is empty")?;
        // user, nice, system, idle, iowait, irq, softirq: all but the fourth and fifth are work.
        let ticks: Vec<f64> = fields.split_whitespace().flat_map(str::parse).collect();
        let busy = ticks.iter().take(7).sum::<f64>() - ticks.iter().skip(3).take(2).sum::<f64>();
        let simulator = self.simulator.map(|it| of_process(&it.to_string()));
        Ok(CpuTimes {
            load: of_process("self")?,
            server: of_process(&self.server.to_string())?,
            simulator: simulator.transpose()?,
            machine: busy / TICKS_PER_SECOND,
        })
    }
}

impl CpuTimes {
    pub(crate) fn since(&self, before: &Self, elapsed: Duration) -> Cores {
        let cores = |now: f64, before: f64| (now - before) / elapsed.as_secs_f64();
        let simulator = self.simulator.zip(before.simulator);
        Cores {
            load: cores(self.load, before.load),
            server: cores(self.server, before.server),
            simulator: simulator.map(|(now, before)| cores(now, before)),
            machine: cores(self.machine, before.machine),
        }
    }
}

impl Memory {
    /// Lets the peak of a process of ours count from now on.
    pub(crate) fn forget_peak(process: u32) -> anyhow::Result<()> {
        let path = format!("/proc/{process}/clear_refs");
        std::fs::write(&path, "5").with_context(|| format!("writing {path}"))
    }

    pub(crate) fn read(process: u32) -> anyhow::Result<Self> {
        let status = read(&format!("/proc/{process}/status"))?;
        let megabytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
            Some(kilobytes / 1_024.0)
        };
        Ok(Self {
            now_megabytes: megabytes("VmRSS:").context("no VmRSS")?,
            peak_megabytes: megabytes("VmHWM:").context("no VmHWM")?,
        })
    }
}

fn of_process(process: &str) -> anyhow::Result<f64> {
    let stat = read(&format!("/proc/{process}/stat"))?;
    // The program's name, in brackets, may itself hold spaces and brackets.
    let (_, fields) = stat.rsplit_once(')').context("an odd /proc/PID/stat")?;
    let times = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .flat_map(str::parse::<f64>);
    Ok(times.sum::<f64>() / TICKS_PER_SECOND)
}

fn read(path: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {path}"))
}

#[cfg(test)]
mod tests {
    use super::{Memory, Processes};

    #[test]
    fn a_process_has_time_and_memory() {
        let this = std::process::id();
        let processes = Processes {
            server: this,
            simulator: Some(this),
        };
        let times = processes.cpu_times().unwrap();
        assert!(times.simulator.is_some());
        assert!(times.machine > 0.0 && times.machine >= times.load);
        let memory = Memory::read(this).unwrap();
        assert!(memory.now_megabytes > 0.5 && memory.peak_megabytes >= memory.now_megabytes);
    }
}
