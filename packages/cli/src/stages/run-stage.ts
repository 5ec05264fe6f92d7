import type { Stage } from '../recipe/schema.ts'
import type { StageContext } from '../run/context.ts'
import { bestOfStageRun } from './best-of.ts'
import { dpoStageRun } from './dpo.ts'
import { evaluateStageRun } from './evaluate.ts'
import { grpoStageRun } from './grpo.ts'
import { judgeStageRun } from './judge.ts'
import { ktoStageRun } from './kto.ts'
import { labelStageRun } from './label.ts'
import { onlineStageRun } from './online.ts'
import { ppoStageRun } from './ppo.ts'
import { pretrainStageRun } from './pretrain.ts'
import { processRewardStageRun } from './process-reward.ts'
import { reviseStageRun } from './revise.ts'
import { rewardStageRun } from './reward.ts'
import { scoreStageRun } from './score.ts'
import { sftStageRun } from './sft.ts'

/** Runs one stage of a recipe and returns what is worth remembering of it. */
export function runStage(stage: Stage, context: StageContext): Promise<Record<string, unknown>> {
  switch (stage.stage) {
    case 'pretrain':
      return pretrainStageRun(stage, context)
    case 'sft':
      return sftStageRun(stage, context)
    case 'label':
      return labelStageRun(stage, context)
    case 'judge':
      return judgeStageRun(stage, context)
    case 'revise':
      return reviseStageRun(stage, context)
    case 'reward':
      return rewardStageRun(stage, context)
    case 'process-reward':
      return processRewardStageRun(stage, context)
    case 'dpo':
      return dpoStageRun(stage, context)
    case 'kto':
      return ktoStageRun(stage, context)
    case 'ppo':
      return ppoStageRun(stage, context)
    case 'grpo':
      return grpoStageRun(stage, context)
    case 'online':
      return onlineStageRun(stage, context)
    case 'best-of':
      return bestOfStageRun(stage, context)
    case 'evaluate':
      return evaluateStageRun(stage, context)
    case 'score':
      return scoreStageRun(stage, context)
  }
}
