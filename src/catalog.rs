//! The one registration macro, shared by every family of plug-ins.

/// Declares a family of plug-ins: one line for each file.
///
/// Each file exports a spec type, which is its section of the scenario and whose docstring is its
/// manual, with a `build`. The macro turns the list into the family's choice, so that an unknown
/// name in a scenario is a problem that lists every known name.
macro_rules! catalog {
    (
        $(#[$meta:meta])*
        $spec:ident builds $product:ty { $($name:literal => $module:ident :: $kind:ident),+ $(,)? }
    ) => {
        $(mod $module;)+
        $(pub use $module::$kind;)+

        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
        pub enum $spec {
            $(#[serde(rename = $name)] $kind($module::$kind)),+
        }

        impl $spec {
            /// Every name that a scenario may use.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name that the scenario used.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $name),+
                }
            }

            pub fn build(&self) -> $product {
                match self {
                    $(Self::$kind(spec) => spec.build()),+
                }
            }
        }
    };
}
