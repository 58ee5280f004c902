"""What survey managers see of a questionnaire before it is fielded: errors, preview, paper, codebook, differences."""
