//! Formulas over opaque variables, kept as reduced ordered binary decision diagrams: two formulas are equal exactly when they are
//! the same number. Bryant, *Graph-Based Algorithms for Boolean Function Manipulation* (1986); the cover is Minato's (1992).

use super::{Budget, Exhausted, HashMap, HashSet};
use std::collections::BTreeSet;
use std::ops::Range;

/// What a node costs, in time and in memory, beside a pattern that advances by a letter: it is looked up, made and kept.
const NODE: usize = 32;

/// A formula of one [`Formulas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Formula(u32);

/// A variable: its number is its place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable(pub u32);

/// A variable and what it has to be.
pub type Literal = (Variable, bool);

impl Formula {
    /// Never.
    pub const FALSE: Self = Self(0);
    /// Always.
    pub const TRUE: Self = Self(1);

    /// Whether nothing satisfies it.
    pub fn is_false(self) -> bool {
        self == Self::FALSE
    }
}

/// What a caller finds again a formula by that it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// A number of the caller's own.
    Number(usize),
    /// Another formula, of which it is made.
    Formula(Formula),
}

/// `if variable then high else low`
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Branch {
    variable: Variable,
    low: Formula,
    high: Formula,
}

/// Past this depth the recursion would threaten the stack; nobody writes so many conditions by hand.
const MOST_VARIABLES: u32 = 2_000;

/// Where formulas live.
pub struct Formulas {
    branches: Vec<Branch>,
    known: HashMap<Branch, Formula>,
    conjunctions: HashMap<(Formula, Formula), Formula>,
    negations: HashMap<Formula, Formula>,
    kept: HashMap<By, Formula>,
    budget: Budget,
}

impl Formulas {
    /// Pays for work around the formulas.
    pub fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        self.budget.spend(steps)
    }

    /// An empty store whose operations draw on this budget.
    pub fn new(budget: Budget) -> Self {
        let terminal = Branch { variable: Variable(u32::MAX), low: Formula::FALSE, high: Formula::FALSE };
        Self {
            branches: vec![terminal, terminal],
            known: HashMap::default(),
            conjunctions: HashMap::default(),
            negations: HashMap::default(),
            kept: HashMap::default(),
            budget,
        }
    }

    /// The formula that is true when the variable is.
    pub fn variable(&mut self, variable: Variable) -> Result<Formula, Exhausted> {
        if variable.0 >= MOST_VARIABLES {
            return Err(Exhausted);
        }
        self.branch(variable, Formula::FALSE, Formula::TRUE)
    }

    /// The formula that a caller keeps, made when it is asked for first.
    pub fn once(&mut self, by: By, make: impl FnOnce(&mut Self) -> Result<Formula, Exhausted>) -> Result<Formula, Exhausted> {
        if let Some(&known) = self.kept.get(&by) {
            return Ok(known);
        }
        let formula = make(self)?;
        self.kept.insert(by, formula);
        Ok(formula)
    }

    /// True when the other is false.
    pub fn not(&mut self, a: Formula) -> Result<Formula, Exhausted> {
        match a {
            Formula::FALSE => return Ok(Formula::TRUE),
            Formula::TRUE => return Ok(Formula::FALSE),
            _ => {}
        }
        if let Some(&known) = self.negations.get(&a) {
            return Ok(known);
        }
        self.budget.spend(NODE)?;
        let Branch { variable, low, high } = self.at(a);
        let (low, high) = (self.not(low)?, self.not(high)?);
        let result = self.branch(variable, low, high)?;
        self.negations.insert(a, result);
        Ok(result)
    }

    /// True when both are.
    pub fn and(&mut self, a: Formula, b: Formula) -> Result<Formula, Exhausted> {
        match (a, b) {
            (Formula::FALSE, _) | (_, Formula::FALSE) => return Ok(Formula::FALSE),
            (Formula::TRUE, other) | (other, Formula::TRUE) => return Ok(other),
            _ if a == b => return Ok(a),
            _ => {}
        }
        let key = (a.min(b), a.max(b));
        if let Some(&known) = self.conjunctions.get(&key) {
            return Ok(known);
        }
        self.budget.spend(NODE)?;
        let variable = self.at(a).variable.min(self.at(b).variable);
        let (a0, a1) = self.cofactors(a, variable);
        let (b0, b1) = self.cofactors(b, variable);
        let (low, high) = (self.and(a0, b0)?, self.and(a1, b1)?);
        let result = self.branch(variable, low, high)?;
        self.conjunctions.insert(key, result);
        Ok(result)
    }

    /// True when one of them is.
    pub fn or(&mut self, a: Formula, b: Formula) -> Result<Formula, Exhausted> {
        match (a, b) {
            (Formula::TRUE, _) | (_, Formula::TRUE) => return Ok(Formula::TRUE),
            (Formula::FALSE, other) | (other, Formula::FALSE) => return Ok(other),
            _ => {}
        }
        let (a, b) = (self.not(a)?, self.not(b)?);
        let neither = self.and(a, b)?;
        self.not(neither)
    }

    /// True when the first is and the second is not.
    pub fn without(&mut self, a: Formula, b: Formula) -> Result<Formula, Exhausted> {
        if b.is_false() {
            return Ok(a);
        }
        let b = self.not(b)?;
        self.and(a, b)
    }

    /// The formula once a variable is known.
    pub fn given(&mut self, a: Formula, (variable, value): Literal) -> Result<Formula, Exhausted> {
        let mut seen = HashMap::default();
        self.given_in(a, variable, value, &mut seen)
    }

    /// True when the formula holds whatever the variable is.
    pub fn for_all(&mut self, a: Formula, variable: Variable) -> Result<Formula, Exhausted> {
        let (without, with) = (self.given(a, (variable, false))?, self.given(a, (variable, true))?);
        self.and(without, with)
    }

    /// True when the formula holds for some values of the variables in the range.
    pub fn for_some(&mut self, a: Formula, variables: &Range<Variable>) -> Result<Formula, Exhausted> {
        self.for_some_in(a, variables, &mut HashMap::default())
    }

    /// The variables it depends on.
    pub fn support(&mut self, a: Formula) -> Result<BTreeSet<Variable>, Exhausted> {
        let (mut seen, mut open, mut support) = (HashSet::default(), vec![a], BTreeSet::new());
        while let Some(formula) = open.pop() {
            if formula <= Formula::TRUE || !seen.insert(formula) {
                continue;
            }
            self.budget.spend(NODE / 2)?;
            let branch = self.at(formula);
            support.insert(branch.variable);
            open.extend([branch.low, branch.high]);
        }
        Ok(support)
    }

    /// Values for some variables that make the formula true whatever the others are; `None` when it is false.
    ///
    /// Prefers a variable to be false, so that a witness carries no fact that it does not need.
    pub fn model(&self, a: Formula) -> Option<Vec<Literal>> {
        let (mut at, mut model) = (a, Vec::new());
        while at > Formula::TRUE {
            let Branch { variable, low, high } = self.at(at);
            let value = low.is_false();
            model.push((variable, value));
            at = if value { high } else { low };
        }
        (!at.is_false()).then_some(model)
    }

    /// Few conjunctions whose disjunction is the formula, none of which can be left out.
    pub fn cover(&mut self, a: Formula) -> Result<Vec<Vec<Literal>>, Exhausted> {
        self.cover_given(a, Formula::TRUE)
    }

    /// The same where `axioms` hold: what they rule out may be covered or not, whichever is shorter.
    pub fn cover_given(&mut self, a: Formula, axioms: Formula) -> Result<Vec<Vec<Literal>>, Exhausted> {
        let ruled_out = self.not(axioms)?;
        let (lower, upper) = (self.and(a, axioms)?, self.or(a, ruled_out)?);
        Ok(self.cover_between(lower, upper)?.0)
    }

    /// A cover of something that holds wherever `lower` does and nowhere `upper` does not (Minato–Morreale).
    fn cover_between(&mut self, lower: Formula, upper: Formula) -> Result<(Vec<Vec<Literal>>, Formula), Exhausted> {
        if lower.is_false() {
            return Ok((Vec::new(), Formula::FALSE));
        }
        if upper == Formula::TRUE {
            return Ok((vec![Vec::new()], Formula::TRUE));
        }
        self.budget.spend(NODE)?;
        let variable = self.at(lower).variable.min(self.at(upper).variable);
        let ((l0, l1), (u0, u1)) = (self.cofactors(lower, variable), self.cofactors(upper, variable));
        let (only0, only1) = (self.without(l0, u1)?, self.without(l1, u0)?);
        let (terms0, sum0) = self.cover_between(only0, u0)?;
        let (terms1, sum1) = self.cover_between(only1, u1)?;
        let (rest0, rest1) = (self.without(l0, sum0)?, self.without(l1, sum1)?);
        let (rest, both) = (self.or(rest0, rest1)?, self.and(u0, u1)?);
        let (terms, sum) = self.cover_between(rest, both)?;
        let (low, high) = (self.or(sum, sum0)?, self.or(sum, sum1)?);
        let total = self.branch(variable, low, high)?;
        let with = |value: bool, terms: Vec<Vec<Literal>>| {
            terms.into_iter().map(move |term| std::iter::once((variable, value)).chain(term).collect())
        };
        let all: Vec<Vec<Literal>> = with(false, terms0).chain(with(true, terms1)).chain(terms).collect();
        self.budget.spend(all.iter().map(Vec::len).sum())?;
        Ok((all, total))
    }

    fn given_in(
        &mut self,
        a: Formula,
        variable: Variable,
        value: bool,
        seen: &mut HashMap<Formula, Formula>,
    ) -> Result<Formula, Exhausted> {
        let branch = self.at(a);
        if a <= Formula::TRUE || branch.variable > variable {
            return Ok(a);
        }
        if branch.variable == variable {
            return Ok(if value { branch.high } else { branch.low });
        }
        if let Some(&known) = seen.get(&a) {
            return Ok(known);
        }
        self.budget.spend(NODE / 2)?;
        let low = self.given_in(branch.low, variable, value, seen)?;
        let high = self.given_in(branch.high, variable, value, seen)?;
        let result = self.branch(branch.variable, low, high)?;
        seen.insert(a, result);
        Ok(result)
    }

    fn for_some_in(&mut self, a: Formula, variables: &Range<Variable>, seen: &mut HashMap<Formula, Formula>) -> Result<Formula, Exhausted> {
        let Branch { variable, low, high } = self.at(a);
        if a <= Formula::TRUE || variable >= variables.end {
            return Ok(a);
        }
        if let Some(&known) = seen.get(&a) {
            return Ok(known);
        }
        self.budget.spend(NODE / 2)?;
        let (low, high) = (self.for_some_in(low, variables, seen)?, self.for_some_in(high, variables, seen)?);
        let result = if variable < variables.start { self.branch(variable, low, high)? } else { self.or(low, high)? };
        seen.insert(a, result);
        Ok(result)
    }

    fn branch(&mut self, variable: Variable, low: Formula, high: Formula) -> Result<Formula, Exhausted> {
        if low == high {
            return Ok(low);
        }
        let branch = Branch { variable, low, high };
        if let Some(&known) = self.known.get(&branch) {
            return Ok(known);
        }
        self.budget.spend(NODE)?;
        let formula = Formula(u32::try_from(self.branches.len()).map_err(|_| Exhausted)?);
        self.branches.push(branch);
        self.known.insert(branch, formula);
        Ok(formula)
    }

    fn cofactors(&self, a: Formula, variable: Variable) -> (Formula, Formula) {
        let branch = self.at(a);
        if branch.variable == variable { (branch.low, branch.high) } else { (a, a) }
    }

    #[expect(clippy::indexing_slicing, reason = "a formula is only made by the store that holds its branch")]
    fn at(&self, a: Formula) -> Branch {
        self.branches[a.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The naive model: a formula is its truth table over four variables.
    #[derive(Clone, Debug)]
    enum Tree {
        Var(u32),
        Not(Box<Tree>),
        And(Box<Tree>, Box<Tree>),
        Or(Box<Tree>, Box<Tree>),
    }

    impl Tree {
        fn holds(&self, world: u32) -> bool {
            match self {
                Tree::Var(v) => world >> v & 1 == 1,
                Tree::Not(a) => !a.holds(world),
                Tree::And(a, b) => a.holds(world) && b.holds(world),
                Tree::Or(a, b) => a.holds(world) || b.holds(world),
            }
        }

        fn table(&self) -> Vec<bool> {
            (0..16).map(|world| self.holds(world)).collect()
        }

        fn build(&self, formulas: &mut Formulas) -> Formula {
            match self {
                Tree::Var(v) => formulas.variable(Variable(*v)).unwrap(),
                Tree::Not(a) => {
                    let a = a.build(formulas);
                    formulas.not(a).unwrap()
                }
                Tree::And(a, b) => {
                    let (a, b) = (a.build(formulas), b.build(formulas));
                    formulas.and(a, b).unwrap()
                }
                Tree::Or(a, b) => {
                    let (a, b) = (a.build(formulas), b.build(formulas));
                    formulas.or(a, b).unwrap()
                }
            }
        }
    }

    fn tree() -> impl Strategy<Value = Tree> {
        (0..4u32).prop_map(Tree::Var).prop_recursive(5, 24, 2, |inner| {
            prop_oneof![
                inner.clone().prop_map(|a| Tree::Not(Box::new(a))),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| Tree::And(Box::new(a), Box::new(b))),
                (inner.clone(), inner).prop_map(|(a, b)| Tree::Or(Box::new(a), Box::new(b))),
            ]
        })
    }

    fn agrees(model: &[Literal], world: u32) -> bool {
        model.iter().all(|(v, value)| (world >> v.0 & 1 == 1) == *value)
    }

    proptest! {
        #[test]
        fn two_formulas_are_the_same_number_exactly_when_their_truth_tables_are_equal(a in tree(), b in tree()) {
            let mut formulas = Formulas::new(Budget::default());
            let (x, y) = (a.build(&mut formulas), b.build(&mut formulas));
            prop_assert_eq!(x == y, a.table() == b.table());
        }

        #[test]
        fn a_model_satisfies_its_formula_whatever_the_other_variables_are(a in tree()) {
            let mut formulas = Formulas::new(Budget::default());
            let formula = a.build(&mut formulas);
            match formulas.model(formula) {
                None => prop_assert!(a.table().iter().all(|holds| !holds)),
                Some(model) => prop_assert!((0..16).filter(|world| agrees(&model, *world)).all(|world| a.holds(world))),
            }
        }

        #[test]
        fn a_cover_says_the_same_as_its_formula(a in tree()) {
            let mut formulas = Formulas::new(Budget::default());
            let formula = a.build(&mut formulas);
            let cover = formulas.cover(formula).unwrap();
            for world in 0..16 {
                prop_assert_eq!(a.holds(world), cover.iter().any(|term| agrees(term, world)));
            }
        }

        #[test]
        fn what_holds_for_some_values_holds_in_some_world_that_differs_in_them_alone(a in tree(), from in 0..4u32, many in 0..4u32) {
            let mut formulas = Formulas::new(Budget::default());
            let formula = a.build(&mut formulas);
            let range = Variable(from)..Variable((from + many).min(4));
            let some = formulas.for_some(formula, &range).unwrap();
            let mask = (range.start.0..range.end.0).fold(0, |mask, v| mask | 1 << v);
            let cover = formulas.cover(some).unwrap();
            for world in 0..16u32 {
                let held = (0..16u32).any(|other| (other ^ world) & !mask == 0 && a.holds(other));
                prop_assert_eq!(held, cover.iter().any(|term| agrees(term, world)));
            }
        }

        #[test]
        fn what_holds_for_all_values_of_a_variable_holds_for_both(a in tree(), v in 0..4u32) {
            let mut formulas = Formulas::new(Budget::default());
            let formula = a.build(&mut formulas);
            let all = formulas.for_all(formula, Variable(v)).unwrap();
            for world in 0..16 {
                let held = a.holds(world | 1 << v) && a.holds(world & !(1 << v));
                prop_assert_eq!(held, formulas.model(all).is_some() && {
                    let term = formulas.cover(all).unwrap();
                    term.iter().any(|term| agrees(term, world))
                });
            }
        }
    }

    #[test]
    fn a_formula_past_its_budget_is_an_error_and_not_an_answer() {
        let mut formulas = Formulas::new(Budget::new(3 * NODE as u64));
        let parts: Vec<_> = (0..3).map(|v| formulas.variable(Variable(v)).unwrap()).collect();
        assert_eq!(formulas.and(parts[0], parts[1]), Err(Exhausted));
    }
}
