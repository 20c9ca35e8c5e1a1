//! Lines on the two standard streams, without a panic when nobody reads them.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use clap::Parser;
use rating_history::io::clean_up;
use rating_history::{Error, visible};

/// A line on standard output. A reader that has gone away is no error, a full device is.
pub fn say(line: Arguments<'_>) -> Result<(), Error> {
    let text = line.to_string();
    let shown: Vec<_> = text.split('\n').map(visible).collect();
    let mut out = stdout().lock();
    match writeln!(out, "{}", shown.join("\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Io { path: "standard output".into(), source: error })
        }
        _ => Ok(()),
    }
}

/// A line on standard error, if anybody reads it.
pub fn note(line: Arguments<'_>) {
    let text = line.to_string();
    let shown: Vec<_> = text.split('\n').map(visible).collect();
    let _ = writeln!(stderr(), "{}", shown.join("\n"));
}

/// What is wrong with the arguments, in one line and in words.
fn one_line(message: &str) -> String {
    let told = message.split("\nUsage:").next().unwrap_or(message).split("\nFor more information").next();
    let words: Vec<&str> = told.unwrap_or(message).split_whitespace().collect();
    let words = words.join(" ");
    let words = words.strip_prefix("error: ").unwrap_or(&words);
    words
        .replace("invalid digit found in string", "expected a whole number")
        .replace("invalid float literal", "expected a number")
        .replace("the following required arguments were not provided:", "this is missing:")
        .replace(" tip: ", "; ")
}

/// Does a program's work with its arguments, as [`finish`].
pub fn run<A: Parser>(work: impl FnOnce(A) -> Result<(), Error>) -> ExitCode {
    finish(|| match A::try_parse() {
        Ok(arguments) => work(arguments),
        Err(error) if error.use_stderr() => Err(Error::Asked(one_line(&error.to_string()))),
        Err(help) => say(format_args!("{}", help.to_string().trim_end())),
    })
}

/// Whether what was compared differs, and the program was asked to say so when it ends.
static DIFFERS: AtomicBool = AtomicBool::new(false);

/// Lets the program end with status 1, as what was compared differs.
#[allow(dead_code, reason = "not every example compares")]
pub fn differs() {
    DIFFERS.store(true, Ordering::Relaxed);
}

/// Does a program's work: one line on standard error and code 2 for a mistake or a fault; told to end, it leaves no
/// temporary files.
pub fn finish(work: impl FnOnce() -> Result<(), Error>) -> ExitCode {
    static FAULT: Mutex<String> = Mutex::new(String::new());
    let _ = ctrlc::set_handler(|| {
        clean_up();
        std::process::exit(130);
    });
    // Files that are damaged make libraries panic; what is then said is said below.
    std::panic::set_hook(Box::new(|info| {
        *FAULT.lock().unwrap_or_else(PoisonError::into_inner) = info.to_string();
    }));
    match std::panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => return ExitCode::from(u8::from(DIFFERS.load(Ordering::Relaxed))),
        Ok(Err(error)) => note(format_args!("error: {error}")),
        Err(_) => {
            let fault = FAULT.lock().unwrap_or_else(PoisonError::into_inner);
            note(format_args!("error: a fault of this program, please report it: {}", fault.replace('\n', " ")));
        }
    }
    ExitCode::from(2)
}
