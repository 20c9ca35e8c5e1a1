//! Closed vocabularies: an enum whose variants have one written code each, the same in CSV, JSON and frames.

/// The candidate most alike to a value (Jaro-Winkler at least 0.8), for messages.
///
/// ```
/// assert_eq!(rating_history::nearest("dys", ["days", "grade"]), Some("days"));
/// assert_eq!(rating_history::nearest("xyz", ["days", "grade"]), None);
/// ```
pub fn nearest<'a>(value: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let value = value.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (strsim::jaro_winkler(&value, &c.to_lowercase()), c))
        .filter(|(score, _)| *score >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

/// A text as it may be shown: control characters, marks that turn the direction of writing and characters of no meaning are
/// written as their codes, so that a terminal obeys nothing and a message stays one line.
///
/// ```
/// assert_eq!(rating_history::visible("Elm\u{1b}[2J\nHome"), "Elm\\u{1b}[2J\\nHome");
/// assert_eq!(rating_history::visible("Ynys Môn"), "Ynys Môn");
/// ```
pub fn visible(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains(is_odd) {
        return text.into();
    }
    let shown = |c: char| if is_odd(c) { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect::<String>().into()
}

/// Whether a character is for machines only.
pub(crate) fn is_odd(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    c.is_control() || turns || u32::from(c) & 0xfffe == 0xfffe
}

/// Lower case, words joined by `_`: "Requires  Improvement" and "requires-improvement" become one spelling.
pub(crate) fn fold(value: &str) -> String {
    value
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .join("_")
}

macro_rules! coded_enum {
    (
        $(#[$meta:meta])*
        enum $name:ident: $what:literal {
            $( $(#[$vmeta:meta])* $variant:ident = $code:literal / $label:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$vmeta])* #[serde(rename = $code)] $variant, )+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The code used in files, JSON and frames.
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// The words used in tables and charts.
            pub const fn label(self) -> &'static str {
                match self { $( Self::$variant => $label, )+ }
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.code()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.label())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Error;

            /// Reads a code or a label; case, spaces, hyphens and underscores do not matter.
            fn from_str(value: &str) -> Result<Self, $crate::Error> {
                let folded = $crate::code::fold(value);
                Self::ALL
                    .iter()
                    .copied()
                    .find(|v| $crate::code::fold(v.code()) == folded || $crate::code::fold(v.label()) == folded)
                    .ok_or_else(|| $crate::Error::unknown($what, value, Self::ALL.iter().map(|v| v.code())))
            }
        }
    };
}
pub(crate) use coded_enum;

/// Setters of the fields of options, each named as its field; `=> Some` for what is given as a plain value.
macro_rules! setters {
    ($name:ident { $( $(#[$meta:meta])* $field:ident: $kind:ty $(=> $some:ident)? ),+ $(,)? }) => {
        impl $name {
            $(
                $(#[$meta])*
                #[must_use]
                pub fn $field(mut self, $field: $kind) -> Self {
                    self.$field = $($some)?($field.into());
                    self
                }
            )+
        }
    };
}
pub(crate) use setters;
