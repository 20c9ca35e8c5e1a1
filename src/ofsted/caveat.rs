//! What has to be said beside answers about what reports and letters say.

use crate::code::coded_enum;

coded_enum! {
    /// What limits an answer about what inspectors asked for, who looked in between, or what an authority thought of itself.
    /// The label is the sentence to print.
    enum Caveat: "caveat" {
        /// Topics and views are not Ofsted's.
        CodedHere = "coded_here" / "Topics and views were coded from the reports by the makers of these data, not by Ofsted; a second coder gave the same first topic in 91% of 300 points.",
        /// Fewer asks do not mean fewer problems.
        ShorterLists = "shorter_lists" / "Lists became shorter over the years and between frameworks: a topic asked for less often is not a problem solved.",
        /// Silence is no praise, and repetition no proof.
        NotAsked = "not_asked" / "A topic not asked for is not one found good, and one asked for twice need not be the same request.",
        /// Safeguarding boards.
        BoardsLeftOut = "boards_left_out" / "The lists of safeguarding boards are left out.",
        /// Boards of several councils.
        SharedBoards = "shared_boards" / "Safeguarding boards shared by several councils (area lscb) have one list, which stands under each.",
        /// Reports that were not read.
        Unread = "unread" / "Only inspections whose report was read count; one that was not read breaks a run.",
        /// Grade and view are no two observations.
        SameInspectors = "same_inspectors" / "Grade, list and view come from the same inspectors at the same time: they describe, they do not forecast.",
        /// Many tests.
        ManyTests = "many_tests" / "So many comparisons at once show differences by chance: of 100 without any, about 5 intervals leave out 0.",
        /// Visits without a row.
        VisitsUnknown = "visits_unknown" / "A visit without a row is unknown, not absent, where its kind is not covered.",
    }
}
