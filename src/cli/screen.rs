//! What fits on a screen: what is long is cut in its middle, with where the rest is.

use console::Term;

use crate::words::say;

/// Fewer lines than these are not shown, however small the screen is.
const FEWEST: usize = 12;

/// How many lines and columns the terminal of stderr has; `None` where it is none.
pub(super) fn size() -> Option<(usize, usize)> {
    let (rows, columns) = Term::stderr().size_checked()?;
    Some((usize::from(rows), usize::from(columns)))
}

/// A text of at most so many lines: the beginning and the end of it, and how much was left out between them.
pub(super) fn cut(text: &str, lines: usize, rest: &str) -> String {
    let all: Vec<&str> = text.lines().collect();
    let lines = lines.max(FEWEST);
    if all.len() <= lines {
        return text.to_owned();
    }
    // The end says what it comes to, and is worth more than the middle.
    let end = (lines - 1) / 2;
    let beginning = lines - 1 - end;
    let left_out = all.len() - beginning - end;
    let mut shown: Vec<String> = all.iter().take(beginning).map(ToString::to_string).collect();
    shown.push(say!("cli-lines-are-left-out-here", lines = left_out, rest = rest).to_string());
    shown.extend(all.iter().skip(all.len() - end).map(ToString::to_string));
    shown.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end_and_says_where_the_rest_is() {
        let text = (1..=100).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n") + "\n";
        let shown = cut(&text, 20, "`plan` shows them");
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[19]), (20, "line 1", "line 100"));
        assert_eq!(lines[10], "… 81 lines are left out here; `plan` shows them");
        assert_eq!(cut(&text, 100, ""), text);
        assert_eq!(cut(&text, 2, "").lines().count(), FEWEST);
    }
}
