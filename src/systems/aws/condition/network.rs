//! Networks of IP addresses: <https://www.rfc-editor.org/rfc/rfc4632>.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

/// An address and how many of its first bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::systems::aws) struct Network {
    is_v4: bool,
    /// Left-aligned; what does not count is 0.
    first: u128,
    bits: u32,
}

impl Network {
    /// `10.0.0.0/8`, `2001:db8::/32`, or an address alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let (is_v4, number) = match address {
            IpAddr::V4(address) => (true, u128::from(u32::from(address)) << 96),
            IpAddr::V6(address) => (false, u128::from(address)),
        };
        let most = if is_v4 { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| {
            bits.parse().ok().filter(|_| bits.bytes().all(|byte| byte.is_ascii_digit()) && (bits == "0" || !bits.starts_with('0')))
        })?;
        (bits <= most).then(|| Self { is_v4, first: number & mask(bits), bits })
    }

    /// Whether it is one address.
    pub(super) fn is_address(&self) -> bool {
        self.bits == if self.is_v4 { 32 } else { 128 }
    }

    /// Whether the other lies within it.
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.is_v4 == other.is_v4 && self.bits <= other.bits && other.first & mask(self.bits) == self.first
    }

    /// All addresses of a kind.
    pub(super) fn all(is_v4: bool) -> Self {
        Self { is_v4, first: 0, bits: 0 }
    }

    /// An address in it and in none of the others.
    pub(super) fn outside(self, others: &[&Self]) -> Option<Self> {
        if others.iter().any(|other| other.contains(&self)) {
            return None;
        }
        let inside: Vec<&Self> = others.iter().filter(|other| self.contains(other)).copied().collect();
        if inside.is_empty() {
            return Some(Self { bits: if self.is_v4 { 32 } else { 128 }, ..self });
        }
        let low = Self { bits: self.bits + 1, ..self };
        let high = Self { first: self.first | 1 << (127 - self.bits), ..low };
        low.outside(&inside).or_else(|| high.outside(&inside))
    }
}

fn mask(bits: u32) -> u128 {
    u128::MAX.checked_shl(128 - bits).unwrap_or(0)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_v4 {
            write!(f, "{}", Ipv4Addr::from(u32::try_from(self.first >> 96).unwrap_or_default()))
        } else {
            write!(f, "{}", Ipv6Addr::from(self.first))
        }
    }
}
