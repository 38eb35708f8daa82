//! The real program on a terminal of its own, as `script` makes one, and somebody who reads and types.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::missing_panics_doc)]

use std::{
    fs,
    io::{Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::program::Program;

/// A program at a terminal.
pub struct Terminal {
    pub child: Child,
    stdin: Option<ChildStdin>,
    output: ChildStdout,
    bytes: Vec<u8>,
    /// What stands on it.
    pub text: String,
    /// How far the reader has come.
    read: usize,
}

impl Terminal {
    /// Starts it, with a browser that does nothing.
    pub fn start(program: &Program, arguments: &str) -> Self {
        let plain = program.command(&[]);
        let mut command = Command::new("script");
        command
            .args(["-qec", &format!("{} {arguments}", env!("CARGO_BIN_EXE_fullmakt")), "/dev/null"])
            .current_dir(plain.get_current_dir().unwrap())
            .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .env("BROWSER", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdin, output) = (child.stdin.take(), child.stdout.take().unwrap());
        Self { child, stdin, output, bytes: Vec::new(), text: String::new(), read: 0 }
    }

    /// Reads on until this comes. Answers where it ends.
    pub fn wait_for(&mut self, words: &str) -> usize {
        let mut chunk = [0; 1024];
        loop {
            if let Some(at) = self.text[self.read..].find(words) {
                self.read += at + words.len();
                return self.read;
            }
            let read = self.output.read(&mut chunk).unwrap();
            assert!(read > 0, "the program ended before it said {words:?}: {}", self.text);
            self.bytes.extend(&chunk[..read]);
            // A letter may come in two pieces.
            let whole = match std::str::from_utf8(&self.bytes) {
                Ok(_) => self.bytes.len(),
                Err(error) => error.valid_up_to(),
            };
            self.text.push_str(std::str::from_utf8(&self.bytes[..whole]).unwrap());
            self.bytes.drain(..whole);
        }
    }

    /// Types, as it stands.
    pub fn types(&mut self, typed: &str) {
        self.stdin.as_mut().unwrap().write_all(typed.as_bytes()).unwrap();
    }

    /// Waits until this is asked, and types a line.
    pub fn answer(&mut self, asked: &str, line: &str) {
        self.wait_for(asked);
        self.types(&format!("{line}\n"));
    }

    /// What is typed before the terminal has stopped showing it is thrown away, as a terminal does with what came too early.
    pub fn waits_until_typing_is_hidden(&self) {
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        let program = fs::read_to_string(children).unwrap().trim().to_owned();
        let since = Instant::now();
        while since.elapsed() < Duration::from_mins(1) {
            let terminal = format!("/proc/{program}/fd/0");
            let settings = Command::new("stty").args(["-a", "-F", &terminal]).output().unwrap().stdout;
            if String::from_utf8_lossy(&settings).contains(" -echo ") {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("the terminal shows what is typed");
    }

    /// Ends the input.
    pub fn ends_input(&mut self) {
        self.stdin = None;
    }

    /// Reads to the end. Answers the exit code.
    pub fn end(mut self) -> (Option<i32>, String) {
        let mut rest = std::mem::take(&mut self.bytes);
        self.output.read_to_end(&mut rest).unwrap();
        self.text.push_str(&String::from_utf8_lossy(&rest));
        (self.child.wait().unwrap().code(), self.text.replace('\r', ""))
    }
}
