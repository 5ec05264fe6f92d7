/** Pendulum from labels, the counterpart of ../peers/preferences.py: preferences.ts <seed> <labels> <steps>. */
import { runOnce } from '../../reproductions/control-preferences/experiment.ts'
import { tasks } from '../../reproductions/control-preferences/tasks.ts'
import { report } from './report.ts'

const [seed, labels, steps] = process.argv.slice(2).map(Number)
const arm = { title: 'labels', labels: labels!, selection: 'disagreement' } as const
const outcome = await runOnce({ ...tasks.pendulum!, totalSteps: steps! }, arm, seed!)
const { evaluation, seconds, processorSeconds: processors, labels: given, agentSteps } = outcome
report({ return: evaluation, seconds, processors, labels: given, steps: agentSteps })
