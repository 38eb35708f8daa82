//! Lines are wrapped at words, so that a narrow terminal breaks none in the middle.

use console::measure_text_width;

/// Fewer columns than these are no terminal that anybody reads on.
const NARROWEST: usize = 30;

/// A text with its lines wrapped at words to so many columns. What a line goes on with stands two columns in from where it
/// began; a line of columns (two blanks between words) is left as it is, and so is a word that is too long.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    if width < NARROWEST {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split_inclusive('\n') {
        let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
        wrap_line(content, width, &mut out);
        out.push_str(end);
    }
    out
}

fn wrap_line(line: &str, width: usize, out: &mut String) {
    let words = line.trim_start();
    if measure_text_width(line) <= width || words.contains("  ") {
        out.push_str(line);
        return;
    }
    let indent = line.len() - words.len();
    out.push_str(&line[..indent]);
    let mut column = indent;
    for (place, word) in unbroken(words).into_iter().enumerate() {
        let long = measure_text_width(word);
        if place > 0 && column + 1 + long > width {
            out.push('\n');
            column = indent + 2;
            out.push_str(&" ".repeat(column));
        } else if place > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += long;
    }
}

/// The words of a line. What stands between backticks is one: a command that is broken is another one where it is pasted.
fn unbroken(line: &str) -> Vec<&str> {
    let (mut words, mut from, mut is_command) = (Vec::new(), 0, false);
    for (at, character) in line.char_indices() {
        match character {
            '`' => is_command = !is_command,
            ' ' if !is_command => {
                words.push(&line[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    words.push(&line[from..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_wrapped_at_words_and_nothing_is_lost() {
        let text = "hint: give the client both scopes in Samarbeidsportalen, then sign in again\nshort\n";
        let wide = wrapped(text, 40);
        assert!(wide.lines().all(|line| line.chars().count() <= 40), "{wide}");
        assert!(wide.lines().nth(1).unwrap().starts_with("  ") && wide.ends_with("\nshort\n"), "{wide}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&wide), words(text));
    }

    #[test]
    fn a_command_is_broken_nowhere() {
        let command = "`fullmakt --state-dir '/srv/a folder' fleet release fleet.toml --firm 315000009`";
        let told = wrapped(&format!("hint: {command} lets it go on, where it was before\n"), 40);
        assert!(told.contains(command), "{told}");
        assert_eq!(told.lines().count(), 3, "{told}");
    }

    #[test]
    fn columns_and_long_words_are_left_as_they_are() {
        let table = "RUN       JOB   STATUS       STARTED              CLIENTS\n";
        assert_eq!(wrapped(table, 40), table);
        let path = "/a/very/long/path/that/is/longer/than/the/terminal/is/wide\n";
        assert_eq!(wrapped(path, 40), path);
        assert_eq!(wrapped("a b c", 1), "a b c");
        let coloured = "\u{1b}[1mhint\u{1b}[0m: one two three four five";
        assert_eq!(wrapped(coloured, 34), coloured);
    }
}
