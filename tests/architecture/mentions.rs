//! What a source file names: imports, paths in code and in macros, methods, each resolved to where it leads, with its line.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemUse, Meta, Stmt, UseTree};

/// How often a name is followed from one `use` to the next. No honest file comes near it.
const HOPS: usize = 8;

/// One thing that a file names.
#[derive(Debug)]
pub struct Mention {
    /// Where it leads: `crate::policy::Rule`, `std::fs::read`, `.exists` for a method, `include!`, `#[path]`.
    pub path: Vec<String>,
    /// 1-based.
    pub line: usize,
    /// Everything below the path is named.
    pub glob: bool,
    /// It stands in code that only tests have.
    pub test: bool,
}

/// What was found in a file.
#[derive(Debug, Default)]
pub struct Found {
    /// In the order of the file.
    pub mentions: Vec<Mention>,
    /// The modules that only tests have, from the crate's root on; their files may lie elsewhere.
    pub test_modules: Vec<Vec<String>>,
}

/// Reads the file of the module at `module`, which is empty for the crate's root.
pub fn find(module: &[String], text: &str) -> syn::Result<Found> {
    let file = syn::parse_file(text)?;
    let mut reader = Reader { module: module.to_vec(), test: only_tests(&file.attrs), scopes: Vec::new(), found: Found::default() };
    if reader.test {
        reader.found.test_modules.push(module.to_vec());
    }
    reader.within(Scope::of(module, true, file.items.iter()), |reader| visit::visit_file(reader, &file));
    Ok(reader.found)
}

/// The names that a block or a module declares.
struct Scope {
    module: Vec<String>,
    /// A name that is not here is looked for in the enclosing block, and beyond a module only through `use super::*`.
    open: bool,
    uses: BTreeMap<String, Written>,
    modules: BTreeSet<String>,
}

/// A path as it was written.
#[derive(Clone)]
struct Written {
    segments: Vec<String>,
    /// It begins with `::`, so it can only be another crate.
    foreign: bool,
}

/// A leaf of a `use` tree.
struct Leaf {
    written: Written,
    /// The name it has here; none for a glob.
    name: Option<String>,
    line: usize,
}

impl Scope {
    fn of<'a>(module: &[String], is_module: bool, items: impl Iterator<Item = &'a Item>) -> Self {
        let mut scope = Self { module: module.to_vec(), open: !is_module, uses: BTreeMap::new(), modules: BTreeSet::new() };
        for item in items {
            match item {
                Item::Use(item) => leaves(item).into_iter().for_each(|leaf| scope.declare(leaf)),
                Item::Mod(item) => drop(scope.modules.insert(item.ident.unraw().to_string())),
                _ => {}
            }
        }
        scope
    }

    fn declare(&mut self, leaf: Leaf) {
        match leaf.name {
            Some(name) => drop(self.uses.insert(name, leaf.written)),
            None if leaf.written.segments == ["super"] => self.open = true,
            None if leaf.written.segments == ["chrono", "prelude"] => self.chrono_prelude(),
            None => {}
        }
    }

    /// The one foreign prelude that hides a clock.
    fn chrono_prelude(&mut self) {
        for name in ["Utc", "Local"] {
            let segments = ["chrono", name].map(str::to_owned).to_vec();
            self.uses.entry(name.to_owned()).or_insert(Written { segments, foreign: true });
        }
    }
}

fn leaves(item: &ItemUse) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let start = Written { segments: Vec::new(), foreign: item.leading_colon.is_some() };
    grow(&item.tree, &start, &mut leaves);
    leaves
}

fn grow(tree: &UseTree, stem: &Written, leaves: &mut Vec<Leaf>) {
    let extended = |ident: &syn::Ident| {
        let mut written = stem.clone();
        // `use a::{self}` is `a`, but `self::a` begins with the module itself.
        if ident != "self" || stem.segments.is_empty() {
            written.segments.push(ident.unraw().to_string());
        }
        written
    };
    let line = tree.span().start().line;
    match tree {
        UseTree::Path(path) => grow(&path.tree, &extended(&path.ident), leaves),
        UseTree::Group(group) => group.items.iter().for_each(|tree| grow(tree, stem, leaves)),
        UseTree::Glob(_) => leaves.push(Leaf { written: stem.clone(), name: None, line }),
        UseTree::Name(name) => {
            let written = extended(&name.ident);
            leaves.push(Leaf { name: written.segments.last().cloned(), written, line });
        }
        UseTree::Rename(rename) => {
            leaves.push(Leaf { name: Some(rename.rename.unraw().to_string()), written: extended(&rename.ident), line });
        }
    }
}

struct Reader {
    module: Vec<String>,
    test: bool,
    scopes: Vec<Scope>,
    found: Found,
}

impl Reader {
    fn within(&mut self, scope: Scope, read: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        read(self);
        self.scopes.pop();
    }

    /// Reads what belongs to an item; what stands under `cfg(test)` only tests have.
    fn under(&mut self, attributes: &[Attribute], read: impl FnOnce(&mut Self)) {
        let before = self.test;
        self.test |= only_tests(attributes);
        read(self);
        self.test = before;
    }

    fn note(&mut self, path: Vec<String>, span: Span, glob: bool) {
        self.found.mentions.push(Mention { path, line: span.start().line, glob, test: self.test });
    }

    /// A path in code. One word alone is a variable, or was imported where it was seen.
    fn note_path(&mut self, written: &Written, span: Span, glob: bool) {
        if written.segments.len() > 1 || glob {
            let path = self.resolve(written);
            self.note(path, span, glob);
        }
    }

    fn resolve(&self, written: &Written) -> Vec<String> {
        let mut written = written.clone();
        for _ in 0..HOPS {
            match self.step(&written) {
                Step::There(path) => return path,
                Step::Further(next) => written = next,
            }
        }
        written.segments
    }

    /// Follows the first word of a path one `use` further.
    fn step(&self, written: &Written) -> Step {
        let Some((first, rest)) = written.segments.split_first() else { return Step::There(Vec::new()) };
        match first.as_str() {
            "crate" => Step::There(written.segments.clone()),
            // The library, as the binary names it.
            "countersign" => Step::There(join(&["crate".to_owned()], rest)),
            "self" => Step::There(from_root(&self.module, rest)),
            "super" => Step::There(above(&self.module, &written.segments)),
            _ if written.foreign => Step::There(written.segments.clone()),
            _ => self.declared(first, rest).unwrap_or_else(|| Step::There(written.segments.clone())),
        }
    }

    fn declared(&self, first: &str, rest: &[String]) -> Option<Step> {
        for scope in self.scopes.iter().rev() {
            if scope.modules.contains(first) {
                return Some(Step::There(from_root(&scope.module, &join(&[first.to_owned()], rest))));
            }
            match scope.uses.get(first) {
                Some(written) if written.segments.first().is_some_and(|word| word == first) => {
                    // `use gix;` or `use policy::policy;`: the first word is another crate's, or it would not compile.
                    return Some(Step::There(join(&written.segments, rest)));
                }
                Some(written) => return Some(Step::Further(Written { segments: join(&written.segments, rest), foreign: written.foreign })),
                None if scope.open => {}
                None => return None,
            }
        }
        None
    }

    /// Paths and method calls in what a macro is given, which is not parsed as Rust.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += match token {
                TokenTree::Group(group) => {
                    self.note_tokens(group.stream());
                    1
                }
                TokenTree::Ident(ident) => self.note_words(&tokens, at, ident.span()),
                _ => 1,
            };
        }
    }

    /// A path that begins at a word; returns how many tokens it takes.
    fn note_words(&mut self, tokens: &[TokenTree], start: usize, span: Span) -> usize {
        let mut segments = Vec::new();
        let mut at = start;
        let mut unfinished = false;
        while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
            segments.push(ident.unraw().to_string());
            at += 1;
            unfinished = is_colons(tokens.get(at..));
            if !unfinished {
                break;
            }
            at += 2;
        }
        if is_method(tokens, start, at) {
            self.note(segments.iter().map(|name| format!(".{name}")).collect(), span, false);
        } else {
            // After `a::` comes a group or a turbofish: what it names below `a` is not known.
            self.note_path(&Written { segments, foreign: false }, span, unfinished);
        }
        at - start
    }

    /// A path in a text, as serde's attributes have them. Only one that leaves the module can be told from any other text.
    fn note_text(&mut self, text: &str, span: Span) {
        let segments: Vec<String> = text.split("::").map(|word| word.trim().to_owned()).collect();
        if segments.first().is_some_and(|first| ["crate", "super", "self", "std"].contains(&first.as_str())) {
            self.note_path(&Written { segments, foreign: false }, span, false);
        }
    }

    fn note_use(&mut self, item: &ItemUse) {
        for leaf in leaves(item) {
            let path = self.resolve(&leaf.written);
            self.found.mentions.push(Mention { path, line: leaf.line, glob: leaf.name.is_none(), test: self.test });
        }
    }

    fn note_module(&mut self, item: &syn::ItemMod) {
        let outer = self.module.clone();
        self.module.push(item.ident.unraw().to_string());
        if self.test {
            self.found.test_modules.push(self.module.clone());
        }
        let items = item.content.iter().flat_map(|(_, items)| items);
        let scope = Scope::of(&self.module, true, items);
        self.within(scope, |reader| visit::visit_item_mod(reader, item));
        self.module = outer;
    }
}

enum Step {
    There(Vec<String>),
    Further(Written),
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        self.under(attributes(item), |reader| match item {
            Item::Use(item) => {
                reader.note_use(item);
                item.attrs.iter().for_each(|attribute| reader.visit_attribute(attribute));
            }
            Item::Mod(item) => reader.note_module(item),
            Item::ExternCrate(item) => reader.note(vec![item.ident.unraw().to_string()], item.span(), true),
            other => visit::visit_item(reader, other),
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.under(&item.attrs, |reader| visit::visit_impl_item_fn(reader, item));
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let items = block.stmts.iter().filter_map(|statement| if let Stmt::Item(item) = statement { Some(item) } else { None });
        let scope = Scope::of(&self.module, false, items);
        self.within(scope, |reader| visit::visit_block(reader, block));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
        self.note_path(&Written { segments, foreign: path.leading_colon.is_some() }, path.span(), false);
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.note(vec![format!(".{}", call.method.unraw())], call.method.span(), false);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if call.path.is_ident("include") {
            self.note(vec!["include!".to_owned()], call.path.span(), false);
        }
        self.visit_path(&call.path);
        self.note_tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if attribute.path().is_ident("path") {
            self.note(vec!["#[path]".to_owned()], attribute.span(), false);
        }
        self.visit_path(attribute.path());
        if let Meta::List(list) = &attribute.meta {
            self.note_tokens(list.tokens.clone());
            for (text, span) in texts(&list.tokens) {
                self.note_text(&text, span);
            }
        }
    }

    /// `pub(crate)` says who may see, and imports nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

fn join(first: &[String], rest: &[String]) -> Vec<String> {
    first.iter().chain(rest).cloned().collect()
}

fn from_root(module: &[String], rest: &[String]) -> Vec<String> {
    join(&join(&["crate".to_owned()], module), rest)
}

/// A chain of `super`, from the module it stands in.
fn above(module: &[String], segments: &[String]) -> Vec<String> {
    let steps = segments.iter().take_while(|segment| *segment == "super").count();
    let up = module.len().saturating_sub(steps);
    from_root(module.get(..up).unwrap_or_default(), segments.get(steps..).unwrap_or_default())
}

fn is_colons(tokens: Option<&[TokenTree]>) -> bool {
    let is_colon = |token: &TokenTree, spacing| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':' && (spacing || punct.spacing() == Spacing::Joint));
    matches!(tokens, Some([first, second, ..]) if is_colon(first, false) && is_colon(second, true))
}

fn is_method(tokens: &[TokenTree], start: usize, end: usize) -> bool {
    let dot = start.checked_sub(1).and_then(|before| tokens.get(before));
    let call = matches!(tokens.get(end), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    call && end == start + 1 && matches!(dot, Some(TokenTree::Punct(punct)) if punct.as_char() == '.')
}

/// The string literals in an attribute, such as serde's `with = "crate::text"`.
fn texts(tokens: &TokenStream) -> Vec<(String, Span)> {
    let literals =
        tokens.clone().into_iter().filter_map(|token| if let TokenTree::Literal(literal) = token { Some(literal) } else { None });
    literals.map(|literal| (literal.to_string().trim_matches('"').to_owned(), literal.span())).collect()
}

/// Whether only tests have what carries these attributes: `test`, `cfg(test)`, `cfg(all(test, …))`.
fn only_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => list.path.is_ident("cfg") && demands_test(list.tokens.clone()),
        Meta::NameValue(_) => false,
    })
}

fn demands_test(condition: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = condition.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(word), TokenTree::Group(all)] if word == "all" => {
            let parts: Vec<TokenTree> = all.stream().into_iter().collect();
            let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
            parts.split(is_comma).any(|part| matches!(part, [TokenTree::Ident(word)] if word == "test"))
        }
        _ => false,
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
