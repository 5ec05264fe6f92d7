import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** A new secret of 256 bits, in letters that cookies and headers take. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** SHA-256 of a random secret: what is stored of it. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** Equality in a time that does not depend on where the texts differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(left!, right!)
}

/** The CSRF token of a session: nobody can make it who does not know the server's secret. */
export function csrfToken(serverSecret: string, session: string): string {
  return createHmac('sha256', serverSecret).update(`csrf ${session}`).digest('base64url')
}

/** Argon2id with 19 MiB, two passes, one lane (OWASP's recommendation). */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Passwords hashed at one time: more would take the threads that read files. */
const mostAtOnce = 2
let running = 0
const queue: (() => void)[] = []

/** A password as it is stored. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, cost))
}

/** Whether a password is the one that was stored; takes as long when nothing is stored. */
export async function isPassword(stored: string | null, password: string): Promise<boolean> {
  const nobody =
    '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  const matches = await inTurn(() => verify(stored ?? nobody, password))
  return matches && stored !== null
}

async function inTurn<T>(task: () => Promise<T>): Promise<T> {
  if (running >= mostAtOnce) await new Promise<void>((resolve) => queue.push(resolve))
  running++
  try {
    return await task()
  } finally {
    running--
    queue.shift()?.()
  }
}
