//! Files one behind the other, so that parts of all of them can stand in one document, and each is still placed in its own file.

use super::{File, Node, Span, Value, offset};

impl File {
    /// Sets another file behind this one, and returns its documents with spans that no other file here has.
    pub fn append(&mut self, other: Self) -> Vec<Node> {
        let end = |file: &Self| offset(file.text().len()).saturating_add(1);
        let start = self.appended.last().map_or_else(|| end(self), |(start, last)| start.saturating_add(end(last)));
        let mut documents = other.documents.clone();
        for document in &mut documents {
            document.shift(start);
        }
        self.appended.push((start, other));
        documents
    }

    /// This file and the ones behind it.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.appended.iter().map(|(_, file)| file))
    }

    /// The file behind this one in which a span lies, and where it lies there.
    pub(super) fn behind(&self, span: Span) -> Option<(&Self, Span)> {
        let (start, file) = self.appended.iter().rev().find(|(start, _)| *start <= span.start)?;
        Some((file, Span { start: span.start - start, end: span.end.saturating_sub(*start) }))
    }
}

impl Node {
    fn shift(&mut self, by: u32) {
        self.span = Span { start: self.span.start.saturating_add(by), end: self.span.end.saturating_add(by) };
        self.value.shift(by);
    }
}

impl Value {
    fn shift(&mut self, by: u32) {
        match self {
            Self::Scalar(_) => {}
            Self::Sequence(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Self::Mapping(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.shift(by);
                value.shift(by);
            }),
            Self::Tagged(tagged) => tagged.value.shift(by),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, Syntax, parse};

    #[test]
    fn what_stands_in_a_file_behind_is_placed_there() {
        let read = |path: &str, text: &str| parse(path, text.as_bytes(), Syntax::Yaml, &Bounds::default()).unwrap();
        let mut file = read("a.yml", "one: 1\n");
        let own = file.documents[0].span;
        let documents = [read("b.yml", "two:\n  - 2\n"), read("c.yml", "")].map(|other| file.append(other));
        let third = file.append(read("d.yml", "\n3\n"));
        let two = documents[0][0].get("two").unwrap().items().unwrap()[0].span;
        let places = [own, documents[0][0].span, two, third[0].span].map(|span| file.place(span).to_string());
        assert_eq!(places, ["a.yml:1:1", "b.yml:1:1", "b.yml:2:5", "d.yml:2:1"]);
        assert_eq!(file.all().map(|file| &*file.path).collect::<Vec<_>>(), ["a.yml", "b.yml", "c.yml", "d.yml"]);
    }
}
