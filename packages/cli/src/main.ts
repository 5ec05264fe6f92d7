import { Command } from 'commander'
import { UserError } from './errors.ts'

const program = new Command('attune')
  .description('Reinforcement learning from human feedback: supervised fine-tuning, reward models, PPO.')
  .version('0.1.0')
  .showHelpAfterError()

const collect = (value: string, all: string[] = []) => [...all, value]

const kinds = {
  run: 'run all stages of a recipe, skipping those that are done',
  pretrain: 'train a tokenizer and a small model on plain text',
  sft: 'supervised fine-tuning on prompt/completion rows',
  reward: 'train a reward model from comparisons or rankings',
  ppo: 'optimise a policy against a reward model under a KL penalty',
} as const

for (const [name, description] of Object.entries(kinds) as [keyof typeof kinds, string][]) {
  program
    .command(name)
    .description(description)
    .argument('<recipe>', 'recipe file (YAML)')
    .option('--set <path=value>', 'override a number of the recipe, such as stages.ppo.steps=20', collect)
    .option('--seed <n>', "the recipe's seed")
    .option('--threads <n>', 'threads of ONNX Runtime')
    .option('--resume', 'go on from the newest checkpoint')
    .option('--runs <folder>', 'where runs are kept', 'runs')
    .action(async (recipe, flags) => {
      const { runCommand } = await import('./commands/run.ts')
      await runCommand(recipe, flags, name === 'run' ? undefined : name)
    })
}

program
  .command('generate')
  .description('complete a prompt; the completion alone goes to stdout')
  .requiredOption('--model <folder>', 'checkpoint in Hugging Face layout')
  .requiredOption('--prompt <text>', 'text to complete')
  .option('--max-new-tokens <n>', 'longest completion', '64')
  .option('--min-new-tokens <n>', 'shortest completion')
  .option('--temperature <t>', '0 takes the likeliest token', '1')
  .option('--top-k <k>', 'draw from the k likeliest tokens')
  .option('--top-p <p>', 'draw from the likeliest tokens of this mass')
  .option('--stop <text>', 'end before this text (repeatable)', collect)
  .option('--seed <n>', 'seed of the draws', '0')
  .option('--threads <n>', 'threads of ONNX Runtime')
  .option('--json', 'print tokens and log-probabilities')
  .action(async (flags) => (await import('./commands/generate.ts')).generateCommand(flags))

program
  .command('eval')
  .description('mean cross-entropy per token of a text')
  .requiredOption('--model <folder>', 'checkpoint in Hugging Face layout')
  .requiredOption('--text <file>', 'text file')
  .option('--threads <n>', 'threads of ONNX Runtime')
  .option('--json', 'print as JSON')
  .action(async (flags) => (await import('./commands/eval.ts')).evalCommand(flags))

program
  .command('report')
  .description('write report.html of a run again')
  .argument('<run>', 'folder of the run')
  .action(async (folder) => {
    const { writeReport } = await import('./commands/report.ts')
    process.stderr.write(`report: ${await writeReport(folder)}\n`)
  })

try {
  await program.parseAsync()
} catch (cause) {
  const error = cause as Error
  process.stderr.write(`attune: ${process.env.ATTUNE_DEBUG ? error.stack : error.message}\n`)
  process.exitCode = error.name === 'Interrupted' ? 130 : error instanceof UserError ? 2 : 1
}
