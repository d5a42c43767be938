//! Types named in CAST, and the one type that several values are brought to.

use super::lower::Compiler;
use super::problem::Problem;
use guard_kernels::expr::program::{NodeId, Op};
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::{MAX_PRECISION, Type, Unit};
use guard_kernels::expr::{decimal, record};
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::{CastKind, DataType, ExactNumberInfo, Expr, TimezoneInfo};

/// A BIGINT as a decimal.
pub(super) const INTEGER_AS_DECIMAL: Type = Type::Decimal { precision: 19, scale: 0 };

impl Compiler<'_> {
    pub(super) fn cast(
        &mut self,
        kind: &CastKind,
        expr: &Expr,
        data_type: &DataType,
        span: Span,
    ) -> Result<NodeId, Problem> {
        let attempt = match kind {
            CastKind::Cast | CastKind::DoubleColon => false,
            CastKind::TryCast | CastKind::SafeCast => true,
        };
        let arg = self.value(expr)?;
        let (ty, bounds) = self.named_type(data_type, arg, span)?;
        if matches!((self.ty(arg), &ty), (from, to) if from == to) && bounds.is_none() {
            return Ok(arg);
        }
        self.add(Op::Cast { arg, to: ty.clone(), attempt, bounds }, ty, span).map_err(|problem| {
            if problem.code == codes::OPERAND_TYPES { Problem { code: codes::CAST_TYPE, ..problem } } else { problem }
        })
    }

    /// The type of a name, and the bounds of a narrower integer.
    fn named_type(&self, data_type: &DataType, arg: NodeId, span: Span) -> Result<(Type, Option<(i64, i64)>), Problem> {
        use DataType as D;
        let bounded = |least: i64, most: i64| Ok((Type::Integer, Some((least, most))));
        let unit = match self.ty(arg) {
            Type::Timestamp { unit, .. } => *unit,
            _ => Unit::Microsecond,
        };
        match data_type {
            D::Bool | D::Boolean => Ok((Type::Boolean, None)),
            D::TinyInt(None) => bounded(i8::MIN.into(), i8::MAX.into()),
            D::SmallInt(None) | D::Int2(None) | D::Int16 => bounded(i16::MIN.into(), i16::MAX.into()),
            D::Int(None) | D::Integer(None) | D::Int4(None) | D::Int32 => bounded(i32::MIN.into(), i32::MAX.into()),
            D::BigInt(None) | D::Int8(None) | D::Int64 => Ok((Type::Integer, None)),
            D::Decimal(info) | D::Numeric(info) | D::Dec(info) => decimal_type(info, span).map(|ty| (ty, None)),
            D::Double(ExactNumberInfo::None) | D::DoublePrecision | D::Float8 | D::Float64 => Ok((Type::Double, None)),
            D::Varchar(None) | D::Text | D::String(None) | D::CharacterVarying(None) => Ok((Type::Text, None)),
            D::Blob(None) | D::Bytea | D::Varbinary(None) => Ok((Type::Binary, None)),
            D::Date => Ok((Type::Date, None)),
            D::Time(None, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => Ok((Type::Time, None)),
            D::Timestamp(None, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone)
            | D::TimestampNtz(None)
            | D::Datetime(None) => Ok((Type::Timestamp { unit, zoned: false }, None)),
            D::Timestamp(None, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz) => {
                Ok((Type::Timestamp { unit, zoned: true }, None))
            }
            other => {
                let message = format!("`{other}` is no type to cast to");
                let help = "BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL(p, s), DOUBLE, VARCHAR, BLOB, DATE, TIME, \
                            TIMESTAMP and TIMESTAMP WITH TIME ZONE are";
                Err(Problem::new(codes::CAST_TYPE, message, span).help(help))
            }
        }
    }

    /// Casts a node where its type differs.
    pub(super) fn convert(&mut self, arg: NodeId, ty: &Type, span: Span) -> Result<NodeId, Problem> {
        if self.ty(arg) == ty {
            return Ok(arg);
        }
        if self.facts(arg).constant.as_ref().is_some_and(Constant::is_null) {
            return self.add(Op::Constant(ty.clone(), Constant::Null), ty.clone(), span);
        }
        self.add(Op::Cast { arg, to: ty.clone(), attempt: false, bounds: None }, ty.clone(), span)
    }

    /// A constant decimal as the nearest double; none for everything else.
    pub(super) fn literal_double(&mut self, id: NodeId, span: Span) -> Option<NodeId> {
        let facts = self.facts(id);
        let (Type::Decimal { scale, .. }, Some(Constant::Decimal(digits))) = (&facts.ty, &facts.constant) else {
            return None;
        };
        let value = Constant::Double(decimal::to_f64(*digits, *scale));
        self.add(Op::Constant(Type::Double, value), Type::Double, span).ok()
    }

    /// A constant integer that a double holds exactly, as that double: comparing and computing with it is the same and needs no
    /// conversion for each record.
    pub(super) fn exact_double(&mut self, id: NodeId, span: Span) -> Option<NodeId> {
        const EXACT: i64 = 1 << 53;
        let Some(Constant::Integer(value)) = self.facts(id).constant else { return None };
        let exact = *self.ty(id) == Type::Integer && (-EXACT..=EXACT).contains(&value);
        exact.then(|| self.add(Op::Constant(Type::Double, Constant::Double(value as f64)), Type::Double, span).ok())?
    }

    /// A constant text as the date, time or timestamp that it stands beside (S6.5).
    pub(super) fn literal_time(&mut self, id: NodeId, ty: &Type, span: Span) -> Option<NodeId> {
        let facts = self.facts(id);
        let temporal = matches!(ty, Type::Date | Type::Time | Type::Timestamp { .. });
        if !temporal || facts.ty != Type::Text {
            return None;
        }
        let text = facts.constant.clone()?;
        let value = record::cast_constant(&text, &Type::Text, ty)?;
        self.add(Op::Constant(ty.clone(), value), ty.clone(), span).ok()
    }

    /// Brings values to one type, as CASE, COALESCE and functions of common arguments need it.
    pub(super) fn unify(&mut self, ids: &[NodeId], spans: &[Span], what: &str) -> Result<(Vec<NodeId>, Type), Problem> {
        let at = |position: usize| spans.get(position).copied().unwrap_or_default();
        let mut common = Type::Null;
        let doubles = ids.iter().any(|id| *self.ty(*id) == Type::Double);
        let times = ids.iter().map(|id| self.ty(*id).clone());
        let time = times.clone().find(|ty| matches!(ty, Type::Date | Type::Time | Type::Timestamp { .. }));
        let mut out = Vec::with_capacity(ids.len());
        for (position, id) in ids.iter().enumerate() {
            let literal = if doubles { self.literal_double(*id, at(position)) } else { None };
            let literal = match (&time, literal) {
                (Some(time), None) => self.literal_time(*id, time, at(position)),
                (_, literal) => literal,
            };
            let id = literal.unwrap_or(*id);
            let ty = self.ty(id).clone();
            common = common_type(&common, &ty).ok_or_else(|| {
                let message = format!("{what} has values of types {common} and {ty}");
                Problem::new(codes::OPERAND_TYPES, message, at(position)).help("bring them to one type with CAST")
            })?;
            out.push(id);
        }
        let converted = out.iter().enumerate().map(|(position, id)| self.convert(*id, &common, at(position)));
        Ok((converted.collect::<Result<_, _>>()?, common))
    }
}

fn decimal_type(info: &ExactNumberInfo, span: Span) -> Result<Type, Problem> {
    let (precision, scale) = match info {
        ExactNumberInfo::None => (18, 3),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, u64::try_from(*scale).unwrap_or(u64::MAX)),
    };
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision @ 1..=MAX_PRECISION), Ok(scale)) if scale <= precision => Ok(Type::Decimal { precision, scale }),
        _ => {
            let message = format!("DECIMAL({precision}, {scale}) is no type");
            let help = "a DECIMAL has 1 to 38 digits, at most all of them after the point";
            Err(Problem::new(codes::CAST_TYPE, message, span).help(help))
        }
    }
}

/// The type that values of two types are brought to without a word of the author; none when he has to say.
pub(super) fn common_type(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (a, b) if a == b => a.clone(),
        (Type::Null, other) | (other, Type::Null) => other.clone(),
        (Type::Integer, Type::Double) | (Type::Double, Type::Integer) => Type::Double,
        (Type::Integer, decimal @ Type::Decimal { .. }) | (decimal @ Type::Decimal { .. }, Type::Integer) => {
            common_type(&INTEGER_AS_DECIMAL, decimal)?
        }
        (Type::Decimal { precision: p, scale: s }, Type::Decimal { precision: q, scale: t }) => {
            let scale = *s.max(t);
            let whole = (p - p.min(s)).max(q - q.min(t));
            Type::Decimal { precision: (whole + scale).clamp(1, MAX_PRECISION), scale }
        }
        (Type::Date, stamp @ Type::Timestamp { zoned: false, .. })
        | (stamp @ Type::Timestamp { zoned: false, .. }, Type::Date) => stamp.clone(),
        (Type::Timestamp { unit: a, zoned }, Type::Timestamp { unit: b, zoned: other }) if zoned == other => {
            Type::Timestamp { unit: *a.max(b), zoned: *zoned }
        }
        (Type::Duration(a), Type::Duration(b)) => Type::Duration(*a.max(b)),
        (Type::List(a), Type::List(b)) => Type::List(std::sync::Arc::new(common_type(a, b)?)),
        _ => return None,
    })
}
