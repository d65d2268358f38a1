//! A list that a forge hands out page by page, read whole.

use super::{Client, Error};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// As many entries as a forge puts on a page.
const PER_PAGE: usize = 100;

/// No list of more pages is read.
const MOST_PAGES: u64 = 300;

/// How many pages are asked for at once.
const AT_ONCE: usize = 8;

/// How often a list is read that changes meanwhile.
const READINGS: usize = 3;

/// An entry by which a page tells whether it was on another one.
pub(in crate::world::forge) trait Keyed {
    /// What no other entry of the list has; `None` where nothing tells entries apart.
    fn key(&self) -> Option<u64>;
}

impl Client {
    /// All entries of a list. One that stands on two pages says that the list changed between them, so it is read again.
    pub(in crate::world::forge) async fn list<T: DeserializeOwned + Keyed>(&self, path: &str) -> Result<Vec<T>, Error> {
        for _ in 0..READINGS {
            let entries: Vec<T> = self.read_pages(path).await?;
            let mut seen = BTreeSet::new();
            if entries.iter().filter_map(Keyed::key).all(|key| seen.insert(key)) {
                return Ok(entries);
            }
        }
        Err(Error::Changing { what: format!("`GET {path}`") })
    }

    /// The first page says how many there are; the others are asked for side by side. Behind a full last page there may be another,
    /// whatever was said.
    async fn read_pages<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Error> {
        let first = page(path, 1);
        let answer = self.read(&first).await?;
        let mut entries: Vec<T> = answer.json(&first)?;
        let mut last = answer.last_page().unwrap_or(1);
        if last > MOST_PAGES {
            return Err(too_many(path, last));
        }
        let mut is_full = entries.len() >= PER_PAGE;
        let mut says_more = last == 1 && answer.has_next_page();
        let others = stream::iter(2..=last).map(|number| self.page(path, number)).buffered(AT_ONCE);
        for other in others.try_collect::<Vec<Vec<T>>>().await? {
            if other.is_empty() {
                return Err(Error::Unusable { request: format!("GET {path}"), why: format!("one of its {last} pages is empty") });
            }
            is_full = other.len() >= PER_PAGE;
            entries.extend(other);
        }
        while (is_full || says_more) && last < MOST_PAGES {
            last += 1;
            let (more, says_next) = self.page_and_next(path, last).await?;
            if says_more && more.is_empty() {
                return Err(Error::Unusable { request: format!("GET {path}"), why: format!("its page {last} is empty") });
            }
            (is_full, says_more) = (more.len() >= PER_PAGE, says_next);
            entries.extend(more);
        }
        if is_full || says_more { Err(too_many(path, last)) } else { Ok(entries) }
    }

    /// All entries of a list whose pages have no numbers: each says where the next one is. `None` if there are more pages than that.
    pub(in crate::world::forge) async fn follow<T: DeserializeOwned>(&self, path: &str, pages: usize) -> Result<Option<Vec<T>>, Error> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut at = format!("{path}{separator}per_page={PER_PAGE}");
        let mut entries = Vec::new();
        for _ in 0..pages {
            let answer = self.read(&at).await?;
            entries.extend(answer.json::<Vec<T>>(&at)?);
            match answer.next_page() {
                None => return Ok(Some(entries)),
                Some(next) => at = self.here(&at, next)?,
            }
        }
        Ok(None)
    }

    async fn page<T: DeserializeOwned>(&self, path: &str, number: u64) -> Result<Vec<T>, Error> {
        Ok(self.page_and_next(path, number).await?.0)
    }

    /// One page, and whether there is another.
    pub(in crate::world::forge) async fn page_and_next<T: DeserializeOwned>(
        &self,
        path: &str,
        number: u64,
    ) -> Result<(Vec<T>, bool), Error> {
        let path = page(path, number);
        let answer = self.read(&path).await?;
        Ok((answer.json(&path)?, answer.has_next_page()))
    }
}

fn page(path: &str, number: u64) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}per_page={PER_PAGE}&page={number}")
}

fn too_many(path: &str, pages: u64) -> Error {
    Error::Unusable { request: format!("GET {path}"), why: format!("it has {pages} pages or more, and we read {MOST_PAGES}") }
}
