//! Builders of typed columns, filled value by value.
