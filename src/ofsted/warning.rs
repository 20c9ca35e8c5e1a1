//! What is allowed in a history and still odd: to be looked at by whoever made the data.

use crate::Precision;
use crate::error::{Problem, Problems};
use crate::ofsted::{Area, Framework, Inspection, RatingHistory};

impl RatingHistory {
    /// What breaks no rule and is odd: publication before the end of fieldwork, inspections of one day or with
    /// overlapping fieldwork under one framework, judgements missing from the set that a framework gives.
    ///
    /// ```
    /// # #[cfg(feature = "dataset")] {
    /// let england = rating_history::ofsted::england()?;
    /// let warnings = england.warnings();
    /// assert!(warnings.errors().next().is_none());
    /// assert!(warnings.0.iter().any(|w| w.record == "warrington-2011-02-slac" && w.column == "end_date"));
    /// # }
    /// # Ok::<(), rating_history::Error>(())
    /// ```
    pub fn warnings(&self) -> Problems {
        let mut found = Vec::new();
        let mut warn = |inspection: &Inspection, column: &str, value: String, expected: String| {
            found.push(Problem::new(column, &value, expected).of(&inspection.id).warning());
        };
        for (place, inspection) in self.inspections().iter().enumerate() {
            let dates = inspection.dates;
            if let (Some(end), Some(published), Precision::Day) = (dates.end(), dates.published(), dates.precision())
                && published < end
            {
                warn(inspection, "published", published.to_string(), format!("a day not before the end, {end}"));
            }
            let missing: Vec<&str> = missing_areas(inspection).into_iter().map(Area::code).collect();
            if !missing.is_empty() && !inspection.judgements.is_empty() {
                let expected = format!("judgements of {} too, as {} gives", missing.join(", "), inspection.framework);
                warn(inspection, "judgements", inspection.judgements.len().to_string(), expected);
            }
            let alike = |other: &&Inspection| {
                (&other.authority, other.framework) == (&inspection.authority, inspection.framework)
            };
            let Some(before) = self.inspections()[..place].iter().rev().take(4).find(alike) else { continue };
            if before.dates.effect() == dates.effect() {
                let expected = if before.judgements == inspection.judgements {
                    format!("another inspection than {}, which says the same of the same day", before.id)
                } else {
                    format!("one inspection a day; {} is of the same", before.id)
                };
                warn(inspection, "end_date", dates.effect().to_string(), expected);
            } else if let (Some(start), Some(end)) = (dates.start(), before.dates.end())
                && (dates.precision(), before.dates.precision()) == (Precision::Day, Precision::Day)
                && start <= end
            {
                let expected = format!("a day after {} had ended, {end}", before.id);
                warn(inspection, "start_date", start.to_string(), expected);
            }
        }
        Problems(found)
    }
}

/// Areas of the full set that an inspection does not list.
fn missing_areas(inspection: &Inspection) -> Vec<Area> {
    use Area::*;
    let lists = |area: &Area| inspection.judgements.iter().any(|j| j.area == *area);
    let full: &[Area] = match inspection.framework {
        Framework::Slac => &[SafeguardingOverall, LookedAfterOverall],
        Framework::Apc => &[OverallEffectiveness],
        Framework::Lac => &[LookedAfterOverall],
        Framework::Lscb => &[Lscb],
        Framework::Sif => {
            &[OverallEffectiveness, HelpAndProtection, ChildrenLookedAfter, Adoption, CareLeavers, Leadership]
        }
        Framework::Ilacs if lists(&InCareAndCareLeavers) => {
            &[OverallEffectiveness, Leadership, HelpAndProtection, InCareAndCareLeavers]
        }
        Framework::Ilacs => &[OverallEffectiveness, Leadership, HelpAndProtection, InCare, CareLeavers],
        Framework::Ilacs2026 => &[Leadership, HelpAndProtection, InCare, CareLeavers],
    };
    full.iter().copied().filter(|area| !lists(area)).collect()
}
