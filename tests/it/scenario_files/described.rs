//! Schemas of languages that only tests know, with the quantities of the published one.

use std::borrow::Cow;

use rollsim::scenario::{Schemas, published_schema};
use schemars::{JsonSchema, Schema, SchemaGenerator, schema_for};
use serde_json::Value;

pub(super) fn schemas<T: JsonSchema>() -> Schemas {
    Schemas::published(serde_json::to_string(&schema_for!(T)).unwrap().leak()).unwrap()
}

macro_rules! quantities {
    ($($name:ident),+) => {
        $(
            /// Stands for the quantity of this name in a schema.
            pub(super) struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    published(stringify!($name))
                }
            }
        )+
    };
}
quantities!(Bytes, Factor, HourOfWeek, Rate, Ratio, Span);

fn published(name: &str) -> Schema {
    let mut schema: Value = serde_json::from_str(published_schema()).unwrap();
    schema["$defs"][name].take().try_into().unwrap()
}
