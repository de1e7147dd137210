/** The 57 subjects of MMLU by category, as in lm-eval's groups; in brackets in the comments their test documents. */
const subjects = {
  // 13 subjects (4,705)
  humanities: [
    ...['formal_logic', 'high_school_european_history', 'high_school_us_history'],
    ...['high_school_world_history', 'international_law', 'jurisprudence', 'logical_fallacies'],
    ...['moral_disputes', 'moral_scenarios', 'philosophy', 'prehistory', 'professional_law'],
    'world_religions',
  ],
  // 12 (3,077)
  social_sciences: [
    ...['econometrics', 'high_school_geography', 'high_school_government_and_politics'],
    ...['high_school_macroeconomics', 'high_school_microeconomics', 'high_school_psychology'],
    ...['human_sexuality', 'professional_psychology', 'public_relations', 'security_studies', 'sociology'],
    'us_foreign_policy',
  ],
  // 19 (3,153)
  stem: [
    ...['abstract_algebra', 'anatomy', 'astronomy', 'college_biology', 'college_chemistry'],
    ...['college_computer_science', 'college_mathematics', 'college_physics', 'computer_security'],
    ...['conceptual_physics', 'electrical_engineering', 'elementary_mathematics', 'high_school_biology'],
    ...['high_school_chemistry', 'high_school_computer_science', 'high_school_mathematics'],
    ...['high_school_physics', 'high_school_statistics', 'machine_learning'],
  ],
  // 13 (3,107)
  other: [
    ...['business_ethics', 'clinical_knowledge', 'college_medicine', 'global_facts', 'human_aging'],
    ...['management', 'marketing', 'medical_genetics', 'miscellaneous', 'nutrition'],
    ...['professional_accounting', 'professional_medicine', 'virology'],
  ],
} as const satisfies Record<string, readonly string[]>;

export type MmluCategory = keyof typeof subjects;
export const mmluCategories = Object.keys(subjects) as readonly MmluCategory[];

const categories = new Map<string, MmluCategory>(
  mmluCategories.flatMap((category) => subjects[category].map((subject) => [subject, category] as const)),
);

/** Undefined for what is no subject of MMLU. */
export function mmluCategory(subject: string): MmluCategory | undefined {
  return categories.get(subject);
}

/** All subjects, category by category. */
export const mmluSubjects: readonly string[] = [...categories.keys()];
