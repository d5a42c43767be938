//! Texts of values (S9.5): each reads exactly the forms of the spec and yields None for all else.
