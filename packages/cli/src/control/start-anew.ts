import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { UserError } from '../errors.ts'
import { clipFolder } from './label/clip-folder.ts'
import { studioFile } from './studio/run-desk.ts'
import { signalFile } from './tamer/signal-file.ts'

/** Throws when a run's folder holds what people gave: labels, questions in a studio, signals. Such a run is not started anew. */
export async function checkNothingOfPeople(folder: string): Promise<void> {
  const refuse = (what: string) => {
    throw new UserError(`${folder} ${what} by --resume, or give the recipe another name`)
  }
  // opening a folder of clips makes it: a run that was never there is not to be one that is set aside
  const labels = existsSync(join(folder, 'labels.jsonl')) ? await (await clipFolder(folder)).labels() : []
  const people = labels.filter(({ annotator }) => annotator.source === 'person')
  if (people.length > 0) refuse(`holds ${people.length} labels of people: go on with them`)
  const project = await studioFile(folder)
  if (project)
    refuse(`has asked about its clips in ${project.url}, project ${project.project}: go on with the answers`)
  const signals = await signalsOfPerson(folder)
  if (signals > 0) refuse(`holds ${signals} signals of a person: go on with them`)
}

/** How many signals of a person a run of TAMER holds. */
async function signalsOfPerson(folder: string): Promise<number> {
  if (!existsSync(join(folder, 'signals.jsonl'))) return 0
  if ((await keptTrainer(folder))?.kind === 'simulated') return 0
  return (await signalFile(folder)).given
}

/** Who gave the signals of a run of TAMER, by the recipe that it keeps. */
export async function keptTrainer<Trainer extends { readonly kind: string }>(
  folder: string,
): Promise<Trainer | undefined> {
  const kept = await readFile(join(folder, 'recipe.yaml'), 'utf8').catch(() => '')
  return (parse(kept) as { readonly trainer?: Trainer } | null)?.trainer
}
