//! Long lists: the first items in sight, the rest folded, and what does not fit counted.

use crate::report::words::count;

/// How a list is shown.
pub(super) struct Section {
    /// What one item is.
    pub(super) what: &'static str,
    /// How many items are not folded; with none, all of them fold under the title.
    pub(super) in_sight: usize,
    /// How much all items may take together in a comment.
    pub(super) most_bytes: usize,
}

/// One item of a list.
pub(super) struct Item {
    /// Stands above the item, unless it stands above the one before already.
    pub(super) above: String,
    pub(super) text: String,
}

impl From<String> for Item {
    fn from(text: String) -> Self {
        Self { above: String::new(), text }
    }
}

impl Section {
    /// The section on a page that has room for so many comments; nothing without items. They come the most telling first: what no longer
    /// fits is counted, and is the least telling.
    pub(super) fn shown(&self, title: &str, items: Vec<Item>, room: usize) -> String {
        let all = items.len();
        if all == 0 {
            return String::new();
        }
        let fitting = together(self.fitting(items, room));
        let (first, rest) = fitting.split_at(self.in_sight.min(fitting.len()));
        let left = match all - fitting.len() {
            0 => String::new(),
            left => format!("\nand {} that are not shown here; `--format text` and `--format json` have all.\n", count(left, self.what)),
        };
        match (first, rest) {
            ([], rest) => folded(title, &(lines(rest) + &left)),
            (first, []) => format!("{title}\n\n{}{left}", lines(first)),
            (first, rest) => {
                let more = format!("{} more", count(rest.len(), self.what));
                format!("{title}\n\n{}\n{}", lines(first), folded(&more, &(lines(rest) + &left)))
            }
        }
    }

    /// The first items that fit.
    fn fitting(&self, items: Vec<Item>, room: usize) -> Vec<Item> {
        let mut bytes = 0;
        let within = |item: &Item| {
            bytes += item.above.len() + item.text.len() + 4;
            bytes <= self.most_bytes * room
        };
        items.into_iter().take_while(within).collect()
    }
}

/// Items with the same line above stand together, where the first of them stood.
fn together(items: Vec<Item>) -> Vec<Item> {
    let mut groups: Vec<(String, Vec<Item>)> = Vec::new();
    let mut numbers = std::collections::HashMap::new();
    for item in items {
        let next = groups.len();
        let number = *numbers.entry(item.above.clone()).or_insert(next);
        match groups.get_mut(number) {
            Some((_, group)) => group.push(item),
            None => groups.push((item.above.clone(), vec![item])),
        }
    }
    groups.into_iter().flat_map(|(_, group)| group).collect()
}

fn lines(items: &[Item]) -> String {
    let mut text = String::new();
    let mut above = "";
    for item in items {
        if item.above != above {
            above = &item.above;
            let before = if text.is_empty() { "" } else { "\n" };
            text.extend([before, above, "\n\n"]);
        }
        text.extend([item.text.as_str(), "\n"]);
    }
    text
}

/// The empty lines are what makes GitHub and GitLab read Markdown inside.
fn folded(title: &str, text: &str) -> String {
    format!("<details><summary>{title}</summary>\n\n{text}\n</details>")
}
