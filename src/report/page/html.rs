//! HTML, written so that only this program's own text can be markup: what is not a literal is escaped, here and nowhere
//! else.

use std::{
    fmt::Display,
    io::{self, Write},
};

use crate::model::is_invisible;

/// Writes markup.
pub(super) struct Html<W: Write> {
    out: W,
}

impl<W: Write> Html<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }

    /// Markup, as this program has it.
    pub(super) fn markup(&mut self, markup: &'static str) -> io::Result<()> {
        self.out.write_all(markup.as_bytes())
    }

    /// Text, whatever stands in it.
    pub(super) fn text(&mut self, text: impl Display) -> io::Result<()> {
        let text = text.to_string();
        self.out.write_all(escaped(&text).as_bytes())
    }

    /// A name or a message that came from outside: it does not turn the direction of what stands around it.
    pub(super) fn foreign(&mut self, text: &str) -> io::Result<()> {
        self.markup("<bdi>")?;
        self.text(text)?;
        self.markup("</bdi>")
    }

    /// A sentence in which commands stand between backticks.
    pub(super) fn sentence(&mut self, text: &str) -> io::Result<()> {
        let mut parts: Vec<&str> = text.split('`').collect();
        if parts.len().is_multiple_of(2) {
            parts = vec![text];
        }
        for (place, part) in parts.into_iter().enumerate() {
            if place % 2 == 1 { self.element("code", part)? } else { self.text(part)? }
        }
        Ok(())
    }

    /// An element that holds text. `tag` may have attributes.
    pub(super) fn element(&mut self, tag: &'static str, text: impl Display) -> io::Result<()> {
        self.open(tag)?;
        self.text(text)?;
        self.close(tag)
    }

    /// An element's beginning.
    pub(super) fn open(&mut self, tag: &'static str) -> io::Result<()> {
        write!(self.out, "<{tag}>")
    }

    /// An element's end, by what it was opened with.
    pub(super) fn close(&mut self, tag: &'static str) -> io::Result<()> {
        let name = tag.split(' ').next().unwrap_or(tag);
        write!(self.out, "</{name}>")
    }

    /// An element's beginning with attributes of any value.
    pub(super) fn open_with(
        &mut self,
        tag: &'static str,
        attributes: &[(&'static str, &dyn Display)],
    ) -> io::Result<()> {
        write!(self.out, "<{tag}")?;
        for (name, value) in attributes {
            write!(self.out, " {name}=\"{}\"", escaped(&value.to_string()))?;
        }
        self.markup(">")
    }

    /// A definition in a list of them, of text from outside.
    pub(super) fn definition(&mut self, term: &'static str, text: &str) -> io::Result<()> {
        self.markup("<div>")?;
        self.element("dt", term)?;
        self.markup("<dd>")?;
        self.foreign(text)?;
        self.markup("</dd></div>\n")
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Text that is no markup, in an element or in quotes; characters that cannot be seen are left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars().filter(|character| !is_invisible(*character)) {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_from_outside_is_text_in_elements_and_in_attributes() {
        let mut bytes = Vec::new();
        let mut html = Html::new(&mut bytes);
        let hostile = "</td><script>alert('x')</script>\u{202e}\" onload=\"x";
        html.foreign(hostile).unwrap();
        html.open_with("a", &[("title", &hostile)]).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let safe = "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;x";
        assert_eq!(text, format!("<bdi>{safe}</bdi><a title=\"{safe}\">"));
    }
}
