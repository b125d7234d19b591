//! The one registration macro, shared by every family of plug-ins.

/// Declares a family of plug-ins: one line for each file.
///
/// Each file exports a spec type, which is its section of the scenario and whose docstring is its
/// manual, with a `build`. The macro turns the list into the family's choice, so that an unknown
/// name in a scenario is a problem that lists every known name. What is `plain` has no settings: its
/// description stands in the list, and its name alone in the scenario.
macro_rules! catalog {
    (
        $(#[$meta:meta])*
        $spec:ident builds $product:ty {
            $($name:literal => $module:ident :: $kind:ident),+ $(,)?
            $(plain { $($(#[$about:meta])* $plain_name:literal => $plain_module:ident :: $plain:ident),+ $(,)? })?
        }
    ) => {
        $(mod $module;)+
        $(pub use $module::$kind;)+
        $($(mod $plain_module;)+)?

        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
        pub enum $spec {
            $(#[serde(rename = $name)] $kind($module::$kind),)+
            $($($(#[$about])* #[serde(rename = $plain_name)] $plain,)+)?
        }

        impl $spec {
            /// Every name that a scenario may use.
            pub const NAMES: &'static [&'static str] = &[$($name,)+ $($($plain_name,)+)?];

            /// The name that the scenario used.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $name,)+
                    $($(Self::$plain => $plain_name,)+)?
                }
            }

            pub fn build(&self) -> $product {
                match self {
                    $(Self::$kind(spec) => spec.build(),)+
                    $($(Self::$plain => $plain_module::$plain::build(),)+)?
                }
            }
        }
    };
}
