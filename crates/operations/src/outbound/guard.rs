//! Who may be asked on a tenant's behalf: everybody on the internet, and nobody behind the server.
//!
//! An address that a tenant gives must not reach what only this machine can reach: its own ports,
//! the network it stands in, the cloud's metadata. So every address is checked when it is connected
//! to, after names are resolved, and the operator names the exceptions.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

/// Networks of IPv4 that are nobody's on the internet, from IANA's registry of special addresses.
const NOT_PUBLIC: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // carriers' own, and Alibaba's metadata
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's metadata, in the middle of the internet
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, and most clouds' metadata
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocols, and Oracle's metadata
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24),  // AS112
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // relays to IPv6
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, and broadcast
];

/// What the internet is of IPv6; loopback, link-local, unique-local and multicast lie outside.
const PUBLIC_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Networks in there that are not, or that lead to addresses of IPv4.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocols, Teredo among them
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// How a network that has only IPv6 reaches IPv4; the address stands at the end.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// It is no address at all.
    #[error("the address is not one of the web")]
    NoAddress,
    /// It is not of the web.
    #[error("the address does not begin with http:// or https://")]
    Scheme,
    /// It carries a secret, which would end up in places where it does not belong.
    #[error("the address carries a user name or a password")]
    Credentials,
    /// It leads to where only this server can go.
    #[error("the address leads into a private network, which only the operator can allow")]
    Private,
}

/// An entry of the operator's list that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write addresses such as 10.1.2.3, networks such as 10.0.0.0/8 and names such as media.internal"
)]
pub struct BadEntry;

/// Tells the internet from what lies behind this server, with the operator's exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    names: Vec<String>,
    networks: Vec<Network>,
}

/// Addresses that begin alike; those of IPv4 as IPv6 maps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    first: u128,
    bits: u32,
}

impl Guard {
    /// Returns a guard that also lets through these addresses, networks and names.
    pub fn allowing<T: AsRef<str>>(entries: &[T]) -> Result<Self, BadEntry> {
        let mut guard = Self::default();
        for entry in entries {
            let entry = entry.as_ref().trim();
            if let Some(network) = Network::parse(entry) {
                guard.networks.push(network);
            } else if is_name(entry) {
                guard.names.push(plain(entry));
            } else {
                return Err(BadEntry);
            }
        }
        Ok(guard)
    }

    /// Checks all of an address that can be checked before its name is resolved.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Refusal> {
        if !["http", "https"].contains(&url.scheme()) {
            return Err(Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        let host = url.host_str().ok_or(Refusal::NoAddress)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        match literal {
            Ok(address) if !self.allows(host, address) => Err(Refusal::Private),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Says whether the operator named this address, its network or its name as an exception.
    pub(crate) fn excepts(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        let is_in = |address: IpAddr| {
            let number = mapped(address);
            self.networks.iter().any(|it| it.contains(number))
        };
        literal.is_ok_and(is_in) || self.names.contains(&plain(host))
    }

    /// Says whether a name that was resolved to an address may be asked there.
    pub(crate) fn allows(&self, host: &str, address: IpAddr) -> bool {
        let number = mapped(address);
        is_public(address)
            || self.networks.iter().any(|it| it.contains(number))
            || self.names.contains(&plain(host))
    }
}

impl Network {
    fn new(address: IpAddr, bits: u32) -> Option<Self> {
        let bits = match address {
            IpAddr::V4(_) if bits <= 32 => bits + 96,
            IpAddr::V6(_) if bits <= 128 => bits,
            IpAddr::V4(_) | IpAddr::V6(_) => return None,
        };
        Some(Self {
            first: mapped(address),
            bits,
        })
    }

    fn parse(entry: &str) -> Option<Self> {
        match entry.split_once('/') {
            Some((address, bits)) => Self::new(address.parse().ok()?, bits.parse().ok()?),
            None => {
                let address: IpAddr = entry.parse().ok()?;
                Self::new(address, if address.is_ipv4() { 32 } else { 128 })
            }
        }
    }

    fn contains(self, number: u128) -> bool {
        (self.first ^ number)
            .checked_shr(128 - self.bits)
            .unwrap_or(0)
            == 0
    }
}

/// Says whether an address is somebody's on the internet.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !is_in_any(address.into(), &NOT_PUBLIC),
        IpAddr::V6(address) if is_in_any(address.into(), &[NAT64]) => {
            let [.., a, b, c, d] = address.octets();
            is_public(Ipv4Addr::new(a, b, c, d).into())
        }
        IpAddr::V6(address) => {
            is_in_any(address.into(), &[PUBLIC_V6]) && !is_in_any(address.into(), &NOT_PUBLIC_V6)
        }
    }
}

fn is_in_any<A: Into<IpAddr> + Copy>(address: IpAddr, networks: &[(A, u32)]) -> bool {
    let number = mapped(address);
    networks
        .iter()
        .filter_map(|(first, bits)| Network::new((*first).into(), *bits))
        .any(|it| it.contains(number))
}

/// Returns the number of an address, the same for both spellings of one of IPv4.
fn mapped(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Says whether an entry can be a name; what ends in a number would be read as an address.
fn is_name(entry: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let last = entry.rsplit('.').next().unwrap_or_default();
    entry.split('.').all(is_part) && last.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::{Guard, Refusal, is_public};
    use reqwest::Url;

    fn check(guard: &Guard, url: &str) -> Result<(), Refusal> {
        guard.check(&Url::parse(url).map_err(|_| Refusal::NoAddress)?)
    }

    #[test]
    fn what_lies_behind_the_server_is_not_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.31.196.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
            let mapped = format!("::ffff:{address}");
            assert!(!is_public(mapped.parse().unwrap()), "{mapped}");
            let translated = format!("64:ff9b::{address}");
            assert!(!is_public(translated.parse().unwrap()), "{translated}");
            // The first ways to write one of IPv4, long given up.
            let compatible = format!("::{address}");
            assert!(!is_public(compatible.parse().unwrap()), "{compatible}");
        }
    }

    #[test]
    fn nor_is_what_lies_behind_it_by_the_newer_addresses() {
        for address in [
            "::",
            "::1",
            "::2",
            "100::1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
            "2001::1",
            "2001:0:4136:e378::1",
            "2001:10::1",
            "2001:20::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a00:1::",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "8000::1",
            "1fff::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_internet_is_public_up_to_its_edges() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
            let mapped = format!("::ffff:{address}");
            assert!(is_public(mapped.parse().unwrap()), "{mapped}");
            let translated = format!("64:ff9b::{address}");
            assert!(is_public(translated.parse().unwrap()), "{translated}");
        }
        for address in [
            "2000::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2001:db7::1",
            "2001:db9::1",
            "2003::1",
            "2606:4700::1111",
            "2a03:2880::1",
            "3ffe:ffff::1",
            "3fff:1000::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_is_known_in_every_disguise() {
        let guard = Guard::default();
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://127.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.1/",
            "http://017700000001/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://127.0.0.1:80/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://0/",
            "http://%31%32%37.0.0.1/",
            "http://\u{ff11}27.0.0.1/",
            "http://127\u{3002}0.0.1/",
            "http:\\\\127.0.0.1\\",
            "https://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/",
        ] {
            assert_eq!(check(&guard, url), Err(Refusal::Private), "{url}");
        }
        for url in [
            "https://1.1.1.1/",
            "http://[2606:4700::1111]/",
            "https://cdn.example/x?y",
        ] {
            assert_eq!(check(&guard, url), Ok(()), "{url}");
        }
    }

    #[test]
    fn what_is_not_of_the_web_or_carries_a_secret_is_refused() {
        let guard = Guard::default();
        for (url, refusal) in [
            ("file:///etc/passwd", Refusal::Scheme),
            ("ftp://cdn.example/x", Refusal::Scheme),
            ("gopher://127.0.0.1/", Refusal::Scheme),
            ("data:image/png;base64,AAAA", Refusal::Scheme),
            ("https://user@cdn.example/", Refusal::Credentials),
            ("https://:hush@cdn.example/", Refusal::Credentials),
            ("https://127.0.0.1@cdn.example/", Refusal::Credentials),
            ("//cdn.example/x", Refusal::NoAddress),
            ("cdn.example/x", Refusal::NoAddress),
            ("http://", Refusal::NoAddress),
            ("http://[::1/", Refusal::NoAddress),
            ("", Refusal::NoAddress),
        ] {
            assert_eq!(check(&guard, url), Err(refusal), "{url}");
        }
    }

    #[test]
    fn the_operator_allows_addresses_networks_and_names() {
        let entries = [
            "127.0.0.1/32",
            " 10.0.0.0/8",
            "fd00::/8",
            "192.168.1.7",
            "Media.Internal",
        ];
        let guard = Guard::allowing(&entries).unwrap();
        for (host, address, is_allowed) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1", true),
            ("x", "10.255.0.1", true),
            ("x", "11.0.0.1", true),
            ("x", "172.16.0.1", false),
            ("x", "fd12::1", true),
            ("x", "fc12::1", false),
            ("x", "192.168.1.7", true),
            ("x", "192.168.1.8", false),
            ("media.internal", "172.16.0.1", true),
            ("MEDIA.internal.", "::1", true),
            ("evil.media.internal", "172.16.0.1", false),
            ("media.internal.evil", "172.16.0.1", false),
        ] {
            let said = guard.allows(host, address.parse().unwrap());
            assert_eq!(said, is_allowed, "{host} {address}");
        }
        assert_eq!(check(&guard, "http://127.0.0.1:8080/x"), Ok(()));
        assert_eq!(check(&guard, "http://[::1]/x"), Err(Refusal::Private));
        let all = Guard::allowing(&["0.0.0.0/0", "::/0"]).unwrap();
        assert!(all.allows("x", "127.0.0.1".parse().unwrap()));
        assert!(all.allows("x", "::1".parse().unwrap()));
        let only_v4 = Guard::allowing(&["0.0.0.0/0"]).unwrap();
        assert!(!only_v4.allows("x", "::1".parse().unwrap()));
    }

    #[test]
    fn an_entry_that_is_none_is_refused() {
        for entry in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "10.0.0.256",
            "10.0.0.0/",
            "/8",
            "a b",
            "*",
            "*.internal",
            "http://x",
            "x:80",
            "10.1",
            "x..y",
            "media.7",
        ] {
            assert!(Guard::allowing(&[entry]).is_err(), "{entry}");
        }
    }
}
