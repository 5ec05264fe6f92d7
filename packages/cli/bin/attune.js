#!/usr/bin/env node
// @ts-check
// The door is plain JavaScript, so that help appears at once; a command's code is loaded when it is called.
import { existsSync } from 'node:fs'
import { register } from 'node:module'
import { Command } from 'commander'

const program = new Command('attune')
  .description('Reinforcement learning from human feedback: supervised fine-tuning, reward models, PPO.')
  .version('0.1.0')
  .showHelpAfterError()

/** @type {(option: string, all?: string[]) => string[]} */
const collect = (option, all = []) => [...all, option]

const kinds = {
  run: 'run all stages of a recipe, skipping those that are done',
  pretrain: 'train a tokenizer and a small model on plain text',
  sft: 'supervised fine-tuning on prompt/completion rows',
  reward: 'train a reward model from comparisons or rankings',
  dpo: 'optimise a policy on comparisons directly: DPO, IPO, SimPO, ORPO and their kin',
  ppo: 'optimise a policy against a reward model under a KL penalty',
  grpo: 'optimise a policy without a critic: GRPO, DAPO, GSPO, RLOO and their kin, on any rewards',
}

for (const [kind, description] of Object.entries(kinds)) {
  program
    .command(kind)
    .description(description)
    .argument('<recipe>', 'recipe file (YAML)')
    .option('--set <path=value>', 'override a number of the recipe, such as stages.ppo.steps=20', collect)
    .option('--seed <n>', "the recipe's seed")
    .option('--threads <n>', 'threads of ONNX Runtime')
    .option('--resume', 'go on from the newest checkpoint')
    .option('--runs <folder>', 'where runs are kept', 'runs')
    .action(async (recipe, flags) => {
      const { runCommand } = await load('run')
      await runCommand(recipe, flags, kind === 'run' ? undefined : kind)
    })
}

program
  .command('generate')
  .description('complete a prompt; the completion alone goes to stdout')
  .requiredOption('--model <folder>', 'checkpoint in Hugging Face layout')
  .requiredOption('--prompt <text>', 'text to complete')
  .option('--chat', "the prompt is a user's message in the model's chat template")
  .option('--max-new-tokens <n>', 'longest completion', '64')
  .option('--min-new-tokens <n>', 'shortest completion')
  .option('--temperature <t>', '0 takes the likeliest token', '1')
  .option('--top-k <k>', 'draw from the k likeliest tokens')
  .option('--top-p <p>', 'draw from the likeliest tokens of this mass')
  .option('--stop <text>', 'end before this text (repeatable)', collect)
  .option('--seed <n>', 'seed of the draws', '0')
  .option('--threads <n>', 'threads of ONNX Runtime')
  .option('--json', 'print tokens and log-probabilities')
  .action(async (flags) => (await load('generate')).generateCommand(flags))

program
  .command('eval')
  .description('mean cross-entropy per token of a text')
  .requiredOption('--model <folder>', 'checkpoint in Hugging Face layout')
  .requiredOption('--text <file>', 'text file')
  .option('--max-length <n>', "tokens of a window; default: the model's whole context")
  .option('--threads <n>', 'threads of ONNX Runtime')
  .option('--json', 'print as JSON')
  .action(async (flags) => (await load('eval')).evalCommand(flags))

program
  .command('data')
  .description('look at data as a trainer sees it')
  .command('inspect')
  .description(
    'type, lengths and problems of a file, and its rows token by token, with what is learnt marked',
  )
  .argument('<file>', 'JSON Lines, JSON, CSV or Parquet')
  .requiredOption('--model <folder>', 'checkpoint whose tokenizer and chat template are used')
  .option('--type <type>', 'what the rows are read as: supervised, preference, unpaired-preference, …')
  .option('--max-length <n>', 'count the rows of more tokens than this')
  .option('--samples <n>', 'rows to show token by token', '3')
  .option('--json', 'print as JSON')
  .action(async (file, flags) => (await load('data')).inspectCommand(file, flags))

program
  .command('pull')
  .description('download a model or a dataset of the hub; a download that broke off is gone on with')
  .argument('<id>', "the hub's <owner>/<name>")
  .option('--revision <name>', 'branch, tag or commit', 'main')
  .option('--to <folder>', 'default: models/<name>, or data/<name>')
  .option('--dataset', 'a dataset, not a model')
  .option('--file <path>', 'only this file (repeatable)', collect)
  .option('--token <token>', 'access token (default: HF_TOKEN)')
  .action(async (id, flags) => (await load('pull')).pullCommand(id, flags))

program
  .command('push')
  .description('upload the folder of a model, an adapter or a dataset to the hub in one commit')
  .argument('<folder>', 'what to upload')
  .argument('<id>', "the hub's <owner>/<name>")
  .option('--revision <branch>', 'branch', 'main')
  .option('--dataset', 'a dataset, not a model')
  .option('--private', 'if the repository is made, only you can see it')
  .option('--message <text>', 'title of the commit')
  .option('--token <token>', 'access token that may write (default: HF_TOKEN)')
  .action(async (folder, id, flags) => (await load('push')).pushCommand(folder, id, flags))

program
  .command('convert')
  .description("write a GGUF file, or an adapter merged into its base, as a folder in Hugging Face's layout")
  .argument('<model>', 'GGUF file or folder')
  .argument('<folder>', 'new folder')
  .option('--dtype <type>', 'F32, F16 or BF16', 'F32')
  .action(async (model, folder, flags) => (await load('convert')).convertCommand(model, folder, flags))

program
  .command('report')
  .description('write report.html of a run again')
  .argument('<run>', 'folder of the run')
  .action(async (folder) => {
    const path = await (await load('report')).writeReport(folder)
    process.stderr.write(`report: ${path}\n`)
  })

program
  .command('track')
  .description("give a run's metrics to TensorBoard or MLflow")
  .argument('<run>', 'folder of the run')
  .option('--tensorboard <folder>', 'write an event file into <folder>/<run>')
  .option('--mlflow <url>', 'log to an MLflow server (access token: MLFLOW_TRACKING_TOKEN)')
  .option('--experiment <name>', "MLflow's experiment", 'attune')
  .action(async (folder, flags) => (await load('track')).trackCommand(folder, flags))

const control = program.command('control').description('policies that act: environments instead of prompts')

control
  .command('train')
  .description("train a policy on its environment's own reward: PPO, A2C, SAC or deep Q-learning")
  .argument('<recipe>', 'recipe file (YAML)')
  .option('--set <field=value>', 'override a field of the recipe, such as total_steps=100000', collect)
  .option('--seed <n>', "the recipe's seed")
  .option('--threads <n>', 'threads of ONNX Runtime')
  .option('--resume', 'go on from the newest checkpoint')
  .option('--runs <folder>', 'where runs are kept', 'runs')
  .action(async (recipe, flags) => (await load('control')).trainCommand(recipe, flags))

control
  .command('preferences')
  .description('train a policy on comparisons of clips, simulated or by people')
  .argument('<recipe>', 'recipe file (YAML)')
  .option('--set <field=value>', 'override a field of the recipe, such as labels=300', collect)
  .option('--seed <n>', "the recipe's seed")
  .option('--threads <n>', 'threads of ONNX Runtime')
  .option('--resume', 'go on from the newest checkpoint, with all labels')
  .option('--runs <folder>', 'where runs are kept', 'runs')
  .action(async (recipe, flags) => (await load('control')).preferencesCommand(recipe, flags))

control
  .command('label')
  .description(
    'a page in the browser that asks which of two clips is better; works while the training goes on',
  )
  .argument('<run>', 'folder of the run, such as runs/control-pendulum-people')
  .option('--port <n>', 'port on this machine; 0 takes any free one', '8765')
  .option('--name <name>', 'who labels', 'me')
  .option('--question <text>', "what is asked, instead of the recipe's question")
  .action(async (folder, flags) => (await load('control')).labelCommand(folder, flags))

control
  .command('play')
  .description('play a saved policy; one line of JSON an episode goes to stdout')
  .argument('<policy>', 'folder with policy.json, such as runs/control-hopper/policy')
  .option('--episodes <n>', 'episodes to play', '1')
  .option('--seed <n>', 'seed of the episodes', '0')
  .option('--draw', 'draw actions instead of taking the likeliest')
  .option('--strip <file>', 'picture strip of the first episode (.png or .svg)')
  .option('--frames <n>', 'pictures in the strip', '12')
  .option('--animation <file>', 'the first episode as an animated PNG')
  .option(
    '--every <steps>',
    'steps between pictures; without it a strip is spread over the episode and an animation shows every step',
  )
  .option('--steps-per-second <n>', 'pace of the animation', '20')
  .action(async (folder, flags) => (await load('control')).playCommand(folder, flags))

control
  .command('tamer')
  .description(
    'shape an agent by signals, good or bad: your keys at a page of its own, or a simulated trainer',
  )
  .argument('<recipe>', 'recipe file (YAML)')
  .option('--set <field=value>', 'override a field of the recipe, such as trainer.kind=person', collect)
  .option('--seed <n>', "the recipe's seed")
  .option('--resume', 'go on after the signals that the run has')
  .option('--refit', 'make the model again from the signals alone')
  .option('--port <n>', 'port of the page on this machine; 0 takes any free one', '8766')
  .option('--runs <folder>', 'where runs are kept', 'runs')
  .action(async (recipe, flags) => (await load('control')).tamerCommand(recipe, flags))

const store = program
  .command('store')
  .description('stores of judgments: jsonl:<folder>, sqlite:<file>, postgres://…')
store
  .command('move')
  .description('copy a store into another; counts and hashes are compared')
  .argument('<from>')
  .argument('<to>')
  .action(async (from, to) => (await load('store')).storeMove(from, to))
store
  .command('rebuild')
  .description("make a store's database again from its journal")
  .argument('<store>')
  .option('--journal <file>', 'the journal of a PostgreSQL store: <data>/attune.journal.jsonl of a server')
  .action(async (address, flags) => (await load('store')).storeRebuild(address, flags))
store
  .command('export')
  .description('write a store, or the judgments of a project')
  .argument('<store>')
  .requiredOption('--output <file>', 'file to write')
  .option(
    '--format <name>',
    'jsonl (all, lossless), judgments, trl-preference, trl-unpaired, trl-prompt-completion, csv, parquet, argilla, label-studio',
    'jsonl',
  )
  .option('--project <id>', 'which project, when there are several')
  .action(async (address, flags) => (await load('store')).storeExport(address, flags))
store
  .command('import')
  .description('read a lossless export, or other tools’ JSON')
  .argument('<store>')
  .requiredOption('--input <file>', 'file to read')
  .option('--format <name>', 'jsonl, argilla, label-studio', 'jsonl')
  .option('--project <id>', 'project to import into')
  .action(async (address, flags) => (await load('store')).storeImport(address, flags))

program
  .command('studio')
  .description('serve the feedback studio: people judge, you train, everybody watches')
  .option('--port <n>', 'port to listen on', '4321')
  .option('--host <address>', 'address to listen on; others than this machine need accounts', '127.0.0.1')
  .option('--origin <url>', 'where browsers reach it, behind a proxy: https://studio.example.org')
  .option('--data <folder>', 'where labels and accounts are kept', '.attune')
  .option('--store <url>', 'sqlite:<file> or postgres://…; default a file in the data folder')
  .option('--shared', 'other servers share the PostgreSQL database: no journal of it is kept')
  .option('--threads <n>', 'threads of ONNX Runtime for answering models')
  .option('--no-open', 'do not open a browser')
  .action(async (flags) => (await load('studio')).studioCommand(flags))

/**
 * A command's module: compiled where it was published, from source in a clone.
 * @param {string} command
 */
async function load(command) {
  if (!existsSync(new URL('../src', import.meta.url))) return import(`../dist/commands/${command}.js`)
  register('./source-condition.js', import.meta.url)
  const { register: registerTypeScript } = await import('tsx/esm/api')
  registerTypeScript()
  return import(`../src/commands/${command}.ts`)
}

try {
  await program.parseAsync()
} catch (cause) {
  const error = /** @type {Error} */ (cause)
  process.stderr.write(`attune: ${process.env.ATTUNE_DEBUG ? error.stack : error.message}\n`)
  process.exitCode = error.name === 'Interrupted' ? 130 : error.name === 'UserError' ? 2 : 1
}
