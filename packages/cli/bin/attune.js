#!/usr/bin/env node
// In a clone the command runs from source; what is published has been compiled.
import { existsSync } from 'node:fs'
import { register } from 'node:module'

const compiled = new URL('../dist/main.js', import.meta.url)
if (existsSync(compiled)) await import(compiled.href)
else {
  register('./source-condition.js', import.meta.url)
  const { register: registerTsx } = await import('tsx/esm/api')
  registerTsx()
  await import('../src/main.ts')
}
