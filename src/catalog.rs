//! The one registration macro, shared by every family of plug-ins.

/// Declares a family of plug-ins: one line for each file.
///
/// Each file exports a spec type, which is its section of the scenario and whose docstring is its
/// manual, and which answers what the family's trait asks. The macro turns the list into the family's
/// choice, so that an unknown name in a scenario is a problem that lists every known name. What is
/// `plain` has no settings: its description stands in the list, and its name alone in the scenario.
/// What is `in tests` is known to the tests of the crate only.
///
/// `kind` hands out the one that was chosen, as the trait; a family that `builds` something has a
/// function `build` in its trait. `gathers` is for what is asked of the family and not of a choice: it
/// collects the answers of a function of the trait, in the order of the list.
macro_rules! catalog {
    (
        $(#[$meta:meta])*
        $spec:ident: $face:ident $(builds $product:ty)? {
            $($name:literal => $module:ident :: $kind:ident),+ $(,)?
            $(plain { $($(#[$about:meta])* $plain_name:literal => $plain_module:ident :: $plain:ident),+ $(,)? })?
            $(in tests { $($test_name:literal => $test:ident in $($place:ident)::+),+ $(,)? })?
        }
        $(gathers { $($gathers:tt)+ })?
    ) => {
        $(mod $module;)+
        $(pub use $module::$kind;)+
        $($(mod $plain_module;)+)?
        $($(pub use $plain_module::$plain;)+)?

        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $spec {
            $(#[serde(rename = $name)] $kind($module::$kind),)+
            $($($(#[$about])* #[serde(rename = $plain_name)] $plain,)+)?
            $($(#[cfg(test)] #[serde(rename = $test_name)] $test($($place)::+::$test),)+)?
        }

        impl $spec {
            /// Every name that a scenario may use.
            pub const NAMES: &'static [&'static str] =
                &[$($name,)+ $($($plain_name,)+)? $($(#[cfg(test)] $test_name,)+)?];

            /// The same without what is known to tests only.
            pub const SHIPPED: &'static [&'static str] = &[$($name,)+ $($($plain_name,)+)?];

            /// The name that the scenario used.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $name,)+
                    $($(Self::$plain => $plain_name,)+)?
                    $($(#[cfg(test)] Self::$test(_) => $test_name,)+)?
                }
            }

            /// Answers whatever is asked of it.
            pub fn kind(&self) -> &dyn $face {
                match self {
                    $(Self::$kind(spec) => spec,)+
                    $($(Self::$plain => &$plain_module::$plain,)+)?
                    $($(#[cfg(test)] Self::$test(spec) => spec,)+)?
                }
            }

            $(pub fn build(&self) -> $product {
                self.kind().build()
            })?
        }

        $(impl From<$module::$kind> for $spec {
            fn from(spec: $module::$kind) -> Self {
                Self::$kind(spec)
            }
        })+
        $($(impl From<$plain_module::$plain> for $spec {
            fn from(_: $plain_module::$plain) -> Self {
                Self::$plain
            }
        })+)?
        $($(#[cfg(test)] impl From<$($place)::+::$test> for $spec {
            fn from(spec: $($place)::+::$test) -> Self {
                Self::$test(spec)
            }
        })+)?

        catalog! {
            @gathers $spec: $face {
                $($module::$kind,)+
                $($($plain_module::$plain,)+)?
                $($(#[cfg(test)] $($place)::+::$test,)+)?
            }
            $($($gathers)+)?
        }
    };
    (@gathers $spec:ident: $face:ident { $($all:tt)+ }) => {};
    (
        @gathers $spec:ident: $face:ident { $($(#[$when:meta])* $kind:path,)+ }
        $(#[$meta:meta])*
        $all:ident: $one:ident($asked:ident: $asking:ty) -> $answer:ty
    ) => {
        impl $spec {
            $(#[$meta])*
            pub fn $all($asked: $asking) -> Vec<$answer> {
                let mut answers = Vec::new();
                $($(#[$when])* answers.extend(<$kind as $face>::$one($asked));)+
                answers
            }
        }
    };
}
