//! Where in a file the expressions are that operators, arms and fields belong to.

use std::collections::BTreeMap;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Places of a file, each by the byte at which what is mutated begins. What is constant, and conditions that bind names, are left out: no
/// switch can stand there.
#[derive(Debug, Default)]
pub struct Places {
    /// The whole expression, by its operator.
    pub operators: BTreeMap<usize, Range<usize>>,
    /// The end of the pattern, and the guard, by the arm and by the guard.
    pub arms: BTreeMap<usize, (usize, Option<Range<usize>>)>,
    /// The whole value, by its field.
    pub fields: BTreeMap<usize, Range<usize>>,
    /// The statements of a function, by the first of them, and whether its type is `impl Trait`.
    pub bodies: BTreeMap<usize, (Range<usize>, bool)>,
}

/// The places of a file.
pub fn places(text: &str) -> Result<Places, String> {
    let file = syn::parse_file(text).map_err(|error| error.to_string())?;
    let mut places = Places::default();
    places.visit_file(&file);
    Ok(places)
}

impl Places {
    fn body(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last()) else { return };
        let range = first.span().byte_range().start..last.span().byte_range().end;
        let is_opaque = matches!(&signature.output, syn::ReturnType::Type(_, written) if matches!(&**written, syn::Type::ImplTrait(_)));
        self.bodies.insert(range.start, (range, is_opaque));
    }
}

impl<'ast> Visit<'ast> for Places {
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if item.sig.constness.is_none() {
            self.body(&item.sig, &item.block);
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if item.sig.constness.is_none() {
            self.body(&item.sig, &item.block);
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_expr_binary(&mut self, expression: &'ast syn::ExprBinary) {
        if !binds(&expression.left) && !binds(&expression.right) {
            self.operators.insert(expression.op.span().byte_range().start, expression.span().byte_range());
        }
        visit::visit_expr_binary(self, expression);
    }

    fn visit_expr_unary(&mut self, expression: &'ast syn::ExprUnary) {
        self.operators.insert(expression.op.span().byte_range().start, expression.span().byte_range());
        visit::visit_expr_unary(self, expression);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let (pattern, guard) = match &arm.pat {
            syn::Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
            pattern => (pattern, None),
        };
        if !guard.is_some_and(binds) {
            let place = (pattern.span().byte_range().end, guard.map(|guard| guard.span().byte_range()));
            self.arms.insert(arm.span().byte_range().start, place.clone());
            if let Some(guard) = &place.1 {
                self.arms.insert(guard.start, place.clone());
            }
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_struct(&mut self, expression: &'ast syn::ExprStruct) {
        for field in &expression.fields {
            self.fields.insert(field.span().byte_range().start, expression.span().byte_range());
        }
        visit::visit_expr_struct(self, expression);
    }
}

/// Whether a condition binds names, which it can do only where it stands.
fn binds(expression: &syn::Expr) -> bool {
    match expression {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(both) => binds(&both.left) || binds(&both.right),
        _ => false,
    }
}
