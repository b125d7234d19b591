//! How attempts fail.

/// Why an attempt failed, as the one who sent it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The bot answered with an error.
    Error,
    /// No answer within the deadline.
    Timeout,
    /// No endpoint, no connection, a full queue, or a connection that was cut.
    Refused,
    /// The client hung up while it waited.
    Abandoned,
}

impl Failure {
    pub const ALL: [Self; 4] = [Self::Error, Self::Timeout, Self::Refused, Self::Abandoned];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();
}
