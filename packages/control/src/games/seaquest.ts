import {
  boardSize,
  clampToBoard,
  type Draws,
  type GridGame,
  isAt,
  type Move,
  markTrail,
  type Traveller,
  travel,
} from './grid-game.ts'

interface Swimmer extends Traveller {
  wait: number
}

interface EnemySubmarine extends Swimmer {
  shotWait: number
}

interface Seaquest {
  readonly submarine: { column: number; row: number; right: boolean }
  oxygen: number
  divers: number
  atSurface: boolean
  shots: Traveller[]
  torpedoes: Traveller[]
  fish: Swimmer[]
  enemies: EnemySubmarine[]
  people: Swimmer[]
  enemyInterval: number
  enemyWait: number
  diverWait: number
  moveInterval: number
  reloadWait: number
  ramps: number
}

const fullTank = 200
const mostDivers = 6
const diverInterval = 30
const diverPace = 5
const reloadInterval = 5
const torpedoInterval = 10
const last = boardSize - 1

/**
 * Seaquest: a point for every fish or submarine shot, and at the surface with six divers a point for every tenth of the
 * tank. Touching an enemy, running out of oxygen or surfacing without divers ends the game.
 */
export const seaquest: GridGame<Seaquest> = {
  id: 'Seaquest',
  channels: [
    'front',
    'back',
    'shot',
    'trail',
    'torpedo',
    'fish',
    'enemy submarine',
    'oxygen',
    'divers on board',
    'diver',
  ],
  moves: ['none', 'left', 'up', 'right', 'down', 'fire'],
  start: () => ({
    submarine: { column: 5, row: 0, right: false },
    oxygen: fullTank,
    divers: 0,
    atSurface: true,
    shots: [],
    torpedoes: [],
    fish: [],
    enemies: [],
    people: [],
    enemyInterval: 20,
    enemyWait: 20,
    diverWait: diverInterval,
    moveInterval: 5,
    reloadWait: 0,
    ramps: 0,
  }),
  act: (state, move, draws) => {
    spawn(state, draws)
    steer(state, move)
    let reward = moveShots(state)
    movePeople(state)
    let over = false
    const swim = (swimmers: readonly Swimmer[]) => {
      const result = moveEnemies(state, swimmers)
      reward += result.reward
      over ||= result.touched
      return result.left
    }
    state.enemies = swim(state.enemies) as EnemySubmarine[]
    over = moveTorpedoes(state) || over
    state.fish = swim(state.fish)
    const air = breathe(state)
    return { reward: reward + air.reward, over: over || air.over }
  },
  paint,
}

function spawn(state: Seaquest, draws: Draws): void {
  if (state.enemyWait === 0) {
    spawnEnemy(state, draws)
    state.enemyWait = state.enemyInterval
  }
  if (state.diverWait === 0) {
    const right = draws.uniform() < 1 / 2
    state.people.push({ ...entry(right, draws), wait: diverPace })
    state.diverWait = diverInterval
  }
}

/** A fish or, one time in three, a submarine; none where it would meet one that comes the other way. */
function spawnEnemy(state: Seaquest, draws: Draws): void {
  const right = draws.uniform() < 1 / 2
  const isSubmarine = draws.uniform() < 1 / 3
  const place = entry(right, draws)
  const opposed = ({ row, right }: Swimmer) => row === place.row && right !== place.right
  if (state.enemies.some(opposed) || state.fish.some(opposed)) return
  const enemy = { ...place, wait: state.moveInterval }
  if (isSubmarine) state.enemies.push({ ...enemy, shotWait: torpedoInterval })
  else state.fish.push(enemy)
}

function entry(right: boolean, draws: Draws): Traveller {
  return { column: right ? 0 : last, row: 1 + draws.int(8), right }
}

function steer(state: Seaquest, move: Move): void {
  const { submarine } = state
  if (move === 'fire' && state.reloadWait === 0) {
    state.shots.push({ ...submarine })
    state.reloadWait = reloadInterval
  }
  if (move === 'left' || move === 'right') {
    submarine.right = move === 'right'
    submarine.column = clampToBoard(submarine.column + (submarine.right ? 1 : -1))
  }
  if (move === 'up') submarine.row = clampToBoard(submarine.row - 1)
  if (move === 'down') submarine.row = clampToBoard(submarine.row + 1, 0, 8)
}

/** The player's shots fly a cell, the newest first; each stops at what it hits. */
function moveShots(state: Seaquest): number {
  let reward = 0
  state.shots = state.shots.toReversed().filter((shot) => {
    if (!travel(shot)) return false
    const hit = hitBy(shot, state.fish) ?? hitBy(shot, state.enemies)
    if (hit) reward++
    return !hit
  })
  state.shots.reverse()
  return reward
}

/** Takes the first target on the shot's cell off its list. */
function hitBy(shot: Traveller, targets: Swimmer[]): Swimmer | undefined {
  const index = targets.findIndex((target) => isAt(target, shot))
  return index < 0 ? undefined : targets.splice(index, 1)[0]
}

/** Divers drift; the submarine takes on board those that it touches, six at most. */
function movePeople(state: Seaquest): void {
  const boards = (person: Swimmer) => {
    if (!isAt(person, state.submarine) || state.divers >= mostDivers) return false
    state.divers++
    return true
  }
  state.people = state.people.toReversed().filter((person) => {
    if (boards(person)) return false
    if (person.wait > 0) {
      person.wait--
      return true
    }
    person.wait = diverPace
    return travel(person) && !boards(person)
  })
  state.people.reverse()
}

interface Swum {
  readonly left: Swimmer[]
  readonly reward: number
  readonly touched: boolean
}

/** Fish and submarines swim, the newest first; one that swims into a shot is hit. Submarines fire torpedoes. */
function moveEnemies(state: Seaquest, swimmers: readonly Swimmer[]): Swum {
  let reward = 0
  let touched = false
  const left = swimmers.toReversed().filter((swimmer) => {
    if (isAt(swimmer, state.submarine)) touched = true
    let stays = true
    if (swimmer.wait > 0) swimmer.wait--
    else {
      swimmer.wait = state.moveInterval
      stays = travel(swimmer)
      if (stays && isAt(swimmer, state.submarine)) touched = true
      else if (stays) {
        const shot = state.shots.findIndex((shot) => isAt(swimmer, shot))
        if (shot >= 0) {
          state.shots.splice(shot, 1)
          reward++
          stays = false
        }
      }
    }
    if (isSubmarine(swimmer)) fireTorpedo(state, swimmer)
    return stays
  })
  return { left: left.reverse(), reward, touched }
}

function isSubmarine(swimmer: Swimmer): swimmer is EnemySubmarine {
  return 'shotWait' in swimmer
}

function fireTorpedo(state: Seaquest, enemy: EnemySubmarine): void {
  if (enemy.shotWait > 0) {
    enemy.shotWait--
    return
  }
  enemy.shotWait = torpedoInterval
  state.torpedoes.push({ column: enemy.column, row: enemy.row, right: enemy.right })
}

function moveTorpedoes(state: Seaquest): boolean {
  let touched = false
  state.torpedoes = state.torpedoes.filter((torpedo) => {
    const before = isAt(torpedo, state.submarine)
    const stays = travel(torpedo)
    if (before || (stays && isAt(torpedo, state.submarine))) touched = true
    return stays
  })
  return touched
}

/** Timers, oxygen, and what the surface brings. */
function breathe(state: Seaquest): { reward: number; over: boolean } {
  if (state.enemyWait > 0) state.enemyWait--
  if (state.diverWait > 0) state.diverWait--
  if (state.reloadWait > 0) state.reloadWait--
  const suffocated = state.oxygen <= 0
  if (state.submarine.row > 0) {
    state.oxygen--
    state.atSurface = false
    return { reward: 0, over: suffocated }
  }
  if (state.atSurface) return { reward: 0, over: suffocated }
  if (state.divers === 0) return { reward: 0, over: true }
  return { reward: surface(state), over: suffocated }
}

/** The tank is filled, a diver goes (six all at once, which leaves −1 as in the published game), enemies grow faster. */
function surface(state: Seaquest): number {
  state.atSurface = true
  const rescued = state.divers === mostDivers
  const reward = rescued ? tenths(state.oxygen) : 0
  state.divers = (rescued ? 0 : state.divers) - 1
  state.oxygen = fullTank
  if (state.enemyInterval > 1 || state.moveInterval > 2) {
    if (state.moveInterval > 2 && state.ramps % 2 === 1) state.moveInterval--
    if (state.enemyInterval > 1) state.enemyInterval--
    state.ramps++
  }
  return reward
}

function tenths(oxygen: number): number {
  return Math.floor((Math.max(oxygen, 0) * 10) / fullTank)
}

function paint(state: Seaquest, mark: (channel: number, row: number, column: number) => void): void {
  const { submarine } = state
  mark(0, submarine.row, submarine.column)
  mark(1, submarine.row, submarine.column + (submarine.right ? -1 : 1))
  const groups: [number, readonly Traveller[]][] = [
    [2, state.shots],
    [4, state.torpedoes],
    [5, state.fish],
    [6, state.enemies],
    [9, state.people],
  ]
  for (const [channel, things] of groups) for (const { row, column } of things) mark(channel, row, column)
  for (const things of [state.fish, state.enemies, state.people])
    for (const thing of things) markTrail(thing, mark, 3)
  for (let column = 0; column < tenths(state.oxygen); column++) mark(7, last, column)
  for (let column = last - state.divers; column < last; column++) mark(8, last, column)
}
