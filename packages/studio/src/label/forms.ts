import type { ComponentType } from 'react'
import { BinaryForm } from './binary-form.tsx'
import { ClipForm } from './clip-form.tsx'
import type { FormProps } from './form.ts'
import { PairForm } from './pair-form.tsx'
import { RankingForm } from './ranking-form.tsx'
import { RatingForm } from './rating-form.tsx'
import { RulesForm } from './rules-form.tsx'
import { CritiqueForm, DemonstrationForm, EditForm } from './written-form.tsx'

/** The form of each kind of judgment. */
export const forms: Readonly<Record<string, ComponentType<FormProps>>> = {
  comparison: PairForm,
  ranking: RankingForm,
  rating: RatingForm,
  binary: BinaryForm,
  critique: CritiqueForm,
  edit: EditForm,
  demonstration: DemonstrationForm,
  violation: RulesForm,
  'rule-check': RulesForm,
  'clip-comparison': ClipForm,
}
