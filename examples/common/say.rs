//! Lines on the two standard streams, without a panic when nobody reads them.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::process::ExitCode;

use rating_history::Error;

/// A line on standard output. A reader that has gone away is no error, a full device is.
pub fn say(line: Arguments<'_>) -> Result<(), Error> {
    let mut out = stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Io { path: "standard output".into(), source: error })
        }
        _ => Ok(()),
    }
}

/// A line on standard error, if anybody reads it.
pub fn note(line: Arguments<'_>) {
    let _ = writeln!(stderr(), "{line}");
}

/// One line on standard error and code 2 for a mistake.
pub fn finish(done: Result<(), Error>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(format_args!("error: {error}"));
            ExitCode::from(2)
        }
    }
}
