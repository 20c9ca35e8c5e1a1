//! Local authorities: codes, regions, types, lifetimes.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::code::coded_enum;

/// A GSS code of the Office for National Statistics: one capital letter and eight digits.
///
/// ```
/// use rating_history::ofsted::AuthorityCode;
/// assert_eq!(AuthorityCode::new("E06000039")?.as_str(), "E06000039");
/// assert!(AuthorityCode::new("Slough").is_err());
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AuthorityCode(String);

impl AuthorityCode {
    /// A code from its text.
    ///
    /// # Errors
    /// [`Error::Value`] when it is not a capital letter and eight digits.
    pub fn new(code: impl Into<String>) -> Result<Self, Error> {
        let code = code.into();
        let bytes = code.as_bytes();
        if bytes.len() == 9 && bytes[0].is_ascii_uppercase() && bytes[1..].iter().all(u8::is_ascii_digit) {
            Ok(AuthorityCode(code))
        } else {
            Err(Error::value("GSS code", code, "a capital letter and eight digits, as in E06000039"))
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AuthorityCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl std::str::FromStr for AuthorityCode {
    type Err = Error;
    fn from_str(code: &str) -> Result<Self, Error> {
        AuthorityCode::new(code)
    }
}

impl TryFrom<String> for AuthorityCode {
    type Error = Error;
    fn try_from(code: String) -> Result<Self, Error> {
        AuthorityCode::new(code)
    }
}

impl From<AuthorityCode> for String {
    fn from(code: AuthorityCode) -> Self {
        code.0
    }
}

coded_enum! {
    /// The nine regions of England. Files use the label.
    enum Region: "region" {
        /// North East.
        NorthEast = "North East" / "North East",
        /// North West.
        NorthWest = "North West" / "North West",
        /// Yorkshire and the Humber.
        YorkshireAndTheHumber = "Yorkshire and the Humber" / "Yorkshire and the Humber",
        /// East Midlands.
        EastMidlands = "East Midlands" / "East Midlands",
        /// West Midlands.
        WestMidlands = "West Midlands" / "West Midlands",
        /// East of England.
        EastOfEngland = "East of England" / "East of England",
        /// London.
        London = "London" / "London",
        /// South East.
        SouthEast = "South East" / "South East",
        /// South West.
        SouthWest = "South West" / "South West",
    }
}

coded_enum! {
    /// What kind of council an authority is.
    enum AuthorityType: "authority type" {
        /// Unitary authority.
        Unitary = "unitary" / "unitary authority",
        /// Metropolitan district.
        MetropolitanDistrict = "metropolitan_district" / "metropolitan district",
        /// London borough.
        LondonBorough = "london_borough" / "London borough",
        /// County council.
        County = "county" / "county",
        /// City of London Corporation.
        CityCorporation = "city_corporation" / "city corporation",
        /// Council of the Isles of Scilly.
        IslesOfScilly = "isles_of_scilly" / "Isles of Scilly",
    }
}

/// A local authority with responsibility for children's services.
///
/// It exists from its opening day to the day before its closing date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// Current ONS code, or the last own code of an abolished council.
    pub code: AuthorityCode,
    /// The Department for Education's three-digit number.
    pub la_code: Option<u16>,
    /// Ofsted's number.
    pub urn: Option<u32>,
    /// English name.
    pub name: String,
    /// Region.
    pub region: Region,
    /// Type of council.
    pub authority_type: AuthorityType,
    /// First day, for councils created in 2009 or later.
    pub opened: Option<NaiveDate>,
    /// First day on which it no longer existed.
    pub closed: Option<NaiveDate>,
    /// The councils that took over from it.
    pub successors: Vec<AuthorityCode>,
    /// Earlier codes of the same council.
    pub former_codes: Vec<AuthorityCode>,
}

impl Authority {
    /// Whether it exists on a day.
    pub fn exists_on(&self, date: NaiveDate) -> bool {
        self.opened.is_none_or(|o| o <= date) && self.closed.is_none_or(|c| date < c)
    }

    /// Its name as the stem of a file's name: lower-case words joined by hyphens, nothing else.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england()?;
    /// assert_eq!(england.find("Tower Hamlets")?.file_stem(), "tower-hamlets");
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn file_stem(&self) -> String {
        let words = self.name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase);
        words.collect::<Vec<_>>().join("-")
    }
}

/// The only authority whose name has these words, or else begins with them; three letters or more, as compared in look-ups.
/// Berkshire is not West Berkshire.
pub(crate) fn by_part<'a>(authorities: impl IntoIterator<Item = &'a Authority>, key: &str) -> Option<&'a Authority> {
    const PARTS: [&str; 5] = ["north", "east", "south", "west", "central"];
    if key.chars().count() < 3 {
        return None;
    }
    let words = format!(" {key} ");
    let (mut named, mut begun) = (Vec::new(), Vec::new());
    for authority in authorities {
        let name = format!(" {} ", name_key(&authority.name));
        if let Some((before, _)) = name.split_once(&words) {
            named.push((authority, PARTS.contains(&before.trim())));
        } else if name[1..].starts_with(key) {
            begun.push(authority);
        }
    }
    match (&named[..], &begun[..]) {
        ([(found, false)], _) => Some(found),
        ([], [found]) => Some(found),
        _ => None,
    }
}

/// A name as compared in look-ups: lower case, "&" as "and", no punctuation, no "council" words.
pub(crate) fn name_key(name: &str) -> String {
    const NOISE: [&str; 10] =
        ["council", "borough", "city", "county", "metropolitan", "district", "of", "the", "london", "royal"];
    let folded = crate::code::fold(&name.replace('&', " and ").replace(['\'', '’'], ""));
    let kept: Vec<&str> = folded.split('_').filter(|w| !NOISE.contains(w)).collect();
    if kept.is_empty() { folded } else { kept.join(" ") }
}
