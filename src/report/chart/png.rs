//! From SVG to PNG with the embedded font: the same pixels on every machine.

use std::{fmt, sync::Arc};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Database},
};

/// Inter, by The Inter Project Authors, under the SIL Open Font License; cut down to Latin, Greek,
/// Cyrillic and signs.
const FONTS: [&[u8]; 2] =
    [include_bytes!("../fonts/Inter-Regular.otf"), include_bytes!("../fonts/Inter-SemiBold.otf")];
/// Pixels of the PNG for each pixel of the SVG, so that it is sharp on dense screens.
const DENSITY: f32 = 2.0;

/// A drawing that could not be painted, and why.
#[derive(Debug)]
pub struct Unpaintable(String);

impl fmt::Display for Unpaintable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the picture cannot be painted: {}", self.0)
    }
}

impl std::error::Error for Unpaintable {}

/// Paints an SVG as a PNG file's bytes.
pub fn png(svg: &str) -> Result<Vec<u8>, Unpaintable> {
    let mut fonts = Database::new();
    for font in FONTS {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family("Inter");
    let options =
        Options { font_family: "Inter".to_owned(), fontdb: Arc::new(fonts), ..Options::default() };
    let tree = Tree::from_str(svg, &options).map_err(|it| Unpaintable(it.to_string()))?;
    let size = tree.size().to_int_size().scale_by(DENSITY);
    let pixels = size.and_then(|it| Pixmap::new(it.width(), it.height()));
    let mut pixels = pixels.ok_or_else(|| Unpaintable("it has no size".to_owned()))?;
    resvg::render(&tree, Transform::from_scale(DENSITY, DENSITY), &mut pixels.as_mut());
    pixels.encode_png().map_err(|it| Unpaintable(it.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_drawing_is_refused() {
        assert!(png("<svg").is_err());
        assert!(png("").is_err());
    }
}
