//! The releases of a rollout.
//!
//! Most strategies have two: the stable one ran before, and the candidate is being rolled out. A strategy may have more, such
//! as a previous one beside both, to which it could return.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kernel::{Handful, Id};

/// A release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ARelease {}

/// The number of a release, in the order in which the strategy names them.
pub type ReleaseId = Id<ARelease>;

/// Something of each release.
pub type ByRelease<T> = Handful<ARelease, T>;

impl Id<ARelease> {
    /// The release that ran before.
    pub const STABLE: Self = Self::new(0);
    /// The release that is being rolled out: it alone has the defects, the migration and the feature.
    pub const CANDIDATE: Self = Self::new(1);
    /// Releases that a rollout has at most.
    pub const MOST: usize = 7;
}

/// What a strategy says of a release before the rollout begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseRole {
    /// What it is in the rollout.
    pub name: &'static str,
    /// What people call it. The stable release and the candidate have their versions from the scenario; another one
    /// without any goes by its name.
    pub version: Option<String>,
}

impl ReleaseRole {
    pub const STABLE: Self = Self { name: "stable", version: None };
    pub const CANDIDATE: Self = Self { name: "candidate", version: None };
}

// what a file can name
/// One of the two releases of a rollout.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "ReleaseId"))]
#[serde(rename_all = "snake_case")]
enum InFiles {
    /// The release that ran before.
    Stable,
    /// The release that is being rolled out.
    Candidate,
}

impl<'de> Deserialize<'de> for Id<ARelease> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match InFiles::deserialize(deserializer)? {
            InFiles::Stable => Self::STABLE,
            InFiles::Candidate => Self::CANDIDATE,
        })
    }
}

impl Serialize for Id<ARelease> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::STABLE => InFiles::Stable.serialize(serializer),
            Self::CANDIDATE => InFiles::Candidate.serialize(serializer),
            further => serializer.collect_str(&format_args!("release {}", further.number())),
        }
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Id<ARelease> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        InFiles::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        InFiles::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_names_two_releases_and_data_numbers_the_others() {
        for (release, name) in
            [(ReleaseId::STABLE, "\"stable\""), (ReleaseId::CANDIDATE, "\"candidate\"")]
        {
            assert_eq!(serde_json::to_string(&release).unwrap(), name);
            assert_eq!(serde_json::from_str::<ReleaseId>(name).unwrap(), release);
        }
        assert_eq!(serde_json::to_string(&ReleaseId::new(2)).unwrap(), "\"release 2\"");
        assert!(serde_json::from_str::<ReleaseId>("\"release 2\"").is_err());
    }
}
