//! The fake Altinn.
