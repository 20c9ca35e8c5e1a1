//! Ratings by other inspectorates: police forces, areas' work for children with special needs, adult social care.
#![doc = include_str!("others/README.md")]

use flate2::read::GzDecoder;

use crate::io::{Loaded, Mapping, ReadOptions, Register, Source};
use crate::{Error, Ratings};

/// An embedded set of another inspectorate: its file, and the mapping that tells what the file's columns and words mean.
///
/// ```
/// use rating_history::dataset;
/// let peel = dataset::other("peel").unwrap().read()?;
/// let efficiency = peel.value[0].series("efficiency")?;
/// assert!(efficiency.spells().rows()?.len() > 43);
/// assert_eq!(peel.value[0].words().body.many, "forces");
/// # Ok::<(), rating_history::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OtherSet {
    /// Its short name: `peel`.
    pub name: &'static str,
    /// What it is about.
    pub what: &'static str,
    /// What is rated, in a word or two.
    pub subject: &'static str,
    /// Who rates it.
    pub inspectorate: &'static str,
    /// The name of its file.
    pub file: &'static str,
    /// The file, packed by gzip.
    pub packed: &'static [u8],
    /// The [`Mapping`] of the file as JSON, with the words of the set.
    pub mapping: &'static str,
    /// The register of the bodies, where there is one beside the file: who exists, whether rated or not, and who followed
    /// whom. A table as `authorities.csv` of England's set.
    pub register: Option<&'static str>,
    /// What has to be known of the set, one sentence each; the first says how much of what there is it holds.
    pub notes: &'static [&'static str],
}

impl OtherSet {
    /// The file as it is.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be unpacked.
    pub fn text(&self) -> Result<String, Error> {
        let unpacked = std::io::read_to_string(GzDecoder::new(self.packed));
        unpacked.map_err(|source| Error::Io { path: self.file.into(), source })
    }

    /// The ratings, one `Ratings` for each scale, and how many rows were left out.
    ///
    /// # Errors
    /// As [`Mapping::read_by_scale`]: every row goes through the same checks as a file of one's own.
    pub fn read(&self) -> Result<Loaded<Vec<Ratings>>, Error> {
        let mapping: Mapping =
            serde_json::from_str(self.mapping).map_err(|error| Error::Asked(format!("{}: {error}", self.name)))?;
        let options = ReadOptions::default();
        let mut read = mapping.read_by_scale(Source::new(self.file, self.packed), &options)?;
        if let Some(register) = self.register {
            let register = register.replacen("gss_code", "id", 1);
            let register = Register::read(Source::new("authorities.csv", register.as_bytes()), &options)?.value;
            read.value = read.value.into_iter().map(|ratings| register.give(ratings)).collect::<Result<_, _>>()?;
        }
        Ok(read)
    }
}

/// England's councils, by their GSS codes.
const COUNCILS: &str = include_str!("england/authorities.csv");

/// The sets of other inspectorates.
pub const OTHERS: [OtherSet; 3] = [
    OtherSet {
        name: "peel",
        what: "police forces: HMICFRS's PEEL assessments, three pillars",
        subject: "Police forces",
        inspectorate: "HMICFRS",
        file: "police_peel.csv",
        packed: include_bytes!("others/police_peel.csv.gz"),
        mapping: include_str!("others/police_peel.json"),
        register: None,
        notes: &[
            "All 43 territorial forces of England and Wales; the rounds of 2015, 2016, 2017 and 2018/19, no later ones; \
             2018/19 of Humberside and Surrey and effectiveness 2017 of Derbyshire and Norfolk are missing",
            "A grade that was worked out from totals, not read, is left out",
            "A round without a grade is bridged: the grade before it is followed by the next there is",
            "The three grades of 2018/19 come from one joint assessment; they have the same names as before, but do not \
             answer quite the same questions",
        ],
    },
    OtherSet {
        name: "send",
        what: "areas: Ofsted and CQC on special educational needs and disabilities",
        subject: "SEND",
        inspectorate: "Ofsted and CQC",
        file: "send_area_inspections.csv",
        packed: include_bytes!("others/send_area_inspections.csv.gz"),
        mapping: include_str!("others/send_area_inspections.json"),
        register: Some(COUNCILS),
        notes: &[
            "All 151 areas of the time for 2016 to 2022, with 47 revisits of the 83 that had to write a statement of \
             action; since 2023, 96 of 153 areas, as far as known on 29 June 2026",
            "Dorset and North and West Northamptonshire, formed before the inspections of 2016 to 2022 ended, were \
             inspected under the areas before them",
            "The inspections before and since 2023 ask different questions, and a revisit grades progress, not the area: \
             three series, each with its own scale",
            "A rating is dated by the end of the inspection, else its publication, else its start",
        ],
    },
    OtherSet {
        name: "adult-social-care",
        what: "councils: CQC's assessments of adult social care, overall and nine statements",
        subject: "Adult social care",
        inspectorate: "CQC",
        file: "cqc_adult_social_care.csv",
        packed: include_bytes!("others/cqc_adult_social_care.csv.gz"),
        mapping: include_str!("others/cqc_adult_social_care.json"),
        register: Some(COUNCILS),
        notes: &[
            "Overall ratings of 71 of 153 councils, published up to early October 2025; they were not drawn at random, so \
             shares of grades are not England's",
            "One assessment a council so far: there are no changes of grade",
            "Indicative ratings of pilots, and a rating worked out from scores, are left out",
            "Dates are known to the month of publication",
        ],
    },
];

/// The set with a short name.
pub fn other(name: &str) -> Option<&'static OtherSet> {
    OTHERS.iter().find(|set| set.name == name)
}
