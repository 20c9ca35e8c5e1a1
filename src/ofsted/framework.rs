//! Inspection frameworks, the areas each one judges, and the themes that can be followed across them.

use chrono::NaiveDate;

use crate::SeriesId;
use crate::code::coded_enum;
use crate::ofsted::Grade;

coded_enum! {
    /// The rules under which an inspection was made.
    ///
    /// ```
    /// use rating_history::ofsted::{Area, Framework};
    /// assert!(Framework::Ilacs.areas().contains(&Area::OverallEffectiveness));
    /// assert!(!Framework::Ilacs2026.areas().contains(&Area::OverallEffectiveness));
    /// ```
    enum Framework: "framework" {
        /// Safeguarding and looked after children, 2009 to 2012.
        Slac = "SLAC" / "SLAC",
        /// Arrangements for the protection of children, 2012 to 2013.
        Apc = "APC" / "APC",
        /// Looked after children services, June and July 2013.
        Lac = "LAC" / "LAC",
        /// Single inspection framework, November 2013 to 2018.
        Sif = "SIF" / "SIF",
        /// Review of a Local Safeguarding Children Board on its own.
        Lscb = "LSCB" / "LSCB review",
        /// Inspection of local authority children's services, January 2018 to March 2026.
        Ilacs = "ILACS" / "ILACS",
        /// The same from 1 April 2026: without an overall judgement.
        Ilacs2026 = "ILACS2026" / "ILACS 2026",
    }
}

coded_enum! {
    /// A judgement area as the report names it.
    enum Area: "area" {
        /// SLAC: overall effectiveness of safeguarding.
        SafeguardingOverall = "safeguarding_overall" / "Safeguarding overall",
        /// SLAC: capacity to improve safeguarding.
        SafeguardingCapacity = "safeguarding_capacity" / "Safeguarding: capacity to improve",
        /// SLAC, LAC: overall effectiveness of services for looked after children.
        LookedAfterOverall = "looked_after_overall" / "Looked after children overall",
        /// SLAC, LAC: capacity to improve services for looked after children.
        LookedAfterCapacity = "looked_after_capacity" / "Looked after children: capacity to improve",
        /// LAC: outcomes.
        LookedAfterOutcomes = "looked_after_outcomes" / "Looked after children: outcomes",
        /// LAC: quality of provision.
        QualityOfProvision = "quality_of_provision" / "Quality of provision",
        /// APC, SIF, ILACS to March 2026: overall effectiveness.
        OverallEffectiveness = "overall_effectiveness" / "Overall effectiveness",
        /// Leadership: "leadership and management" (LAC), "leadership, management and governance" (SIF), "impact
        /// of leaders on social work practice" (ILACS).
        Leadership = "leadership" / "Leadership",
        /// Children who need help and protection.
        HelpAndProtection = "help_and_protection" / "Help and protection",
        /// SIF: children looked after and achieving permanence.
        ChildrenLookedAfter = "children_looked_after" / "Children looked after",
        /// SIF: adoption performance.
        Adoption = "adoption" / "Adoption",
        /// Care leavers.
        CareLeavers = "care_leavers" / "Care leavers",
        /// Local Safeguarding Children Board.
        Lscb = "lscb" / "Local Safeguarding Children Board",
        /// ILACS before 2023: children in care and care leavers, one grade for both.
        InCareAndCareLeavers = "in_care_and_care_leavers" / "In care and care leavers",
        /// ILACS from January 2023: children in care.
        InCare = "in_care" / "In care",
    }
}

coded_enum! {
    /// A series that a reader follows across frameworks. The areas behind it are not the same judgement under
    /// different names; compare across frameworks with care.
    ///
    /// ```
    /// use rating_history::ofsted::{Area, Framework, Theme};
    /// assert_eq!(Theme::Headline.areas(Framework::Slac), &[Area::SafeguardingOverall]);
    /// assert!(Theme::Headline.areas(Framework::Ilacs2026).is_empty());
    /// ```
    enum Theme: "theme" {
        /// The overall grade; safeguarding overall before 2012; none from April 2026.
        Headline = "headline" / "Overall",
        /// Children who need help and protection.
        HelpAndProtection = "help_and_protection" / "Help and protection",
        /// Children in care.
        Care = "care" / "Children in care",
        /// Care leavers.
        CareLeavers = "care_leavers" / "Care leavers",
        /// Leadership.
        Leadership = "leadership" / "Leadership",
        /// Adoption performance.
        Adoption = "adoption" / "Adoption",
        /// Local Safeguarding Children Board.
        Lscb = "lscb" / "Safeguarding board",
    }
}

coded_enum! {
    /// The size or occasion of an inspection.
    enum InspectionKind: "inspection kind" {
        /// ILACS over two weeks.
        Standard = "standard" / "standard",
        /// ILACS over one week, after a good or outstanding overall grade.
        Short = "short" / "short",
        /// First inspection under SLAC, APC, LAC or SIF.
        Full = "full" / "full",
        /// Second inspection under SLAC, APC or SIF.
        Reinspection = "reinspection" / "re-inspection",
        /// Review of a Local Safeguarding Children Board.
        LscbReview = "lscb_review" / "LSCB review",
    }
}

/// Theme to area, per framework: the first area of the list that an inspection graded is the theme's grade.
const THEMES: &[(Theme, Framework, &[Area])] = {
    use Area::*;
    use Framework::*;
    &[
        (Theme::Headline, Slac, &[SafeguardingOverall]),
        (Theme::Headline, Apc, &[OverallEffectiveness]),
        (Theme::Headline, Sif, &[OverallEffectiveness]),
        (Theme::Headline, Ilacs, &[OverallEffectiveness]),
        (Theme::HelpAndProtection, Sif, &[HelpAndProtection]),
        (Theme::HelpAndProtection, Ilacs, &[HelpAndProtection]),
        (Theme::HelpAndProtection, Ilacs2026, &[HelpAndProtection]),
        (Theme::Leadership, Lac, &[Leadership]),
        (Theme::Leadership, Sif, &[Leadership]),
        (Theme::Leadership, Ilacs, &[Leadership]),
        (Theme::Leadership, Ilacs2026, &[Leadership]),
        (Theme::Care, Slac, &[LookedAfterOverall]),
        (Theme::Care, Lac, &[LookedAfterOverall]),
        (Theme::Care, Sif, &[ChildrenLookedAfter]),
        (Theme::Care, Ilacs, &[InCare, InCareAndCareLeavers]),
        (Theme::Care, Ilacs2026, &[InCare]),
        (Theme::CareLeavers, Sif, &[CareLeavers]),
        (Theme::CareLeavers, Ilacs, &[CareLeavers, InCareAndCareLeavers]),
        (Theme::CareLeavers, Ilacs2026, &[CareLeavers]),
        (Theme::Adoption, Sif, &[Adoption]),
        (Theme::Lscb, Sif, &[Area::Lscb]),
        (Theme::Lscb, Framework::Lscb, &[Area::Lscb]),
    ]
};

impl Theme {
    /// The areas that carry this theme under a framework, preferred first; empty when the framework has none.
    pub fn areas(self, framework: Framework) -> &'static [Area] {
        THEMES.iter().find(|(t, f, _)| (*t, *f) == (self, framework)).map_or(&[], |(_, _, areas)| areas)
    }

    /// Whether inspections on a day give this judgement: the overall one until 31 March 2026, adoption and the safeguarding
    /// board until the end of 2017.
    ///
    /// ```
    /// use rating_history::ofsted::Theme;
    /// let day = |text: &str| text.parse().unwrap();
    /// assert!(Theme::Headline.given_on(day("2026-03-31")) && !Theme::Headline.given_on(day("2026-04-01")));
    /// assert!(Theme::Leadership.given_on(day("2026-04-01")));
    /// ```
    pub fn given_on(self, date: NaiveDate) -> bool {
        let until = |year, month| NaiveDate::from_ymd_opt(year, month, 1).is_none_or(|end| date < end);
        match self {
            Theme::Headline => until(2026, 4),
            Theme::Adoption | Theme::Lscb => until(2018, 1),
            _ => true,
        }
    }

    /// Whether an inspection under `framework` ends this series by no longer giving its judgement: only the
    /// headline, from April 2026.
    pub fn not_reported_by(self, framework: Framework) -> bool {
        (self, framework) == (Theme::Headline, Framework::Ilacs2026)
    }
}

impl From<Theme> for SeriesId {
    fn from(theme: Theme) -> Self {
        theme.code().into()
    }
}

impl Framework {
    /// Every area that an inspection under this framework may judge.
    pub fn areas(self) -> &'static [Area] {
        use Area::*;
        match self {
            Framework::Slac => &[SafeguardingOverall, SafeguardingCapacity, LookedAfterOverall, LookedAfterCapacity],
            Framework::Apc => &[OverallEffectiveness],
            Framework::Lac => {
                &[LookedAfterOverall, LookedAfterCapacity, LookedAfterOutcomes, QualityOfProvision, Leadership]
            }
            Framework::Sif => {
                &[OverallEffectiveness, Leadership, HelpAndProtection, ChildrenLookedAfter, CareLeavers, Adoption, Lscb]
            }
            Framework::Lscb => &[Lscb],
            Framework::Ilacs => {
                &[OverallEffectiveness, Leadership, HelpAndProtection, InCareAndCareLeavers, InCare, CareLeavers]
            }
            Framework::Ilacs2026 => &[Leadership, HelpAndProtection, InCare, CareLeavers],
        }
    }

    /// The kinds of inspection this framework has.
    pub fn kinds(self) -> &'static [InspectionKind] {
        match self {
            Framework::Slac | Framework::Apc | Framework::Lac | Framework::Sif => {
                &[InspectionKind::Full, InspectionKind::Reinspection]
            }
            Framework::Lscb => &[InspectionKind::LscbReview],
            Framework::Ilacs | Framework::Ilacs2026 => &[InspectionKind::Standard, InspectionKind::Short],
        }
    }

    /// Whether this framework calls the second grade "Adequate" (all before November 2013).
    pub fn says_adequate(self) -> bool {
        matches!(self, Framework::Slac | Framework::Apc | Framework::Lac)
    }

    /// A grade in the words of this framework: "Adequate" before November 2013.
    ///
    /// ```
    /// use rating_history::ofsted::{Framework, Grade};
    /// assert_eq!(Framework::Slac.grade_label(Grade::RequiresImprovement), "Adequate");
    /// assert_eq!(Framework::Sif.grade_label(Grade::RequiresImprovement), "Requires improvement");
    /// ```
    pub fn grade_label(self, grade: Grade) -> &'static str {
        if grade == Grade::RequiresImprovement && self.says_adequate() { "Adequate" } else { grade.label() }
    }

    /// A grade's code in the words of this framework: `adequate` before November 2013.
    pub fn grade_code(self, grade: Grade) -> &'static str {
        if grade == Grade::RequiresImprovement && self.says_adequate() { "adequate" } else { grade.code() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_area_is_reported_by_its_framework() {
        for (theme, framework, areas) in THEMES {
            for area in *areas {
                assert!(framework.areas().contains(area), "{theme} {framework} {area}");
            }
        }
    }

    #[test]
    fn themes_have_at_most_one_entry_per_framework() {
        for (i, a) in THEMES.iter().enumerate() {
            assert!(THEMES[..i].iter().all(|b| (a.0, a.1) != (b.0, b.1)));
        }
    }
}
