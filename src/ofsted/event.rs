//! What happened to an authority between inspections: trusts, directions, commissioners.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Precision;
use crate::code::coded_enum;
use crate::ofsted::AuthorityCode;

coded_enum! {
    /// The kind of event.
    enum EventKind: "event kind" {
        /// A children's services trust took over.
        TrustEstablished = "trust_established" / "trust set up",
        /// A council-owned company took over.
        CompanyEstablished = "company_established" / "company set up",
        /// A partnership with another council.
        Partnership = "partnership" / "partnership",
        /// Services went back to the council.
        ReturnedToCouncil = "returned_to_council" / "returned to council",
        /// An improvement notice by the Department for Education, the step below a direction.
        ImprovementNotice = "improvement_notice" / "improvement notice",
        /// A statutory direction by the Secretary of State.
        StatutoryDirection = "statutory_direction" / "statutory direction",
        /// A commissioner was appointed.
        CommissionerAppointed = "commissioner_appointed" / "commissioner appointed",
        /// A section 114 notice: the council cannot balance its budget.
        Section114Notice = "section_114_notice" / "section 114 notice",
    }
}

coded_enum! {
    /// What the event is about.
    enum EventScope: "scope" {
        /// Children's services.
        Children = "children" / "children's services",
        /// Special educational needs and disabilities.
        Send = "send" / "special educational needs",
        /// The whole council.
        Council = "council" / "whole council",
    }
}

/// One event. An empty `end` does not mean that it is still in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The authority it happened to.
    pub authority: AuthorityCode,
    /// Kind.
    pub kind: EventKind,
    /// Scope.
    pub scope: EventScope,
    /// First day; the first of the month or year at month or year precision.
    pub start: NaiveDate,
    /// Last day, where stated.
    pub end: Option<NaiveDate>,
    /// How exactly the dates are known.
    pub precision: Precision,
    /// What happened, in a few words.
    pub label: String,
    /// Where this is stated.
    pub source: String,
}
