//! Signs become a tree.

use super::token::{Token, TokenKind, tokens};
use super::{ExprError, ExprValue};

/// Bytes between the parentheses.
const MAX_LENGTH: usize = 1000;
/// Parentheses, calls and signs inside each other.
const MAX_DEPTH: usize = 64;

/// A part of an expression with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Expr {
    pub kind: ExprKind,
    pub place: (usize, usize),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ExprKind {
    Value(ExprValue),
    Name(String),
    Negative(Box<Expr>),
    Not(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Min,
    Max,
    Round,
    Ceil,
    Floor,
    Log2,
    If,
}

impl Function {
    const ALL: [(&'static str, Self); 7] = [
        ("min", Self::Min),
        ("max", Self::Max),
        ("round", Self::Round),
        ("ceil", Self::Ceil),
        ("floor", Self::Floor),
        ("log2", Self::Log2),
        ("if", Self::If),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, function)| *function)
    }

    /// How many values it takes, at least and at most.
    const fn takes(self) -> (usize, usize) {
        match self {
            Self::Min | Self::Max => (1, usize::MAX),
            Self::Round | Self::Ceil | Self::Floor | Self::Log2 => (1, 1),
            Self::If => (3, 3),
        }
    }
}

/// Operators of one strength, weakest first.
const LEVELS: [&[(&str, Operator)]; 3] = [
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[
        ("*", Operator::Multiply),
        ("//", Operator::FloorDivide),
        ("/", Operator::Divide),
        ("%", Operator::Remainder),
    ],
];

/// Reads the text between `$(` and `)`.
pub(super) fn parse(text: &str) -> Result<Expr, ExprError> {
    if text.len() > MAX_LENGTH {
        let message = format!("an expression has at most {MAX_LENGTH} bytes");
        return Err(ExprError::new(message, (0, text.len())));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
    };
    let expr = parser.or()?;
    match &parser.peek().kind {
        TokenKind::End => Ok(expr),
        TokenKind::Value(_) | TokenKind::Word(_) | TokenKind::Sign(_) => Err(ExprError::new(
            "an operator is missing before this",
            parser.peek().place,
        )),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at]
    }

    fn next(&mut self) -> Token {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let found = matches!(&self.peek().kind, TokenKind::Sign(next) if *next == sign);
        self.at += usize::from(found);
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(&self.peek().kind, TokenKind::Word(next) if next == word);
        self.at += usize::from(found);
        found
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ExprError>,
    ) -> Result<T, ExprError> {
        if self.depth >= MAX_DEPTH {
            let message = format!("the expression is nested deeper than {MAX_DEPTH} levels");
            return Err(ExprError::new(message, self.peek().place));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Result<Expr, ExprError> {
        let mut left = self.and()?;
        while self.takes_word("or") {
            left = binary(Operator::Or, left, self.and()?);
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, ExprError> {
        let mut left = self.not()?;
        while self.takes_word("and") {
            left = binary(Operator::And, left, self.not()?);
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, ExprError> {
        let start = self.peek().place.0;
        if self.takes_word("not") {
            let inner = self.deeper(Self::not)?;
            let place = (start, inner.place.1);
            return Ok(Expr {
                kind: ExprKind::Not(Box::new(inner)),
                place,
            });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, ExprError> {
        let left = self.level(1)?;
        let Some(operator) = self.takes_operator(0) else {
            return Ok(left);
        };
        let compared = binary(operator, left, self.level(1)?);
        let place = self.peek().place;
        if self.takes_operator(0).is_some() {
            return Err(
                ExprError::new("comparisons cannot be chained", place).help("join them with `and`")
            );
        }
        Ok(compared)
    }

    fn takes_operator(&mut self, level: usize) -> Option<Operator> {
        let found = LEVELS[level].iter().find(|(sign, _)| self.takes_sign(sign));
        found.map(|(_, operator)| *operator)
    }

    /// Sums (1) and products (2), to the left.
    fn level(&mut self, level: usize) -> Result<Expr, ExprError> {
        let operand = |parser: &mut Self| {
            if level == 2 {
                parser.negative()
            } else {
                parser.level(level + 1)
            }
        };
        let mut left = operand(self)?;
        while let Some(operator) = self.takes_operator(level) {
            left = binary(operator, left, operand(self)?);
        }
        Ok(left)
    }

    fn negative(&mut self) -> Result<Expr, ExprError> {
        let start = self.peek().place.0;
        if self.takes_sign("-") {
            let inner = self.deeper(Self::negative)?;
            let place = (start, inner.place.1);
            return Ok(Expr {
                kind: ExprKind::Negative(Box::new(inner)),
                place,
            });
        }
        let base = self.operand()?;
        if self.takes_sign("**") {
            let exponent = self.deeper(Self::negative)?;
            return Ok(binary(Operator::Power, base, exponent));
        }
        Ok(base)
    }

    fn operand(&mut self) -> Result<Expr, ExprError> {
        let Token { kind, place } = self.next();
        match kind {
            TokenKind::Value(value) => Ok(Expr {
                kind: ExprKind::Value(value),
                place,
            }),
            TokenKind::Word(word) if word == "true" || word == "false" => {
                let value = ExprValue::Bool(word == "true");
                Ok(Expr {
                    kind: ExprKind::Value(value),
                    place,
                })
            }
            TokenKind::Word(word) if self.takes_sign("(") => {
                self.deeper(|parser| parser.call(&word, place))
            }
            TokenKind::Word(word) => Ok(Expr {
                kind: ExprKind::Name(word),
                place,
            }),
            TokenKind::Sign("(") => {
                let inner = self.deeper(Self::or)?;
                self.close(place)?;
                Ok(inner)
            }
            TokenKind::Sign(_) | TokenKind::End => {
                Err(ExprError::new("a value is missing here", place))
            }
        }
    }

    fn close(&mut self, opened: (usize, usize)) -> Result<(), ExprError> {
        if self.takes_sign(")") {
            return Ok(());
        }
        let message = match self.peek().kind {
            TokenKind::End => "the parenthesis is never closed",
            TokenKind::Value(_) | TokenKind::Word(_) | TokenKind::Sign(_) => {
                "an operator is missing after this parenthesis's content"
            }
        };
        Err(ExprError::new(message, opened))
    }

    fn call(&mut self, name: &str, place: (usize, usize)) -> Result<Expr, ExprError> {
        let Some(function) = Function::named(name) else {
            let known = Function::ALL.map(|(known, _)| known);
            let problem = ExprError::new(format!("there is no function `{name}`"), place);
            return Err(problem.help(format!("the functions are {}", known.join(", "))));
        };
        let mut values = Vec::new();
        if !self.takes_sign(")") {
            loop {
                values.push(self.or()?);
                if !self.takes_sign(",") {
                    break;
                }
            }
            self.close((place.1, place.1 + 1))?;
        }
        let (least, most) = function.takes();
        let place = (place.0, self.tokens[self.at - 1].place.1);
        if (least..=most).contains(&values.len()) {
            return Ok(Expr {
                kind: ExprKind::Call(function, values),
                place,
            });
        }
        let takes = match (least, most) {
            (1, 1) => "one value".to_owned(),
            (1, _) => "one value or more".to_owned(),
            (_, _) => format!("{least} values"),
        };
        let message = format!("`{name}` takes {takes}, not {}", values.len());
        Err(ExprError::new(message, place))
    }
}

fn binary(operator: Operator, left: Expr, right: Expr) -> Expr {
    let place = (left.place.0, right.place.1);
    Expr {
        kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)),
        place,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::expression::eval::{Looked, Lookup, eval};

    struct Nothing;

    impl Lookup for Nothing {
        fn lookup(&self, name: &str) -> Result<Looked, (String, Option<String>)> {
            if name == "vars.n" {
                return Ok(Looked {
                    value: ExprValue::Number(8.0),
                    scalar: None,
                });
            }
            Err((format!("`{name}` is unknown"), None))
        }
    }

    fn value(text: &str) -> String {
        let expr = parse(text).expect("it reads");
        eval(&expr, &Nothing).expect("it evaluates").text()
    }

    #[test]
    fn operators_bind_as_in_mathematics() {
        assert_eq!(value("1 + 2 * 3 - 4 / 8"), "6.5");
        assert_eq!(value("-2 ** 2"), "-4");
        assert_eq!(value("2 ** -1 ** 2"), "0.5");
        assert_eq!(value("(1 + 2) * 3"), "9");
        assert_eq!(value("-7 // 2"), "-4");
        assert_eq!(value("-7 % 3"), "2");
        assert_eq!(value("7%2"), "1");
        assert_eq!(value("not 1 > 2 and true or false"), "true");
        assert_eq!(value("if(vars.n >= 8, 1, 1 / 0)"), "1");
        assert_eq!(
            value(
                "min(3, vars.n, 5) + max(1, 2) + round(2.5) + ceil(0.1) + floor(1.9) + log2(1024)"
            ),
            "20"
        );
    }

    #[test]
    fn decimal_results_are_those_of_a_person() {
        assert_eq!(value("0.1 + 0.2"), "0.3");
        assert_eq!(value("100 * 0.29"), "29");
        assert_eq!(value("floor(100 * 0.29)"), "29");
        assert_eq!(value("2000 * 0.08"), "160");
        assert_eq!(value("2 ** 53 - 1"), "9007199254740991");
    }

    #[test]
    fn quantities_keep_their_dimension() {
        assert_eq!(value("80 GB / 2"), "40000000000 B");
        assert_eq!(value("80GB / 40 GB"), "2");
        assert_eq!(value("3.35 TB/s * 2 s"), "6700000000000 B");
        assert_eq!(value("1.86 USD/h * 10 h"), "18.6 USD");
        assert_eq!(value("50Wh / 10 W"), "18000 s");
        assert_eq!(value("max(500 ms, 1 s)"), "1 s");
        assert_eq!(value("60% * 10"), "6");
        assert_eq!(value("4k + 1"), "4001");
        assert_eq!(value("5 req/s * 1 m"), "300");
        assert_eq!(value("500 ms < 1 s"), "true");
        assert_eq!(value("'fp8' == \"fp8\""), "true");
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "[-+*/%()<>=!,. 0-9a-zA-Z\"'§]{0,60}") {
            if let Ok(expr) = parse(&text) {
                let _ = eval(&expr, &Nothing);
            }
        }

        #[test]
        fn whole_numbers_agree_with_integer_arithmetic(a in -1000_i64..1000, b in 1_i64..50, c in -1000_i64..1000) {
            let text = format!("({a} + {b} * {c}) // {b} - {a} % {b}");
            prop_assert_eq!(value(&text), ((a + b * c).div_euclid(b) - a.rem_euclid(b)).to_string());
        }
    }
}
