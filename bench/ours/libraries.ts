import '@attune/rlhf'
import './model.ts'
import { report } from './report.ts'

report({})
